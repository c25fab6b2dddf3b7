import type { ByteSource } from '../../analyzers/bytes/source.ts';
import type { Problem } from '../../analyzers/model/problem.ts';
import type { Excerpt } from '../../analyzers/rpc/contracts.ts';

/** Bytes of an excerpt, and of one line of it. */
const most = 64;
const line = 16;

/**
 * At most 64 bytes around a place, in whole lines of 16: two lines before it where there are so many, the last lines
 * for a place at or behind the end, the first ones when no place is known. Reads nothing else of the file.
 */
export async function excerptOf(
  source: ByteSource,
  offset: number | null,
  signal: AbortSignal,
): Promise<Excerpt> {
  const { size } = source;
  const last = Math.max(0, lineOf(Math.max(0, size - 1)) - (most - line));
  const start = Math.max(0, Math.min(lineOf(offset ?? 0) - 2 * line, last));
  const length = Math.min(most, size - start);
  const bytes = new Uint8Array(length);
  if (length > 0) await source.read(start, bytes, signal);
  return { size, start, bytes };
}

const lineOf = (offset: number): number => offset - (offset % line);

/** Bytes are shown of a file that could not be read, or is told to be cut off: of no file that was read whole. */
export const mayShowBytes = (of: {
  readonly failure: string | undefined;
  readonly problems: readonly Problem[];
}): boolean =>
  of.failure !== undefined ||
  of.problems.some(({ code, severity }) => code === 'file/truncated' && severity === 'error');

import { Cursor, EndOfFile } from '../../bytes/cursor.ts';
import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { LengthPlace } from '../../model/frame.ts';
import type { Extent } from '../../model/tensor.ts';
import { headBytes } from './wire.ts';

interface Open {
  readonly end: number;
  readonly place: LengthPlace;
}

/**
 * The lengths around each run of numbers, the outermost first, found in one walk down from the start of the file.
 * `runs` lie in the model's own file and ascend: payloads of packed fields, whose own length is the last one of theirs,
 * or fields that stand element by element. Throws 'file/changed' when the file is not what the places were found in.
 */
export async function enclosingLengths(
  source: ByteSource,
  runs: readonly Extent[],
  signal: AbortSignal,
): Promise<readonly (readonly LengthPlace[])[]> {
  const cursor = new Cursor(source, signal);
  const open: Open[] = [];
  const found: (readonly LengthPlace[])[] = [];
  try {
    for (const run of runs) found.push(await lengthsOf(cursor, open, run, signal));
  } catch (error) {
    if (error instanceof EndOfFile) throw changed(source.name, cursor.at);
    throw error;
  }
  return found;

  async function lengthsOf(
    at: Cursor,
    stack: Open[],
    { offset, byteLength }: Extent,
    stop: AbortSignal,
  ): Promise<readonly LengthPlace[]> {
    for (let fields = 0; ; fields += 1) {
      if (fields % 4096 === 0) stop.throwIfAborted();
      while (stack.length > 0 && at.at >= stack.at(-1)!.end) stack.pop();
      if (at.at > offset) throw changed(source.name, offset);
      const around = stack.map(({ place }) => place);
      if (at.at === offset) return around;
      const head = await readHead(at);
      const end = head.payload + head.length;
      if (end > (stack.at(-1)?.end ?? at.size)) throw changed(source.name, head.start);
      if (!head.delimited || end <= offset || head.payload > offset) {
        at.at = end;
        continue;
      }
      const place = { offset: head.lengthAt, size: head.payload - head.lengthAt, value: head.length };
      if (head.payload === offset && head.length === byteLength) {
        at.at = end;
        return [...around, place];
      }
      if (stack.length > limits.depth) throw changed(source.name, head.start);
      stack.push({ end, place });
      at.at = head.payload;
    }
  }

  async function readHead(at: Cursor): Promise<{
    start: number;
    lengthAt: number;
    payload: number;
    length: number;
    delimited: boolean;
  }> {
    if (at.short(headBytes)) await at.fill();
    const start = at.at;
    const wire = at.varint() % 8;
    const lengthAt = at.at;
    if (wire === 0) at.varint();
    const length = wire === 2 ? at.varint() : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 3 || wire === 4 || wire > 5 || !Number.isSafeInteger(length))
      throw changed(source.name, start);
    return { start, lengthAt, payload: at.at, length, delimited: wire === 2 };
  }
}

const changed = (name: string, offset: number): ReadError =>
  new ReadError(
    'file/changed',
    name,
    `${name} is not as it was when it was opened (seen at byte ${offset.toString()}); run again`,
    offset,
  );

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { SourceRef } from '../bytes/source.ts';
import type { Recipe } from '../report/recipe.ts';
import type { WriteJob, Written } from '../rpc/contracts.ts';
import { graceMs } from '../run/crew.ts';
import type { Analysed, Pool } from '../run/pool.ts';
import { clearDraft } from './fileSink.ts';

/** What is written, and where. */
export type WriteOrder = Pick<WriteJob, 'what' | 'out' | 'overwrite' | 'removeDeadUnits'>;

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** A finished run that the recipe came from: nothing is prepared again. */
  readonly reuse?: Analysed | undefined;
  readonly progress?: (share: number) => void;
}

/**
 * Writes files over the pool. On an error or a cancel nothing is left of them, even when the worker had to be ended or
 * the process ends: whatever is not whole lies in one folder beside `out`, which is removed.
 */
export async function writeFiles(
  pool: Pool,
  source: SourceRef,
  recipe: Recipe,
  order: WriteOrder,
  options: WriteOptions,
): Promise<Written> {
  const { out } = order;
  const draft = `.slimscope.${randomBytes(6).toString('hex')}.part`;
  const folder = path.join(path.dirname(path.resolve(out)), draft);
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', atExit);
  try {
    const written = await pool.write(source, recipe, { ...order, draft }, options);
    process.off('exit', atExit);
    return written;
  } catch (error) {
    const clear = (): Promise<void> => clearDraft({ out, draft }).catch(() => undefined);
    await clear();
    // A worker that was told to stop may still hold files open, or open one.
    setTimeout(() => void clear().then(() => process.off('exit', atExit)), 2 * graceMs).unref();
    throw error;
  }
}

import { rmSync } from 'node:fs';
import type { SourceRef } from '../bytes/source.ts';
import type { Recipe } from '../report/recipe.ts';
import type { WriteJob, Written } from '../rpc/contracts.ts';
import { graceMs } from '../run/crew.ts';
import type { Analysed } from '../run/known.ts';
import type { Pool } from '../run/pool.ts';
import { clearDraft, draftOf, newDraft, placeFiles } from './draft.ts';

/** What is written, and where. */
export type WriteOrder = Pick<WriteJob, 'what' | 'out' | 'overwrite' | 'removeDeadUnits'>;

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** A finished run that the recipe came from: nothing is prepared again. */
  readonly reuse?: Analysed | undefined;
  readonly progress?: (share: number) => void;
}

/**
 * Writes files over the pool, and moves them to their places when all are whole. On an error or a cancel nothing is left
 * of them, even when the worker had to be ended or the process ends: until then they lie in one folder beside `out`,
 * which is removed.
 */
export async function writeFiles(
  pool: Pool,
  source: SourceRef,
  recipe: Recipe,
  order: WriteOrder,
  options: WriteOptions,
): Promise<Written> {
  const draft = newDraft();
  const to = { ...order, draft, own: [source] };
  const atExit = (): void => rmSync(draftOf(to), { recursive: true, force: true });
  const clear = (): Promise<void> => clearDraft(to).catch(() => undefined);
  process.on('exit', atExit);
  try {
    const written = await pool.write(source, recipe, { ...order, draft }, options);
    options.signal.throwIfAborted();
    await placeFiles(
      to,
      written.files.map(({ name }) => name),
    );
    await clear();
    process.off('exit', atExit);
    return written;
  } catch (error) {
    await clear();
    // A worker that was told to stop may still hold files open, or open one.
    setTimeout(() => void clear().then(() => process.off('exit', atExit)), 2 * graceMs).unref();
    throw error;
  }
}

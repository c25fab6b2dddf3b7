import type { Settled } from '../analyses/settleLayer.ts';
import { ReadError } from '../bytes/errors.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import type { LayerContext } from '../report/context.ts';
import type { Recipe } from '../report/recipe.ts';
import { counted } from '../report/units.ts';
import { frameOf, unwritable } from './frame.ts';
import { passesOf, settleForWriting, type TaskOptions } from './layerSource.ts';
import { layoutIn, type Layout, type Placed } from './layout.ts';
import { measureRuns } from './runs.ts';

/** A model that is to be written with new weights. */
export interface ModelJob {
  readonly model: Model;
  readonly layers: readonly Layer[];
  readonly sources: Sources;
  /** In which every layer's rule stands by itself. */
  readonly recipe: Recipe;
  /** What was found over all layers; without it, rules that need it are refused. */
  readonly context?: LayerContext;
}

/** What is written of a model, decided before the first byte is. */
export interface Plan {
  /** The layers that get new weights, by the number that `layout` has for them. */
  readonly settled: readonly Settled[];
  readonly layout: Layout;
  /** Layers that are carried as they are and why, and what else is not as it was. */
  readonly notes: readonly string[];
}

/**
 * Settles every layer whose place can be written, and lays out the files. `progress` goes from 0 to 1.
 * Throws the model's own code when its weights are not all there, 'slim/twice' of a container, and the signal's reason.
 */
export async function planWriting(job: ModelJob, options: TaskOptions): Promise<Plan> {
  const { model, sources } = job;
  const { signal } = options;
  const refused = unwritable(model);
  if (refused !== null) throw refused;
  const frame = await frameOf(model, job.layers, sources, signal);
  const byIndex = new Map(job.layers.map((layer) => [layer.index, layer]));
  const chosen = frame.layers.map((framed) => ({ ...framed, layer: byIndex.get(framed.layer)! }));
  const notes = [...frame.notes];
  if (job.layers.every(isWithoutWeights)) notes.push(nothingToCompress);
  const settled: Settled[] = [];
  const placed: Placed[] = [];
  const along = ladder(chosen.map(({ layer: { rows, cols } }) => rows * cols));
  for (const [i, { layer, around }] of chosen.entries()) {
    const progress = (share: number): void => options.progress(along(i, share));
    try {
      const one = await settleForWriting(layer, job.recipe, sources, { ...options, progress }, job.context);
      const runs = await measureRuns(one, passesOf(one, sources, options.breathe), sources, signal);
      // Nothing of such a layer changes, so nobody misses anything.
      if (runs === null) continue;
      settled.push(one);
      placed.push({ runs, around });
    } catch (error) {
      if (!(error instanceof ReadError) || error.code !== 'weights/malformed') throw error;
      notes.push(`${layer.name} is carried as it is: ${error.message}`);
    }
  }
  for (const [i, { layer }] of settled.entries()) {
    const grows = placed[i]!.runs.reduce((sum, { bytes, extent }) => sum + bytes - extent.byteLength, 0);
    if (grows > 0)
      notes.push(
        `${layer.name}: its new numbers take ${counted(grows, 'byte')} more as varints; the lengths around them are rewritten`,
      );
  }
  return { settled, layout: layoutIn(frame, placed), notes };
}

const isWithoutWeights = ({ rows, cols, weight }: Layer): boolean =>
  weight.data.kind === 'none' || rows * cols === 0;

const nothingToCompress =
  'There were no weights to compress: no layer of this model has any that can be read, so all of it is carried as it is';

/** The share of all work that is done when the i-th piece is done to a share. */
export function ladder(pieces: readonly number[]): (i: number, share: number) => number {
  const total = Math.max(
    1,
    pieces.reduce((sum, piece) => sum + piece, 0),
  );
  const before: number[] = [];
  let sum = 0;
  for (const piece of pieces) {
    before.push(sum);
    sum += piece;
  }
  return (i, share) => (before[i]! + share * pieces[i]!) / total;
}

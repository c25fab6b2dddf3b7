import type { Settled } from '../analyses/settleLayer.ts';
import { ReadError } from '../bytes/errors.ts';
import type { Sources } from '../bytes/sources.ts';
import { enclosingLengths, type LengthPlace } from '../formats/onnx/enclosing.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import type { LayerContext } from '../report/context.ts';
import type { Recipe } from '../report/recipe.ts';
import { passesOf, settleForWriting, type TaskOptions } from './layerSource.ts';
import { codable, layoutOf, type Layout } from './layout.ts';
import { measureRuns, type Run } from './runs.ts';
import { ascends } from './sparseValues.ts';

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
 * Throws the model's own code when its weights are not all there, and the signal's reason.
 */
export async function planWriting(job: ModelJob, options: TaskOptions): Promise<Plan> {
  const { model, sources } = job;
  const { signal } = options;
  refuseIncomplete(model);
  const chosen = codable(model, job.layers);
  const notes = [...chosen.notes];
  const settled: Settled[] = [];
  const runs: (readonly Run[])[] = [];
  const along = ladder(chosen.layers.map(({ rows, cols }) => rows * cols));
  for (const [i, layer] of chosen.layers.entries()) {
    const progress = (share: number): void => options.progress(along(i, share));
    try {
      if (!(await ascends(layer.weight, sources, signal))) {
        notes.push(`${layer.name} is carried as it is: the positions of its values do not ascend`);
        continue;
      }
      const one = await settleForWriting(layer, job.recipe, sources, { ...options, progress }, job.context);
      const own = await measureRuns(one, passesOf(one, sources, options.breathe), sources, signal);
      if (own === null) {
        // Nothing of it changes, so nobody misses anything.
        continue;
      }
      settled.push(one);
      runs.push(own);
    } catch (error) {
      if (!(error instanceof ReadError) || error.code !== 'weights/malformed') throw error;
      notes.push(`${layer.name} is carried as it is: ${error.message}`);
    }
  }
  const around = await lengthsAround(runs.flat(), sources, signal);
  for (const [i, { layer }] of settled.entries()) {
    const grows = runs[i]!.reduce((sum, { bytes, extent }) => sum + bytes - extent.byteLength, 0);
    if (grows > 0)
      notes.push(
        `${layer.name}: its new numbers take ${grows.toString()} bytes more as varints; the lengths around them are rewritten`,
      );
  }
  return { settled, layout: layoutOf(model.files, runs, around), notes };
}

/** The lengths around each run that grows. Only runs in the model's own file can: those beside it are raw. */
async function lengthsAround(
  runs: readonly Run[],
  sources: Sources,
  signal: AbortSignal,
): Promise<ReadonlyMap<Run, readonly LengthPlace[]>> {
  const growing = runs
    .filter(({ bytes, extent }) => bytes > extent.byteLength)
    .toSorted((a, b) => a.extent.offset - b.extent.offset);
  if (growing.length === 0) return new Map();
  const found = await enclosingLengths(
    await sources.at(0),
    growing.map(({ extent }) => extent),
    signal,
  );
  return new Map(growing.map((run, i) => [run, found[i]!]));
}

function refuseIncomplete({ name, tensors, problems }: Model): void {
  const cut = problems.find(({ code }) => code === 'file/truncated');
  if (cut !== undefined) throw new ReadError('file/truncated', name, cut.message, cut.at.offset ?? undefined);
  for (const { data } of tensors)
    if (data.kind === 'none' && data.code.startsWith('onnx/external-data-'))
      throw new ReadError(
        'onnx/external-data-missing',
        name,
        `${data.reason}. Nothing is written without it`,
      );
}

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

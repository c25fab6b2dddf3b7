import { layerPasses, type LayerPasses } from '../analyses/newWeights.ts';
import { settleLayer, type Settled } from '../analyses/settleLayer.ts';
import { emptyHeld } from '../analyses/heldValues.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Layer } from '../model/layer.ts';
import { readRowFactors } from '../model/rowFactors.ts';
import { readRaw, readSteps, readWeights } from '../model/weights.ts';
import type { LayerContext } from '../report/context.ts';
import type { Recipe } from '../report/recipe.ts';

/** How a long task lets others in, and what it may be asked to do. */
export interface TaskOptions {
  readonly signal: AbortSignal;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** Resolves in a later turn of the event loop, so that a cancel gets through. */
  readonly breathe: () => Promise<void>;
}

/** A settled layer without what only settling needs of it: its values, which can be many. */
export async function settleForWriting(
  layer: Layer,
  recipe: Recipe,
  sources: Sources,
  { signal, progress, breathe }: TaskOptions,
  context?: LayerContext,
): Promise<Settled> {
  const settled = await settleLayer(
    layer,
    recipe,
    (stop) => breathing(readWeights(sources, layer, stop), breathe),
    {
      signal,
      progress,
      profile: null,
      ...(context === undefined ? {} : { context }),
      factors: (stop) => readRowFactors(sources, layer, stop),
      steps: (stop) => readSteps(sources, layer, stop),
      raw: (stop) => breathing(readRaw(sources, layer.weight, stop), breathe),
    },
  );
  return { ...settled, survey: { ...settled.survey, distinct: null, held: emptyHeld() } };
}

/** The passes over a settled layer's weights in the model's files. */
export function passesOf(settled: Settled, sources: Sources, breathe: () => Promise<void>): LayerPasses {
  const { layer } = settled;
  return layerPasses(
    settled,
    (signal) => breathing(readWeights(sources, layer, signal), breathe),
    (signal) => readRaw(sources, layer.weight, signal),
  );
}

async function* breathing<T>(chunks: AsyncIterable<T>, breathe: () => Promise<void>): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    await breathe();
    yield chunk;
  }
}

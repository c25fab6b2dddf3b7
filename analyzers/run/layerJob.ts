import type { Compressor } from '../bytes/compressor.ts';
import { ReadError } from '../bytes/errors.ts';
import type { Sources } from '../bytes/sources.ts';
import { layerReportOf } from '../analyses/analyzeLayer.ts';
import { layerEie, slicesToSurvey } from '../analyses/eieLayer.ts';
import { curvesOf } from '../analyses/curves.ts';
import { magnitudesOf, type MagnitudeCounts } from '../analyses/magnitudes.ts';
import { layerPasses } from '../analyses/newWeights.ts';
import { settleLayer, type AnalyzeOptions, type Settled } from '../analyses/settleLayer.ts';
import { maskForTile } from '../analyses/tileMask.ts';
import { tileOf } from '../analyses/tile.ts';
import type { Stopwatch } from '../analyses/timing.ts';
import { unreadLayer } from '../analyses/unreadLayer.ts';
import { measureRuns } from '../container/runs.ts';
import type { Pass, RawPass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { readRowFactors } from '../model/rowFactors.ts';
import { readRaw, readSteps, readWeights } from '../model/weights.ts';
import type { CurveGrid } from '../report/budget.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerCurves } from '../report/curves.ts';
import type { LayerProfile, LayerReport, SlimLayerForm } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Tile, TileMask, TileWindow } from '../report/tile.ts';

/** What one thread has for its layers: how it lets other messages in between chunks, and where weights are kept. */
export interface Bench {
  /** Resolves in a later turn of the event loop, so that a cancel gets through. */
  readonly breathe: () => Promise<void>;
  /** A pass that may answer from memory. */
  readonly remember: (layer: Layer, pass: Pass) => Pass;
  /** What the study of coders compares with. */
  readonly compressors?: readonly Compressor[];
  /** What times are taken with; without it none are. */
  readonly stopwatch?: Stopwatch;
}

export interface LayerJob {
  readonly layer: Layer;
  readonly recipe: Recipe;
  readonly context: LayerContext;
  /** What an earlier run found in the same bytes. */
  readonly profile: LayerProfile | null;
}

/** One layer in, one report out. A weight that cannot be read is a report with the reason and no figures. */
export async function runLayer(
  sources: Sources,
  { layer, recipe, context, profile }: LayerJob,
  bench: Bench,
  options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Promise<LayerReport> {
  const { data } = layer.weight;
  if (data.kind === 'none') return unreadLayer(layer, [problemOf(layer, data.code, data.reason, null, null)]);
  try {
    const weights = passOver(sources, layer, bench);
    const settled = await settleLayer(layer, recipe, weights, {
      ...options,
      ...settlingOf(sources, { layer, context, profile }, bench),
      interleaving: slicesToSurvey(layer),
    });
    const report = layerReportOf(
      settled,
      await storedBytes(settled, weights, sources, bench, options.signal),
      await layerEie(settled, { weights }, options.signal),
    );
    options.progress(1);
    return report;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const file = error.file === '' ? null : error.file;
    return unreadLayer(layer, [problemOf(layer, error.code, error.message, file, error.offset ?? null)]);
  }
}

/** What settling a layer needs besides its weights. */
export const settlingOf = (
  sources: Sources,
  { layer, context, profile }: Omit<LayerJob, 'recipe'>,
  bench: Bench,
): Omit<AnalyzeOptions, 'signal' | 'progress'> => ({
  profile,
  context,
  factors: (signal) => readRowFactors(sources, layer, signal),
  steps: (signal) => readSteps(sources, layer, signal),
  raw: rawPass(sources, layer, bench),
});

/** One layer's part in a threshold over all layers. Throws ReadError when its weights cannot be read. */
export function runMagnitudes(
  sources: Sources,
  { layer, recipe, profile, digits }: Omit<LayerJob, 'context'> & { readonly digits: readonly number[] },
  bench: Bench,
  { signal }: { readonly signal: AbortSignal },
): Promise<MagnitudeCounts> {
  return magnitudesOf(layer, recipe, passOver(sources, layer, bench), digits, {
    signal,
    profile,
    factors: (stop) => readRowFactors(sources, layer, stop),
    steps: (stop) => readSteps(sources, layer, stop),
  });
}

/** What the numbers of a settled layer would take in the model's file: see SlimLayerForm. */
async function storedBytes(
  settled: Settled,
  weights: Pass,
  sources: Sources,
  bench: Bench,
  signal: AbortSignal,
): Promise<SlimLayerForm['stored']> {
  const { layer } = settled;
  if (layer.weight.data.kind === 'raw') return [];
  const raw = rawPass(sources, layer, bench);
  if (raw === null) return null;
  const runs = await measureRuns(settled, layerPasses(settled, weights, raw), sources, signal);
  return runs?.map(({ bytes, written: { pad } }) => ({ bytes, pad })) ?? null;
}

/** Coded bits and distortion of one layer over density and bits; no points where its weights cannot be read. */
export async function runCurves(
  sources: Sources,
  { layer, recipe, profile, grid }: Omit<LayerJob, 'context'> & { readonly grid?: CurveGrid | null },
  bench: Bench,
  options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Promise<LayerCurves> {
  const none: LayerCurves = { points: [], profile: null, mask: 'none' };
  if (layer.weight.data.kind === 'none') return none;
  try {
    return await curvesOf(layer, recipe, passOver(sources, layer, bench), {
      ...options,
      profile,
      factors: (signal) => readRowFactors(sources, layer, signal),
      steps: (signal) => readSteps(sources, layer, signal),
      grid: grid ?? null,
    });
  } catch (error) {
    if (error instanceof ReadError) return none;
    throw error;
  }
}

/** A tile of one layer. Throws ReadError when its weights cannot be read, RecipeError when the mask's rule means nothing. */
export async function pictureOf(
  sources: Sources,
  layer: Layer,
  { mask, window }: { readonly mask: TileMask; readonly window: TileWindow },
  bench: Bench,
  signal: AbortSignal,
): Promise<Tile> {
  const pass = passOver(sources, layer, bench);
  const factors = (stop: AbortSignal): Promise<Float64Array | null> => readRowFactors(sources, layer, stop);
  return tileOf(layer, window, await maskForTile(layer, mask, pass, { factors, signal }), pass, signal);
}

/** The layer's weights as real numbers, as often as they are wanted. */
export function passOver(sources: Sources, layer: Layer, bench: Bench): Pass {
  const remembered = bench.remember(layer, (signal) => readWeights(sources, layer, signal));
  return (signal) => breathing(remembered(signal), signal, bench.breathe);
}

/** The stored elements as often as they are wanted. */
export function rawPass(sources: Sources, { weight }: Layer, bench: Bench): RawPass {
  return (signal) => breathing(readRaw(sources, weight, signal), signal, bench.breathe);
}

async function* breathing<T>(
  chunks: AsyncIterable<T>,
  signal: AbortSignal,
  breathe: () => Promise<void>,
): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    await breathe();
    signal.throwIfAborted();
    yield chunk;
  }
}

/** A layer's problem that stands in the place of its figures. */
export const problemOf = (
  layer: Layer,
  code: string,
  message: string,
  file: string | null,
  offset: number | null,
): Problem => ({
  severity: 'error',
  code,
  message,
  at: { file, tensor: layer.tensorIndex === null ? null : layer.weight.name, offset },
});

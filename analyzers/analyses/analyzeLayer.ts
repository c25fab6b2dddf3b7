import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { Pass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { LayerProfile, LayerPrune, LayerReport, LayerShare } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { pruneText, resolveRule } from '../report/rules.ts';
import { bytesText, countText } from '../report/units.ts';
import { codebookEntryBits, codebookOf, type Codebook } from './codebook.ts';
import { surveyKept, type KeptWeights } from './keptWeights.ts';
import { losslessCounter } from './lossless.ts';
import { profileCounter } from './profile.ts';
import { sizesOf, type Sizes } from './sizes.ts';
import { sweepsOf, type Sweep } from './sweeps.ts';
import { thresholdOf } from './threshold.ts';
import { layerHead } from './unreadLayer.ts';

export interface AnalyzeOptions {
  /** Aborting it ends the analysis between two chunks with the signal's reason. */
  readonly signal: AbortSignal;
  /** What an earlier run found in the same weights; it is not computed again. */
  readonly profile: LayerProfile | null;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** The stored numbers of a quantised layer, without scale and zero point: what its lossless coding is of. */
  readonly stored?: Pass;
  /** Scale and zero point of a quantised layer: its centroids then lie on this grid, else on values that it holds. */
  readonly steps?: (signal: AbortSignal) => Promise<QuantisationSteps | null>;
}

/** Passes that most layers take: profile, threshold (two), kept weights; those with millions of kept weights take four more. */
const usualPasses = 4;

/**
 * One layer in, one report out: profile, threshold, kept weights, codebook, codes, sizes. The layer is streamed
 * several times and never held: what is kept of it are counts (of magnitudes, gaps, values, buckets, codes, bytes),
 * and of its kept weights at most heldCap, so that memory does not grow with it. NaN and infinities count as not kept, and are told.
 */
export async function analyzeLayer(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<LayerReport> {
  const head = layerHead(layer);
  const { weights } = head;
  const sweep = sweepsOf(pass, weights, usualPasses, options);
  const { profile, lossless } = await firstLook(layer, weights, sweep, options);
  const rule = resolveRule(recipe, {
    name: layer.name,
    tensor: head.tensor,
    op: layer.op,
    first: layer.first,
    weights,
    zeros: profile.zeros,
  });
  const threshold = await thresholdOf(rule.prune, weights, profile, sweep);
  const survey = await surveyKept(layer, threshold, rule.share.kind !== 'none', sweep);
  const prune: LayerPrune = {
    rule: pruneText(rule.prune),
    threshold,
    kept: survey.kept,
    ties: survey.ties,
    density: weights === 0 ? 0 : survey.kept / weights,
    deadRows: survey.deadRows,
    deadCols: survey.deadCols,
  };
  const { share: shareRule } = rule;
  // Pruned weights and padding take code 0; only a layer that keeps every weight can use it for a centroid.
  const zeroReserved = survey.kept < weights;
  const codebook =
    shareRule.kind === 'none'
      ? null
      : await codebookOf(
          layer,
          survey,
          shareRule.method,
          2 ** shareRule.bits - (zeroReserved ? 1 : 0),
          sweep,
          (await options.steps?.(options.signal)) ?? null,
        );
  const sizes = sizesOf({
    weights,
    rows: layer.rows,
    kept: survey.kept,
    valueBits: dtypeBits[layer.weight.dtype],
    gaps: survey.gaps,
    share:
      codebook === null || shareRule.kind === 'none'
        ? null
        : { bits: shareRule.bits, counts: codebook.counts, entryBits: codebookEntryBits(layer) },
    index: rule.index,
    lossless,
    losslessOnly: recipe.lossless,
  });
  const noise = survey.energy.lost + (codebook?.error ?? 0);
  options.progress(1);
  return {
    ...head,
    profile,
    prune,
    share: codebook === null ? null : shareOf(rule.share, codebook, zeroReserved, survey, sizes),
    sqnrDb: decibels(survey.energy.kept + survey.energy.lost, noise),
    exact: noise === 0 && profile.nonFinite === 0,
    encode: sizes.encode,
    problems: problemsOf(layer, profile, prune),
  };
}

/** The first pass: the profile, unless it is known, and the bytes that lossless coding takes. */
async function firstLook(
  layer: Layer,
  weights: number,
  sweep: Sweep,
  options: AnalyzeOptions,
): Promise<{ profile: LayerProfile; lossless: number }> {
  const counter = options.profile === null ? profileCounter(layer) : null;
  const bytes = losslessCounter(layer.weight.dtype);
  const takers = counter === null ? [] : [counter.take];
  if (layer.quantisation === null) await sweep(...takers, bytes.take);
  else {
    if (takers.length > 0) await sweep(...takers);
    if (options.stored !== undefined)
      await sweepsOf(options.stored, weights, 1, { signal: options.signal, progress: () => {} })(bytes.take);
  }
  const profile = options.profile ?? counter!.profile();
  return { profile, lossless: bytes.bits(weights) };
}

function shareOf(
  rule: LayerRule['share'],
  { centroids, counts, error }: Codebook,
  zeroReserved: boolean,
  { kept, energy }: KeptWeights,
  sizes: Sizes,
): LayerShare | null {
  if (rule.kind === 'none') return null;
  return {
    bits: rule.bits,
    k: centroids.length,
    zeroReserved,
    method: rule.method,
    centroids: Array.from(centroids),
    counts: Array.from(counts),
    codeLengths: sizes.codeLengths,
    paddingLength: sizes.paddingLength,
    mse: kept === 0 ? 0 : Math.min(error / kept, Number.MAX_VALUE),
    sqnrDb: decibels(energy.kept, error),
  };
}

/** Signal to noise in dB; null where there is no noise (exact) or no finite ratio. */
function decibels(signal: number, noise: number): number | null {
  const ratio = 10 * Math.log10(signal / noise);
  return Number.isFinite(ratio) ? ratio : null;
}

function problemsOf(layer: Layer, profile: LayerProfile, prune: LayerPrune): Problem[] {
  const at = {
    file: null,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    offset: null,
  };
  const problems: Problem[] = [];
  if (profile.nonFinite > 0)
    problems.push({
      severity: 'warning',
      code: 'weights/non-finite',
      message: `${layer.name} has ${profile.nonFinite.toString()} weights that are NaN or infinite; they count as not kept, and every figure is of the others. Train or export the model again.`,
      at,
    });
  const dead = deadText(layer, prune);
  if (dead !== null && profile.zeros + profile.nonFinite < layer.rows * layer.cols)
    problems.push({
      severity: 'note',
      code: 'analysis/dead-units',
      message: `${layer.name}: ${dead}`,
      at,
    });
  return problems;
}

/** Which outputs and inputs keep no weight, and the bytes of their rows and columns as stored; null when there are none. */
function deadText({ rows, cols, weight }: Layer, { deadRows, deadCols }: LayerPrune): string | null {
  const units = (dead: number, of: number, length: number, what: string, lines: string): string => {
    const bytes = bytesText((dead * length * dtypeBits[weight.dtype]) / 8);
    return `${countText(dead)} of ${countText(of)} ${what}; ${lines} hold ${bytes} of the dense weights.`;
  };
  const parts: string[] = [];
  if (deadRows > 0)
    parts.push(units(deadRows, rows, cols, 'outputs keep no weight and are constant', 'their rows'));
  if (deadCols > 0) parts.push(units(deadCols, cols, rows, 'inputs are read by no weight', 'their columns'));
  return parts.length > 0 ? parts.join(' ') : null;
}

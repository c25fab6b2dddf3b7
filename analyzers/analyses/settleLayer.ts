import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { Pass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { resolveRule } from '../report/rules.ts';
import { codebookEntryBits, codebookOf, type Codebook } from './codebook.ts';
import { surveyKept, type KeptWeights } from './keptWeights.ts';
import { losslessCounter } from './lossless.ts';
import { maskOf, type Masked } from './mask.ts';
import { profileCounter } from './profile.ts';
import { sizesOf, type Sizes } from './sizes.ts';
import { sweepsOf, type Sweep } from './sweeps.ts';
import { layerHead, type LayerHead } from './unreadLayer.ts';

export interface AnalyzeOptions {
  /** Aborting it ends the analysis between two chunks with the signal's reason. */
  readonly signal: AbortSignal;
  /** What an earlier run found in the same weights; it is not computed again. */
  readonly profile: LayerProfile | null;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** What the other layers decide for this one. */
  readonly context?: LayerContext;
  /** The stored numbers of a quantised layer, without scale and zero point: what its lossless coding is of. */
  readonly stored?: Pass;
  /** Scale and zero point of a quantised layer: its centroids then lie on this grid, else on values that it holds. */
  readonly steps?: (signal: AbortSignal) => Promise<QuantisationSteps | null>;
  /** What the batch norm behind the layer multiplies each row by; null without one. */
  readonly rowScale?: (signal: AbortSignal) => Promise<Float64Array | null>;
}

/** Everything that is decided about one layer: enough to tell its figures, and to write its streams in more passes. */
export interface Settled {
  readonly layer: Layer;
  readonly head: LayerHead;
  readonly profile: LayerProfile;
  readonly rule: LayerRule;
  readonly masked: Masked;
  readonly survey: KeptWeights;
  readonly codebook: Codebook | null;
  /** Code 0 is zero: a padding entry, or a pruned weight. */
  readonly zeroReserved: boolean;
  readonly sizes: Sizes;
}

/** Passes that most layers take: profile, threshold (two), kept weights; those with millions of kept weights take four more. */
const usualPasses = 4;

/**
 * Profile, mask, kept weights, codebook, codes, sizes. The layer is streamed several times and never held: what is
 * kept of it are counts (of magnitudes, gaps, values, buckets, codes, bytes), of its kept weights at most heldCap,
 * and for structured rules one bit a weight. NaN and infinities count as not kept, and are told.
 */
export async function settleLayer(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<Settled> {
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
  const masked = await maskOf(layer, rule, profile, sweep, options);
  const survey = await surveyKept(layer, masked.mask, masked.threshold, rule.share.kind !== 'none', sweep);
  const { share } = rule;
  // Pruned weights and padding take code 0; only a layer that keeps every weight can use it for a centroid.
  const zeroReserved = survey.kept < weights;
  const steps = (await options.steps?.(options.signal)) ?? null;
  const codebook =
    share.kind === 'none' ? null : await codebookOf(layer, survey, share, zeroReserved, sweep, steps);
  const sizes = sizesOf({
    weights,
    rows: layer.rows,
    cols: layer.cols,
    kept: survey.kept,
    valueBits: dtypeBits[layer.weight.dtype],
    gaps: survey.gaps,
    share:
      codebook === null || share.kind === 'none'
        ? null
        : { bits: share.bits, counts: codebook.counts, entryBits: codebookEntryBits(layer) },
    index: rule.index,
    lossless,
    losslessOnly: recipe.lossless,
  });
  return { layer, head, profile, rule, masked, survey, codebook, zeroReserved, sizes };
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

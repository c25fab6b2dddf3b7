import { findKept, keptRange } from '../kernels/kept.ts';
import { setBit, type Mask } from '../kernels/mask.ts';
import { addFacts, emptyFacts, foldedMagnitude } from '../kernels/saliency.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import { formOf } from '../model/view.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerProfile, LayerPrune, PrunePattern } from '../report/layerReport.ts';
import type { LayerRule, PruneRule } from '../report/recipe.ts';
import { pruneText } from '../report/pruneRules.ts';
import { bitsFor } from './maskBits.ts';
import { patternMask, type PatternRule } from './patternMask.ts';
import { scratchFor, type Sweep } from './sweeps.ts';
import { thresholdOf, type Scored } from './threshold.ts';

/** Which weights a rule keeps, and what it tells of them. */
export interface Masked {
  readonly mask: Mask;
  /** Weights of at least this score are kept; null for rules without a threshold. */
  readonly threshold: number | null;
  /** Kept weights whose score is the threshold; null where a pass over the magnitudes counts them. */
  readonly ties: number | null;
  readonly pattern: PrunePattern | null;
  /** What weights were ranked by. */
  readonly saliency: LayerPrune['saliency'];
}

export interface MaskOptions {
  readonly context?: LayerContext | undefined;
  /** [rows] what the batch norm behind the layer multiplies each row by; null without one. Asked for `folded` rules. */
  readonly factors?: ((signal: AbortSignal) => Promise<Float64Array | null>) | undefined;
  readonly signal: AbortSignal;
}

type MaskedLayer = Pick<Layer, 'rows' | 'cols' | 'view' | 'weight'>;

/**
 * Decides which weights are kept. Rules with a threshold on stored magnitudes give a range; all others a bit for each
 * weight, found in as many passes as they need. Throws ReadError 'limits/shape-overflow' for a layer too large for them,
 * and RangeError when a threshold over all layers was not found before.
 */
export async function maskOf(
  layer: MaskedLayer,
  { prune, batchNorm }: Pick<LayerRule, 'prune' | 'batchNorm'>,
  profile: LayerProfile,
  sweep: Sweep,
  options: MaskOptions,
): Promise<Masked> {
  if (prune.kind === 'none') return ranged(null);
  const scores = await scoresOf(layer, { batchNorm }, sweep, options);
  if (scores !== null)
    return { ...(await maskByScores(layer, prune, scores, options.context)), saliency: 'folded-magnitude' };
  if (isPattern(prune)) {
    const { bits, pattern } = await patternMask(layer, prune, sweep);
    return { mask: { kind: 'bits', bits }, threshold: null, ties: 0, pattern, saliency: 'magnitude' };
  }
  return ranged(await thresholdFor(prune, layer, scoredBy(profile), sweep, options.context));
}

/** The scores of a rule that does not rank weights as they are stored, streamed; null for one that does. */
export async function scoresOf(
  layer: Pick<Layer, 'view' | 'weight'>,
  { batchNorm }: Pick<LayerRule, 'batchNorm'>,
  sweep: Sweep,
  { factors, signal }: MaskOptions,
): Promise<Sweep | null> {
  const each = batchNorm === 'folded' ? ((await factors?.(signal)) ?? null) : null;
  if (each === null) return null;
  const score = foldedMagnitude(formOf(layer).map, each);
  return (...takers) =>
    sweep((values, first) => {
      const scored = score(values, first);
      for (const take of takers) take(scored, first);
    });
}

/**
 * As maskOf, by scores of any origin, streamed in the order of the weights: signs say nothing, and what scores 0, NaN
 * or infinity is never kept (kernels/saliency.ts).
 */
export async function maskByScores(
  layer: MaskedLayer,
  prune: Exclude<PruneRule, { kind: 'none' }>,
  scores: Sweep,
  context?: LayerContext,
): Promise<Omit<Masked, 'saliency'>> {
  if (isPattern(prune)) {
    const { bits, pattern } = await patternMask(layer, prune, scores);
    return { mask: { kind: 'bits', bits }, threshold: null, ties: 0, pattern };
  }
  const facts = emptyFacts();
  await scores((values) => {
    addFacts(facts, values);
  });
  const weights = elementsOf(layer.weight.shape);
  const nonZeros = weights - facts.zeros - facts.nonFinite;
  const scored = { ...facts, stdNonZero: nonZeros === 0 ? 0 : Math.sqrt(facts.squares / nonZeros) };
  const threshold = await thresholdFor(prune, layer, scored, scores, context);
  const bits = bitsFor(weights);
  const range = keptRange(threshold);
  let ties = 0;
  await scores((values, first) => {
    const positions = scratchFor(values.length);
    const count = findKept(values, range, positions);
    for (let i = 0; i < count; i += 1) {
      const at = positions[i]!;
      setBit(bits, first + at);
      if (Math.abs(values[at]!) === threshold) ties += 1;
    }
  });
  return { mask: { kind: 'bits', bits }, threshold, ties, pattern: null };
}

const ranged = (threshold: number | null): Masked => ({
  mask: { kind: 'range', range: keptRange(threshold) },
  threshold,
  ties: null,
  pattern: null,
  saliency: 'magnitude',
});

/** The magnitudes of a layer, by its profile. */
export const scoredBy = ({ zeros, nonFinite, min, max, stdNonZero }: LayerProfile): Scored => ({
  zeros,
  nonFinite,
  most: Math.max(-(min ?? 0), max ?? 0),
  stdNonZero: stdNonZero ?? 0,
});

const isPattern = (prune: PruneRule): prune is PatternRule =>
  prune.kind === 'nm' || prune.kind === 'block' || prune.kind === 'filters' || prune.kind === 'columns';

function thresholdFor(
  prune: Exclude<PruneRule, PatternRule | { kind: 'none' }>,
  layer: MaskedLayer,
  scored: Scored,
  scores: Sweep,
  context: LayerContext | undefined,
): Promise<number> {
  if (prune.kind !== 'global') return thresholdOf(prune, elementsOf(layer.weight.shape), scored, scores);
  const found = context?.globals[pruneText(prune)];
  if (found === undefined) throw new RangeError(`the threshold of ${pruneText(prune)} was not found before`);
  return Promise.resolve(found);
}

import type { Pass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { CurvePoint, LayerCurves } from '../report/curves.ts';
import type { LayerRule, PruneRule, Recipe } from '../report/recipe.ts';
import { resolveRule } from '../report/rules.ts';
import type { NearestMethod } from './codebook.ts';
import { figuresAt, firstTaker, surveyChoices } from './choices.ts';
import { hiddenSquares, keptAlone } from './hiddenWeights.ts';
import { maskOf, scoredBy } from './mask.ts';
import { profileCounter } from './profile.ts';
import type { AnalyzeOptions } from './settleLayer.ts';
import { sweepsOf } from './sweeps.ts';
import { thresholdOf } from './threshold.ts';

/** Densities that a budget chooses from; beside them the layer is tried without pruning. */
export const curveDensities = [0.7, 0.5, 0.35, 0.25, 0.18, 0.125, 0.09, 0.06, 0.04, 0.02] as const;
/** Bits that a budget chooses from; beside them the values as they are stored. */
export const curveBits = [2, 3, 4, 5, 6, 7, 8] as const;

const usualPasses = 4;

/**
 * Coded bits and relative error of a layer at each density and number of bits, data-free: the mean over output rows of
 * ||w - w'||^2 / ||w||^2, rows of all zeros left out. A positive factor on a row (what batch norm behind the layer
 * does when it is folded) changes neither numerator over denominator nor the mean. The rule of the recipe says what is open:
 * a layer that it does not prune or does not share is not pruned or shared here either; patterns, whole rows and fixed
 * thresholds keep their mask.
 */
export async function curvesOf(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<LayerCurves> {
  const weights = elementsOf(layer.weight.shape);
  const sweep = sweepsOf(pass, weights, usualPasses, options);
  const counter = options.profile === null ? profileCounter(layer) : null;
  const first = firstTaker(layer);
  await sweep(...(counter === null ? [] : [counter.take]), first.take);
  const profile = options.profile ?? counter!.profile();
  const rule = resolveRule(recipe, {
    name: layer.name,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    op: layer.op,
    first: layer.first,
    weights,
    zeros: profile.zeros,
  });
  // Carried as they are, bit for bit.
  if (profile.nonFinite > 0) return { points: [asStored(layer, weights)], profile, mask: 'none' };
  const mask = maskKind(rule.prune);
  const densities = mask === 'open' ? [1, ...curveDensities] : [null];
  const scored = scoredBy(profile);
  const fixed = mask === 'open' ? null : await maskOf(layer, rule, profile, sweep, options);
  const thresholds: (number | null)[] = fixed === null ? [] : [fixed.threshold];
  for (const density of densities)
    if (density !== null)
      thresholds.push(await thresholdOf({ kind: 'density', density }, weights, scored, sweep));
  const steps = (await options.steps?.(options.signal)) ?? null;
  const looked = first.done();
  // A mask of bits is taken as it is: the others are 0 to what is tried, and lost whatever is tried.
  const bitsOf = fixed?.mask.kind === 'bits' ? fixed.mask : null;
  const choices =
    bitsOf === null
      ? await surveyChoices(layer, looked, thresholds, steps, sweep)
      : await surveyChoices(layer, looked, [null], steps, keptAlone(bitsOf, sweep));
  const hidden =
    bitsOf === null ? { plain: 0, byRow: 0 } : await hiddenSquares(layer, bitsOf.bits, looked.factors, sweep);
  const bits = rule.share.kind === 'none' ? [null] : [null, ...curveBits];
  const points = choices.masks.flatMap((each, at): CurvePoint[] =>
    figuresAt(choices, each, bits, triedMethod(rule), rule.index).map(({ codedBits, distortion }, i) => ({
      density: densities[at]!,
      bits: bits[i]!,
      codedBits,
      distortion: distortion + hidden.byRow,
    })),
  );
  return { points, profile, mask };
}

const asStored = ({ weight }: Layer, weights: number): CurvePoint => ({
  density: null,
  bits: null,
  codedBits: weights * dtypeBits[weight.dtype],
  distortion: 0,
});

/** Rules of a magnitude alone leave the density open; a pattern, or a threshold that was named, does not. */
const open: ReadonlySet<PruneRule['kind'] | 'global'> = new Set(['density', 'std', 'global']);

const maskKind = ({ kind }: PruneRule): LayerCurves['mask'] =>
  kind === 'none' ? 'none' : open.has(kind) ? 'open' : 'fixed';

/**
 * The codebooks that are tried: those of the recipe, where the bits alone decide their size; `optimal` in the place
 * of others.
 */
export const triedMethod = ({ share }: LayerRule): NearestMethod =>
  share.kind === 'none' || share.method === 'rate' ? 'optimal' : share.method;

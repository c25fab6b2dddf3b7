import type { Pass } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { CurveGrid } from '../report/budget.ts';
import type { CurvePoint, LayerCurves } from '../report/curves.ts';
import type { Recipe } from '../report/recipe.ts';
import { figuresAt, surveyChoices } from './choices.ts';
import { masksBy, openLayer, triedMethod, type OpenLayer } from './openLayer.ts';
import type { AnalyzeOptions } from './settleLayer.ts';
import { isCarried } from './shareSteps.ts';

/** Densities that a budget chooses from; beside them the layer is tried without pruning. */
export const curveDensities = [0.7, 0.5, 0.35, 0.25, 0.18, 0.125, 0.09, 0.06, 0.04, 0.02] as const;
/** Bits that a budget chooses from; beside them the values as they are stored. */
export const curveBits = [2, 3, 4, 5, 6, 7, 8] as const;

/**
 * Coded bits and relative error of a layer at each density and number of bits, data-free: the mean over output rows of
 * ||w - w'||^2 / ||w||^2, rows of all zeros left out. A positive factor on a row (what batch norm behind the layer
 * does when it is folded) changes neither numerator over denominator nor the mean. The rule of the recipe says what is
 * open: a layer that it does not prune or does not share is not pruned or shared here either; patterns, whole rows and
 * fixed thresholds keep their mask. With a `grid`, its choices instead of the usual ones, as far as they are open.
 */
export async function curvesOf(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions & { readonly grid?: CurveGrid | null },
): Promise<LayerCurves> {
  const opened = await openLayer(layer, recipe, pass, options);
  const { profile, rule, mask, look, steps, sweep } = opened;
  // Carried as they are, bit for bit.
  if (isCarried(layer, profile.nonFinite, steps))
    return { points: [asStored(opened)], profile, mask: 'carried' };
  const densities = mask === 'open' ? (options.grid?.densities ?? [1, ...curveDensities]) : [null];
  const prunes = densities.map((density) => (density === null ? rule.prune : densityRule(density)));
  const masks = await masksBy(opened, prunes, options);
  const choices = await surveyChoices(layer, look, masks, steps, sweep);
  const bits = rule.share.kind === 'none' ? [null] : (options.grid?.bits ?? [null, ...curveBits]);
  const points = choices.masks.flatMap((each, at): CurvePoint[] =>
    figuresAt(choices, each, bits, triedMethod(rule), rule.index).map(({ codedBits, distortion }, i) => ({
      density: densities[at]!,
      bits: bits[i]!,
      codedBits,
      distortion,
    })),
  );
  return { points, profile, mask };
}

/** Density 1 is no pruning: every non-zero is kept. */
const densityRule = (density: number) =>
  density === 1 ? ({ kind: 'none' } as const) : ({ kind: 'density', density } as const);

const asStored = ({ layer, weights }: OpenLayer): CurvePoint => ({
  density: null,
  bits: null,
  codedBits: weights * dtypeBits[layer.weight.dtype],
  distortion: 0,
});

import { equalSlopes } from '../kernels/equalSlopes.ts';
import type { Pass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Sensitivity, SensitivityPoint } from '../report/studies.ts';
import { figuresAt, surveyChoices, type ChoiceFigures } from './choices.ts';
import { curveBits } from './curves.ts';
import { sharedAs } from './sharing.ts';
import { masksBy, openLayer, triedMethod } from './openLayer.ts';
import type { AnalyzeOptions } from './settleLayer.ts';
import { isCarried } from './shareSteps.ts';

/** Densities at which the curve is computed, beside that of the recipe and no pruning. */
const densities = [
  0.85, 0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.16, 0.125, 0.1, 0.08, 0.06, 0.04, 0.02,
] as const;

/**
 * One layer's curves against density, by magnitude at the recipe's bits, and against bits at the recipe's mask.
 * `suggestedDensity` is left open: it needs all layers (suggestDensities). A layer with NaN or infinite weights is
 * carried as it is and has no curves.
 */
export async function sensitivityOf(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  options: AnalyzeOptions,
): Promise<Sensitivity> {
  const opened = await openLayer(layer, recipe, pass, options);
  const { profile, rule, mask, weights, look, steps, sweep } = opened;
  const common = { basis: 'data-free', mask, suggestedDensity: null } as const;
  if (isCarried(layer, profile.nonFinite, steps))
    return { ...common, mask: 'none', byDensity: [], byBits: [], at: { density: 1, bits: null } };
  const tried = densities.map((density) => ({ kind: 'density', density }) as const);
  const masks = [
    ...(await masksBy(opened, [rule.prune], options)),
    ...(await masksBy(opened, [{ kind: 'none' }, ...tried], options)),
  ];
  const choices = await surveyChoices(layer, look, masks, steps, sweep);
  const method = triedMethod(rule);
  const [own, ...others] = choices.masks;
  const share = sharedAs(rule.share, own!.kept < weights);
  const bits = share.kind === 'none' ? null : share.bits;
  const named = new Map(share.kind === 'none' || share.k === null ? [] : [[share.bits, share.k]]);
  const at = weights === 0 ? 0 : own!.kept / weights;
  const byDensity = new Map<number, SensitivityPoint>();
  // A pattern's mask does not lie on the curve of magnitudes.
  const onCurve = mask !== 'fixed' || masks[0]!.kind === 'range';
  for (const each of [...others, ...(onCurve ? [own!] : [])]) {
    const density = weights === 0 ? 0 : each.kept / weights;
    const [figures] = figuresAt(choices, each, [bits], method, rule.index, named);
    byDensity.set(density, pointOf(density, bits, figures!));
  }
  const widths = [...new Set<number>([...curveBits, ...(bits === null ? [] : [bits])])].toSorted(
    (a, b) => a - b,
  );
  return {
    ...common,
    byDensity: [...byDensity.values()].toSorted((a, b) => a.density - b.density),
    byBits: figuresAt(choices, own!, [...widths, null], method, rule.index, named).map((figures, i) =>
      pointOf(at, widths[i] ?? null, figures),
    ),
    at: { density: at, bits },
  };
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

function pointOf(density: number, bits: number | null, figures: ChoiceFigures): SensitivityPoint {
  const { all, kept, noise } = figures.energy;
  return {
    density,
    bits,
    keptL2: finite(Math.sqrt(kept / all)),
    sqnrDb: finite(10 * Math.log10(all / noise)),
    distortion: figures.distortion,
    codedBits: figures.codedBits,
  };
}

/**
 * The density of each layer whose density the recipe leaves open, so that one more bit saves as much distortion in
 * every one of them, at the coded size that they have together by the recipe; null for the others.
 */
export function suggestDensities(layers: readonly Sensitivity[]): (number | null)[] {
  const open = layers.filter(({ mask, byDensity }) => mask === 'open' && byDensity.length > 0);
  const curves = open.map(({ byDensity }) =>
    byDensity.map(({ density, codedBits, distortion }) => ({ density, bits: codedBits, distortion })),
  );
  const total = open.reduce(
    (sum, { byDensity, at }) => sum + byDensity.find(({ density }) => density === at.density)!.codedBits,
    0,
  );
  const found = equalSlopes(curves, total);
  return layers.map((layer) => {
    const place = open.indexOf(layer);
    return place < 0 ? null : found[place]!;
  });
}

import type { Choice } from '../kernels/hull.ts';
import type { BudgetOffer, FinerGrid } from '../report/budget.ts';
import { curveBits } from './curves.ts';

/** Layers that are refined at most, those with the largest share of bits or distortion; the others stay as they are. */
const mostRefined = 4;
const leastShare = 0.02;
/** Densities between the chosen one and each of its neighbours. */
const between = 4;
/** Digits that a density is written with. */
const digits = 4;

/**
 * Finer choices for the layers that matter most: densities between the chosen one and its two neighbours, in even
 * ratios, at the chosen bits and those one more and one less. Nothing but ratios of sizes and of relative errors
 * decides, so that a positive factor on a layer changes nothing.
 *
 * layers   with bits and distortion of each point
 * places   [layers] the points that are chosen
 */
export function finerGrids(
  layers: readonly (Pick<BudgetOffer, 'mask' | 'points'> & { readonly bits: readonly number[] })[],
  places: readonly number[],
): FinerGrid[] {
  const chosen = layers.map(({ bits, points }, at): Choice => {
    const place = places[at]!;
    return { bits: bits[place]!, distortion: points[place]!.distortion };
  });
  const all = chosen.reduce(
    (sum, one) => ({
      bits: sum.bits + one.bits,
      distortion: sum.distortion + one.distortion,
    }),
    { bits: 0, distortion: 0 },
  );
  const shares = chosen.map(({ bits, distortion }) =>
    Math.max(bits / (all.bits || 1), distortion / (all.distortion || 1)),
  );
  return layers
    .map(({ mask }, at) => ({ at, open: mask === 'open', share: shares[at]! }))
    .filter(({ open, share }) => open && share >= leastShare)
    .toSorted((a, b) => b.share - a.share || a.at - b.at)
    .slice(0, mostRefined)
    .flatMap(({ at }) => {
      const { points } = layers[at]!;
      const { density, bits } = points[places[at]!]!;
      const densities = density === null ? [] : densitiesAbout(density, points);
      return densities.length === 0 ? [] : [{ at, densities, bits: bitsAbout(bits, points) }];
    });
}

function densitiesAbout(density: number, points: BudgetOffer['points']): number[] {
  const others = points.flatMap((point) => point.density ?? []);
  const lower = Math.max(...others.filter((other) => other < density));
  const upper = Math.min(...others.filter((other) => other > density));
  const found = [lower, upper]
    .filter((end) => end > 0 && end < Infinity)
    .flatMap((end) =>
      Array.from({ length: between }, (_, i) =>
        Number((density * (end / density) ** ((i + 1) / (between + 1))).toPrecision(digits)),
      ),
    );
  const known = new Set(others);
  return [...new Set(found)].filter((one) => !known.has(one)).toSorted((a, b) => b - a);
}

/** Of those that the layer was asked for: the chosen bits, one less, and one more (after the most, values as stored). */
function bitsAbout(bits: number | null, points: BudgetOffer['points']): (number | null)[] {
  const own = new Set(points.map((point) => point.bits));
  const usual: readonly (number | null)[] = [...curveBits, null];
  const order = usual.filter((one) => own.has(one));
  const at = order.indexOf(bits);
  return order.slice(Math.max(0, at - 1), at + 2);
}

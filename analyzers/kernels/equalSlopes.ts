import { lowerHull, slope, undominated, type Choice } from './hull.ts';

/** A point of a curve over density. */
export interface DensityChoice extends Choice {
  readonly density: number;
}

interface Knot {
  readonly density: number;
  readonly logSlope: number;
}

/** Curve of one layer: what it takes at a price, between the points of its hull. */
interface Curve {
  readonly hull: readonly DensityChoice[];
  /** Densities with the logarithm of the slope there, falling: the ends of the hull and the middle of each segment. */
  readonly knots: readonly Knot[];
}

/** Halvings of the interval in which the price lies: enough for all digits. */
const halvings = 100;

/**
 * The density of each layer at which one more bit saves as much distortion in every layer, so that all together take
 * `total` bits (equal slopes: Everett 1963; Shoham and Gersho 1988). Between the points of a layer's convex hull the
 * slope is taken to run evenly, in its logarithm, from the middle of one segment to the next and on to the ends. Where the curves do not
 * reach the total, every layer has its most, or its least.
 */
export function equalSlopes(layers: readonly (readonly DensityChoice[])[], total: number): number[] {
  const curves = layers.map(curveOf);
  const slopes = curves.flatMap(({ knots }) => knots.map(({ logSlope }) => logSlope));
  let low = Math.min(...slopes, 0);
  let high = Math.max(...slopes, 0);
  for (let step = 0; step < halvings; step += 1) {
    const middle = (low + high) / 2;
    const bits = curves.reduce((sum, curve) => sum + bitsAt(curve, densityAt(curve, middle)), 0);
    // A higher price takes fewer bits.
    if (bits > total) low = middle;
    else high = middle;
  }
  return curves.map((curve) => densityAt(curve, high));
}

/** Half of what the slope falls between two middles; a factor of two where there is one alone. */
const half = (a: Knot | undefined, b: Knot | undefined): number =>
  a === undefined || b === undefined ? Math.LN2 : (a.logSlope - b.logSlope) / 2;

function curveOf(points: readonly DensityChoice[]): Curve {
  const hull = lowerHull(points, undominated(points)).map((at) => points[at]!);
  const middles = hull.slice(1).map((to, i): Knot => {
    const from = hull[i]!;
    return { density: (from.density + to.density) / 2, logSlope: Math.log(slope(from, to)) };
  });
  const [first, second] = middles;
  const last = middles.at(-1);
  if (first === undefined || last === undefined) return { hull, knots: [] };
  return {
    hull,
    knots: [
      { density: hull[0]!.density, logSlope: first.logSlope + half(first, second) },
      ...middles,
      { density: hull.at(-1)!.density, logSlope: last.logSlope - half(middles.at(-2), last) },
    ],
  };
}

function densityAt({ hull, knots }: Curve, logPrice: number): number {
  const after = knots.findIndex(({ logSlope }) => logSlope <= logPrice);
  if (after === 0) return knots[0]!.density;
  if (after < 0) return hull.at(-1)?.density ?? 1;
  const [from, to] = [knots[after - 1]!, knots[after]!];
  const share = (from.logSlope - logPrice) / (from.logSlope - to.logSlope);
  return from.density + share * (to.density - from.density);
}

function bitsAt({ hull }: Curve, density: number): number {
  const after = hull.findIndex((point) => point.density >= density);
  const to = hull[Math.max(0, after)];
  const from = hull[after - 1];
  if (to === undefined || from === undefined || to.density === from.density) return to?.bits ?? 0;
  return from.bits + ((density - from.density) / (to.density - from.density)) * (to.bits - from.bits);
}

import { pricedCuts, spliceCuts } from './linkPath.ts';
import { powerBelow } from './exponent.ts';
import { spread, type Points } from './points.ts';

/** Groups on which the price is searched first: at least so many, and so many for each run. */
const roughGroups = 4096;
const roughPerRun = 16;
const mostPrices = 100;

/**
 * Groups on which k runs are cut: enough that the error is the least one to within a millionth, as it falls with the
 * square of the groups in a run (measured on normal, pruned and heavy-tailed weights: 2e-8 to 7e-7 above it).
 */
export const groupsFor = (k: number): number => Math.min(1 << 20, Math.max(1 << 14, 256 * (k + 1)));

/**
 * The cuts of ascending points into k runs with the least squared error, over all ways to cut: a codebook cannot be
 * better. One dimension makes this a shortest path with k links, whose price per link is searched; where no price
 * gives k, two ways are spliced. More points than twice `groupsFor(k)` are first joined.
 *
 * Returns k + 1 cuts (fewer when there are fewer points): 0 = cuts[0] < ... = n.
 */
export function optimalCuts(points: Points, k: number): Int32Array {
  const n = points.values.length;
  if (k >= n) return allCuts(n);
  if (k <= 1) return Int32Array.of(0, n);
  // One run is cheapest above the whole error, n runs at no price. Error falls as 1/k^2, so its slope as 1/k^3.
  let price = spread(points, 0, n) / k ** 3;
  const rough = Math.max(roughGroups, k * roughPerRun);
  if (n > 2 * rough) ({ price } = cutsOfK(joined(points, bordersOf(points, rough)), k, price));
  if (n <= 2 * groupsFor(k)) return cutsOfK(points, k, price).cuts;
  const borders = bordersOf(points, groupsFor(k));
  return cutsOfK(joined(points, borders), k, price).cuts.map((cut) => borders[cut]!);
}

const allCuts = (n: number): Int32Array => Int32Array.from({ length: n + 1 }, (_, i) => i);

/** Exactly k runs, and the price that gave them, searched from a first guess. */
function cutsOfK(points: Points, k: number, guess: number): { cuts: Int32Array; price: number } {
  const n = points.values.length;
  let fewer: Int32Array = Int32Array.of(0, n);
  let more: Int32Array | null = null;
  let high = spread(points, 0, n);
  let low = 0;
  let price = Math.min(guess, high / 2);
  for (let round = 0; round < mostPrices && price > 0; round += 1) {
    const cuts = pricedCuts(points, price);
    const runs = cuts.length - 1;
    if (runs === k) return { cuts, price };
    if (runs < k) {
      fewer = cuts;
      high = price;
    } else {
      more = cuts;
      low = price;
    }
    if (high - low <= high * 1e-14) break;
    const next = price * (runs / k) ** 3;
    const inside = next > low && next < high && round % 3 !== 2;
    price = inside ? next : low > 0 ? Math.sqrt(low) * Math.sqrt(high) : high / 1024;
  }
  return { cuts: spliceCuts(points, fewer, more ?? allCuts(n), k), price };
}

/** Borders of at most about `groups` groups of points, dense where a good codebook is: width^(2/3) * count^(1/3). */
export function bordersOf(points: Points, groups: number): Int32Array {
  const { values, count } = points;
  const n = values.length;
  const measure = new Float64Array(n + 1);
  const unit = powerBelow(values[n - 1]! - values[0]!);
  for (let i = 0; i < n; i += 1) {
    const width = (values[Math.min(n - 1, i + 1)]! - values[Math.max(0, i - 1)]!) / unit;
    measure[i + 1] = measure[i]! + Math.cbrt(width * width * (count[i + 1]! - count[i]!));
  }
  const step = measure[n]! / groups;
  const borders: number[] = [0];
  let next = step;
  for (let i = 1; i < n; i += 1) {
    if (measure[i]! < next) continue;
    borders.push(i);
    next = (Math.floor(measure[i]! / step) + 1) * step;
  }
  borders.push(n);
  return Int32Array.from(borders);
}

/** The points joined into the groups between the borders. */
export function joined(points: Points, borders: Int32Array): Points {
  const n = borders.length - 1;
  const count = new Float64Array(n + 1);
  const sum = new Float64Array(n + 1);
  const square = new Float64Array(n + 1);
  const values = new Float64Array(n);
  for (let i = 0; i <= n; i += 1) {
    const border = borders[i]!;
    count[i] = points.count[border]!;
    sum[i] = points.sum[border]!;
    square[i] = points.square[border]!;
    if (i > 0) values[i - 1] = points.centre + (sum[i]! - sum[i - 1]!) / (count[i]! - count[i - 1]!);
  }
  return { values, count, sum, square, centre: points.centre, exact: false };
}

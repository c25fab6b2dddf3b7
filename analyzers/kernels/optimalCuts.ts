import { errorOfCuts, pricedCuts, spliceCuts } from './linkPath.ts';
import type { Points } from './points.ts';

/** Groups on which the path is searched first; the cuts are then moved on the full points. */
const coarseGroups = 4096;
/** ... but at least so many for each centroid. */
const groupsPerRun = 16;
const mostPrices = 100;

/**
 * The cuts of ascending points into k runs with the least squared error, over all ways to cut: a codebook cannot be
 * better. One dimension makes this a shortest path with k links, whose price per link is searched; where no price
 * gives k, two ways are spliced. Many points are first joined into groups, and each cut is then searched again
 * among the points around it until none of them moves out of its window.
 *
 * Returns k + 1 cuts (fewer when there are fewer points): 0 = cuts[0] < ... = n.
 */
export function optimalCuts(points: Points, k: number): Int32Array {
  const n = points.values.length;
  if (k >= n) return Int32Array.from({ length: n + 1 }, (_, i) => i);
  const wanted = Math.max(coarseGroups, k * groupsPerRun);
  if (n <= 2 * wanted) return cutsOfK(points, k);
  const borders = joinPoints(points, wanted);
  const coarse = cutsOfK(pick(points, borders), k);
  return settle(
    points,
    coarse.map((cut) => borders[cut]!),
    Math.ceil((2 * n) / wanted),
  );
}

/** Exactly k runs by searching the price. */
function cutsOfK(points: Points, k: number): Int32Array {
  const n = points.values.length;
  if (k <= 1) return Int32Array.of(0, n);
  let fewer: Int32Array = Int32Array.of(0, n);
  let more: Int32Array = Int32Array.from({ length: n + 1 }, (_, i) => i);
  const total = errorOfCuts(points, fewer);
  if (!(total > 0)) return spliceCuts(points, fewer, more, k);
  // One run is cheapest above the whole error, n runs at no price. Error falls as 1/k^2, so its slope as 1/k^3.
  let high = total;
  let low = 0;
  let price = Math.min(total / 2, total / k ** 3);
  for (let round = 0; round < mostPrices; round += 1) {
    const cuts = pricedCuts(points, price);
    const runs = cuts.length - 1;
    if (runs === k) return cuts;
    if (runs < k) {
      fewer = cuts;
      high = price;
    } else {
      more = cuts;
      low = price;
    }
    if (high - low <= high * 1e-14) break;
    const guess = price * (runs / k) ** 3;
    const inside = guess > low && guess < high && round % 3 !== 2;
    price = inside ? guess : low > 0 ? Math.sqrt(low * high) : high / 1024;
    if (price < Number.MIN_VALUE * 1e6) break;
  }
  return spliceCuts(points, fewer, more, k);
}

/** Borders of at most about `groups` groups of points, dense where a good codebook is: width^(2/3) * count^(1/3). */
function joinPoints(points: Points, groups: number): Int32Array {
  const { values, count } = points;
  const n = values.length;
  const measure = new Float64Array(n + 1);
  for (let i = 0; i < n; i += 1) {
    const width = values[Math.min(n - 1, i + 1)]! - values[Math.max(0, i - 1)]!;
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
function pick(points: Points, borders: Int32Array): Points {
  const at = (running: Float64Array): Float64Array =>
    Float64Array.from(borders, (border) => running[border]!);
  const count = at(points.count);
  const sum = at(points.sum);
  const values = Float64Array.from(
    { length: borders.length - 1 },
    (_, i) => points.centre + (sum[i + 1]! - sum[i]!) / (count[i + 1]! - count[i]!),
  );
  return { values, count, sum, square: at(points.square), centre: points.centre, exact: false };
}

/** Moves the inner cuts, all together, to the best places within `reach` points, until none stops at a window's edge. */
function settle(points: Points, start: Int32Array, reach: number): Int32Array {
  let cuts = start;
  for (let round = 0; round < 32; round += 1) {
    const moved = bestInWindows(points, cuts, reach);
    let atEdge = false;
    for (let i = 1; i + 1 < cuts.length; i += 1) if (Math.abs(moved[i]! - cuts[i]!) >= reach) atEdge = true;
    cuts = moved;
    if (!atEdge) break;
  }
  return cuts;
}

/** Dynamic programme over one window for each cut: O(k * reach^2). */
function bestInWindows(points: Points, cuts: Int32Array, reach: number): Int32Array {
  const { count, sum, square } = points;
  const n = points.values.length;
  const k = cuts.length - 1;
  const width = 2 * reach + 1;
  const from = new Int32Array((k + 1) * width);
  let lowBefore = 0;
  let before = Float64Array.of(0);
  for (let run = 1; run <= k; run += 1) {
    const low = run === k ? n : Math.max(run, cuts[run]! - reach);
    const high = run === k ? n : Math.min(n - k + run, cuts[run]! + reach);
    const here = new Float64Array(high - low + 1).fill(Number.POSITIVE_INFINITY);
    for (let j = low; j <= high; j += 1) {
      const last = Math.min(before.length - 1, j - 1 - lowBefore);
      for (let b = 0; b <= last; b += 1) {
        const i = lowBefore + b;
        const s = sum[j]! - sum[i]!;
        const error = before[b]! + (square[j]! - square[i]!) - (s * s) / (count[j]! - count[i]!);
        if (error >= here[j - low]!) continue;
        here[j - low] = error;
        from[run * width + j - low] = i;
      }
    }
    before = here;
    lowBefore = low;
  }
  const moved = new Int32Array(k + 1);
  moved[k] = n;
  for (let run = k; run > 0; run -= 1) {
    const low = run === k ? n : Math.max(run, cuts[run]! - reach);
    moved[run - 1] = from[run * width + moved[run]! - low]!;
  }
  return moved;
}

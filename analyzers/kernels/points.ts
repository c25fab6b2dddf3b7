/**
 * Weights in ascending order, in groups that a codebook never splits: one group for each distinct value, or one for
 * each bucket of near values. Sums are exact to double precision, so means and errors are those of the weights
 * themselves, the spread inside a bucket included.
 */
export interface Points {
  /** [groups] ascending; the mean of each group. */
  readonly values: Float64Array;
  /** [groups + 1] running count, sum and sum of squares of (weight - centre). */
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly square: Float64Array;
  readonly centre: number;
  /** Whether every group is a single value. */
  readonly exact: boolean;
}

export function pointsOfDistinct(values: Float64Array, counts: Float64Array): Points {
  const sums = values.map((value, i) => value * counts[i]!);
  const squares = values.map((value, i) => value * value * counts[i]!);
  return pointsOf(values, counts, sums, squares, true);
}

/** From groups in ascending order with their counts (above 0), sums, and sums of squares. */
export function pointsOf(
  values: Float64Array,
  counts: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
  exact: boolean,
): Points {
  const n = values.length;
  let all = 0;
  let total = 0;
  for (let i = 0; i < n; i += 1) {
    all += counts[i]!;
    total += sums[i]!;
  }
  // Differences of running sums lose digits unless they are taken about the middle.
  const centre = all > 0 ? total / all : 0;
  const count = new Float64Array(n + 1);
  const sum = new Float64Array(n + 1);
  const square = new Float64Array(n + 1);
  for (let i = 0; i < n; i += 1) {
    const c = counts[i]!;
    const about = exact ? c * (values[i]! - centre) : sums[i]! - centre * c;
    const squared = exact
      ? c * (values[i]! - centre) ** 2
      : Math.max(0, squares[i]! - centre * (sums[i]! + about));
    count[i + 1] = count[i]! + c;
    sum[i + 1] = sum[i]! + about;
    square[i + 1] = square[i]! + squared;
  }
  return { values, count, sum, square, centre, exact };
}

/** Squared error of groups from .. to - 1 about their own mean. */
export function spread(points: Points, from: number, to: number): number {
  const { count, sum, square } = points;
  const c = count[to]! - count[from]!;
  if (c <= 0) return 0;
  const s = sum[to]! - sum[from]!;
  return Math.max(0, square[to]! - square[from]! - (s * s) / c);
}

/** Squared error of groups from .. to - 1 about `at`. */
export function errorAbout(points: Points, from: number, to: number, at: number): number {
  const { count, sum, square, centre } = points;
  const shift = at - centre;
  const c = count[to]! - count[from]!;
  const s = sum[to]! - sum[from]!;
  return Math.max(0, square[to]! - square[from]! - 2 * shift * s + shift * shift * c);
}

export function meanOf(points: Points, from: number, to: number): number {
  const c = points.count[to]! - points.count[from]!;
  return points.centre + (points.sum[to]! - points.sum[from]!) / c;
}

/** Index of the first group above `limit`: groups before it are <= limit. */
export function groupsUpTo(values: Float64Array, limit: number, from = 0): number {
  let low = from;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

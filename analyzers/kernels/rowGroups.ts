import { forEachRun, type AxisMap } from './axes.ts';
import { bucketOf, emptyBuckets, type CoarseCounts } from './buckets.ts';
import { sortedDistinct, type DistinctValues } from './distinct.ts';
import { hasBit } from './mask.ts';
import { groupsUpTo, pointsOf, type Points } from './points.ts';

type Values = Float32Array | Float64Array;

/** Adds the squares of the finite weights to their row's sum. rowSquares [rows] */
export function addRowSquares(rowSquares: Float64Array, map: AxisMap, values: Values, first: number): void {
  forEachRun(map, first, values.length, (start, length, row, _col, rowStep) => {
    let at = row;
    for (let i = start; i < start + length; i += 1) {
      const value = values[i]!;
      if (Math.abs(value) <= Number.MAX_VALUE) rowSquares[at]! += value * value;
      at += rowStep;
    }
  });
}

/**
 * What a squared error in each row counts for, so that the sum over all weights is the mean over rows of
 * ||w - w'||^2 / ||w||^2: 1 / (||row||^2 x rows). Rows of all zeros (or beyond doubles) are left out with 0.
 */
export function rowFactors(rowSquares: Float64Array): Float64Array {
  const inverse = rowSquares.map((square) => {
    const factor = 1 / square;
    return square > 0 && factor > 0 && factor < Infinity ? factor : 0;
  });
  const rows = inverse.reduce((count, factor) => count + (factor > 0 ? 1 : 0), 0);
  return rows === 0 ? inverse : inverse.map((factor) => factor / rows);
}

/**
 * The non-zero finite weights in groups of one value each, or of near values where there are too many, with sums of
 * three powers: plain, and multiplied by the factor of their row. From these the codebook and the relative error of
 * every threshold and every number of bits follow, without the weights.
 */
export interface RowGroups {
  readonly placeOf: (value: number) => number;
  /** Each distinct value, ascending; null where groups are buckets. */
  readonly distinct: Float64Array | null;
  /** [groups] each: count, sum, sum of squares. */
  readonly plain: readonly [Float64Array, Float64Array, Float64Array];
  readonly byRow: readonly [Float64Array, Float64Array, Float64Array];
}

const sums = (groups: number): RowGroups['plain'] => [
  new Float64Array(groups),
  new Float64Array(groups),
  new Float64Array(groups),
];

/** Groups of the values that were counted: each distinct one, or `wanted` buckets and some where there are too many. */
export function emptyRowGroups(distinct: DistinctValues, coarse: CoarseCounts, wanted: number): RowGroups {
  if (!distinct.overflow) {
    const { values } = sortedDistinct(distinct);
    const placeOf = (value: number): number => groupsUpTo(values, value) - 1;
    return { placeOf, distinct: values, plain: sums(values.length), byRow: sums(values.length) };
  }
  const buckets = emptyBuckets(coarse, wanted);
  const placeOf = (value: number): number => bucketOf(buckets, value);
  const groups = buckets.counts.length;
  return { placeOf, distinct: null, plain: sums(groups), byRow: sums(groups) };
}

/** As many groups at the same places, and nothing in them. */
export const likeRowGroups = ({ placeOf, distinct, plain }: RowGroups): RowGroups => ({
  placeOf,
  distinct,
  plain: sums(plain[0].length),
  byRow: sums(plain[0].length),
});

/**
 * Adds the elements first, first + 1, ... of a layer, or those whose bit is set; values that were not counted before
 * must not come.
 */
export function addRowGroups(
  into: RowGroups,
  map: AxisMap,
  factors: Float64Array,
  values: Values,
  first: number,
  bits: Uint32Array | null = null,
): void {
  const { placeOf, plain, byRow } = into;
  const [count, sum, square] = plain;
  const [share, shareSum, shareSquare] = byRow;
  forEachRun(map, first, values.length, (start, length, row, _col, rowStep) => {
    let at = row;
    for (let i = start; i < start + length; i += 1) {
      const value = values[i]!;
      const factor = factors[at]!;
      at += rowStep;
      if (value === 0 || !(Math.abs(value) <= Number.MAX_VALUE)) continue;
      if (bits !== null && !hasBit(bits, first + i)) continue;
      const place = placeOf(value);
      const weighed = factor * value;
      count[place]! += 1;
      sum[place]! += value;
      square[place]! += value * value;
      share[place]! += factor;
      shareSum[place]! += weighed;
      shareSquare[place]! += weighed * value;
    }
  });
}

/** The groups that hold weights, ascending: `points` for a codebook, and the sums by row beside them. */
export interface GradedGroups {
  readonly values: Float64Array;
  readonly exact: boolean;
  readonly plain: RowGroups['plain'];
  readonly byRow: RowGroups['byRow'];
}

export function gradedGroups({ distinct, plain, byRow }: RowGroups): GradedGroups {
  const used = Array.from(plain[0].keys()).filter((group) => plain[0][group]! > 0);
  const chosen = (from: RowGroups['plain']): RowGroups['plain'] => [
    Float64Array.from(used, (group) => from[0][group]!),
    Float64Array.from(used, (group) => from[1][group]!),
    Float64Array.from(used, (group) => from[2][group]!),
  ];
  const own = chosen(plain);
  const values =
    distinct === null
      ? own[0].map((count, i) => own[1][i]! / count)
      : Float64Array.from(used, (group) => distinct[group]!);
  return { values, exact: distinct !== null, plain: own, byRow: chosen(byRow) };
}

/** Squares of what is left out of the groups: plain, and by row. */
export interface LostSquares {
  readonly plain: number;
  readonly byRow: number;
}

/** Those groups whose magnitude is at least `least`; a bucket that the threshold cuts goes where its mean lies. */
export function keptGroups(all: GradedGroups, least: number): { kept: GradedGroups; lost: LostSquares } {
  const { values } = all;
  const from = firstAtLeast(values, -least, true);
  const to = firstAtLeast(values, least, false);
  if (from >= to) return { kept: all, lost: { plain: 0, byRow: 0 } };
  const joined = (list: Float64Array): Float64Array => {
    const kept = new Float64Array(from + list.length - to);
    kept.set(list.subarray(0, from));
    kept.set(list.subarray(to), from);
    return kept;
  };
  const both = ([a, b, c]: RowGroups['plain']): RowGroups['plain'] => [joined(a), joined(b), joined(c)];
  return {
    kept: { values: joined(values), exact: all.exact, plain: both(all.plain), byRow: both(all.byRow) },
    lost: { plain: total(all.plain[2].subarray(from, to)), byRow: total(all.byRow[2].subarray(from, to)) },
  };
}

/** What some of the groups' weights leave of the squares of all. */
export const lostBeside = (all: GradedGroups, kept: GradedGroups): LostSquares => ({
  plain: Math.max(0, total(all.plain[2]) - total(kept.plain[2])),
  byRow: Math.max(0, total(all.byRow[2]) - total(kept.byRow[2])),
});

export const total = (list: Float64Array): number => list.reduce((sum, one) => sum + one, 0);

/** Index of the first value >= limit, or of the first value > limit. */
function firstAtLeast(values: Float64Array, limit: number, beyond: boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (beyond ? values[middle]! <= limit : values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const pointsOfGroups = ({ values, exact, plain }: GradedGroups): Points =>
  pointsOf(values, plain[0], plain[1], plain[2], exact);

/** Squared error of the groups when each weight takes the centroid whose borders it lies in: plain and by row, with the counts by centroid. */
export function sharedError(
  { values, exact, plain, byRow }: GradedGroups,
  centroids: Float64Array,
  borders: Float64Array,
): { counts: Float64Array; plain: number; byRow: number } {
  const counts = new Float64Array(centroids.length);
  const sum = { plain: 0, byRow: 0 };
  let code = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    while (code < borders.length && value > borders[code]!) code += 1;
    const centroid = centroids[code]!;
    counts[code]! += plain[0][i]!;
    sum.plain += errorIn(plain, i, value, centroid, exact);
    sum.byRow += errorIn(byRow, i, value, centroid, exact);
  }
  return { counts, ...sum };
}

/** A group of one value is measured directly, so that an exact codebook has no error at all. */
function errorIn(
  [count, sum, square]: RowGroups['plain'],
  group: number,
  value: number,
  centroid: number,
  exact: boolean,
): number {
  if (exact) return count[group]! * (value - centroid) ** 2;
  return Math.max(0, square[group]! - 2 * centroid * sum[group]! + centroid * centroid * count[group]!);
}

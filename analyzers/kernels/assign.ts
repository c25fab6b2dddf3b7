import { errorAbout, groupsUpTo, type Points } from './points.ts';

/** Upper borders of all codes but the last: the midpoints between neighbours. A weight on one belongs to the lower code. */
export function midpoints(centroids: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, centroids.length - 1) },
    (_, i) => centroids[i]! / 2 + centroids[i + 1]! / 2,
  );
}

/** How often each centroid is the nearest, and the squared error of all weights. */
export interface Assigned {
  readonly counts: Float64Array;
  /** Sums of (weight - centroid). */
  readonly offs: Float64Array;
  error: number;
}

export const emptyAssigned = (k: number): Assigned => ({
  counts: new Float64Array(k),
  offs: new Float64Array(k),
  error: 0,
});

/** The means of what the centroids hold: one round of Lloyd's algorithm. One that holds nothing stays. */
export const movedCentroids = (centroids: Float64Array, { counts, offs }: Assigned): Float64Array =>
  centroids.map((centroid, code) => centroid + offs[code]! / Math.max(1, counts[code]!));

/** Counts and error from sorted points; exact when each group is one value. */
export function assignPoints(
  points: Points,
  centroids: ArrayLike<number>,
  borders: Float64Array = midpoints(centroids),
): Assigned {
  const k = centroids.length;
  const into = emptyAssigned(k);
  let from = 0;
  for (let code = 0; code < k; code += 1) {
    const to = code === k - 1 ? points.values.length : groupsUpTo(points.values, borders[code]!, from);
    if (to > from) {
      into.counts[code] = points.count[to]! - points.count[from]!;
      into.offs[code] = offsOfRun(points, from, to, centroids[code]!);
      into.error += errorOfRun(points, from, to, centroids[code]!);
    }
    from = to;
  }
  return into;
}

const offsOfRun = (points: Points, from: number, to: number, centroid: number): number =>
  points.sum[to]! -
  points.sum[from]! -
  (centroid - points.centre) * (points.count[to]! - points.count[from]!);

/** A run of a single value is measured directly, so that an exact codebook has no error at all. */
function errorOfRun(points: Points, from: number, to: number, centroid: number): number {
  if (points.exact && to - from <= 64) {
    let error = 0;
    for (let i = from; i < to; i += 1)
      error += (points.count[i + 1]! - points.count[i]!) * (points.values[i]! - centroid) ** 2;
    return error;
  }
  return errorAbout(points, from, to, centroid);
}

const cells = 4096;

/** Finds the code of many values quickly: a table over [first, last] says where the search begins. */
export interface Assigner {
  readonly centroids: Float64Array;
  readonly borders: Float64Array;
  readonly guide: Uint32Array;
  readonly low: number;
  readonly scale: number;
}

export function assigner(
  centroids: ArrayLike<number>,
  borders: Float64Array = midpoints(centroids),
): Assigner {
  const all = Float64Array.from(centroids);
  const low = borders[0] ?? 0;
  const range = (borders.at(-1) ?? 0) - low;
  const scale = range > 0 && cells / range < Number.MAX_VALUE ? cells / range : 0;
  return { centroids: all, borders, guide: guideOf(borders, low, scale), low, scale };
}

/** [cells + 1] the first code that a value in each cell can have: one cell late by rounding at most, never too high. */
function guideOf(borders: Float64Array, low: number, scale: number): Uint32Array {
  const guide = new Uint32Array(cells + 1);
  if (scale === 0) return guide;
  let code = 0;
  for (let cell = 0; cell <= cells; cell += 1) {
    const edge = low + (cell - 1) / scale;
    while (code < borders.length && borders[code]! < edge) code += 1;
    guide[cell] = code;
  }
  return guide;
}

/** The code, from 0, of a finite value: the first whose border it does not pass; of midpoints, the nearest centroid. */
export function nearest({ borders, guide, low, scale }: Assigner, value: number): number {
  const place = (value - low) * scale;
  let code = guide[place > 0 ? (place < cells ? place | 0 : cells) : 0]!;
  while (code < borders.length && value > borders[code]!) code += 1;
  return code;
}

/** Adds the values at positions[0 .. count) to the counts and the error. */
export function addAssigned(
  into: Assigned,
  by: Assigner,
  values: Float32Array | Float64Array,
  positions: Uint32Array,
  count: number,
): void {
  const { counts, offs } = into;
  const { centroids } = by;
  let { error } = into;
  for (let i = 0; i < count; i += 1) {
    const value = values[positions[i]!]!;
    const code = nearest(by, value);
    const off = value - centroids[code]!;
    counts[code]! += 1;
    offs[code]! += off;
    error += off * off;
  }
  into.error = error;
}

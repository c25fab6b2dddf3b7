/** The least squared error of k shared values for ascending weights: the O(k n^2) dynamic programme, nothing clever. */
export function leastError(sorted: readonly number[], k: number): number {
  const n = sorted.length;
  const error = (from: number, to: number): number => {
    let mean = 0;
    for (let i = from; i < to; i += 1) mean += sorted[i]! / (to - from);
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += (sorted[i]! - mean) ** 2;
    return sum;
  };
  const table: number[][] = Array.from({ length: n + 1 }, (_, from) =>
    Array.from({ length: n + 1 }, (__, to) => (to > from ? error(from, to) : 0)),
  );
  let best = Array.from({ length: n + 1 }, (_, to) => table[0]![to]!);
  for (let run = 2; run <= Math.min(k, n); run += 1)
    best = best.map((_, to) => {
      let least = Number.POSITIVE_INFINITY;
      for (let from = run - 1; from < to; from += 1) least = Math.min(least, best[from]! + table[from]![to]!);
      return to < run ? Number.POSITIVE_INFINITY : least;
    });
  return best[n]!;
}

/** Squared error when every weight takes the nearest centroid, tried one by one. */
export const errorOf = (weights: Iterable<number>, centroids: ArrayLike<number>): number => {
  let error = 0;
  for (const weight of weights) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < centroids.length; i += 1) least = Math.min(least, (weight - centroids[i]!) ** 2);
    error += least;
  }
  return error;
};

/**
 * The same by divide and conquer, O(k n log n): the best cut never moves back. For more weights than the plain
 * programme can do. Weights ascend.
 */
export function leastErrorOfMany(sorted: Float64Array, k: number): number {
  const n = sorted.length;
  const sum = new Float64Array(n + 1);
  const square = new Float64Array(n + 1);
  const centre = sorted.reduce((a, b) => a + b, 0) / n;
  for (let i = 0; i < n; i += 1) {
    sum[i + 1] = sum[i]! + (sorted[i]! - centre);
    square[i + 1] = square[i]! + (sorted[i]! - centre) ** 2;
  }
  const error = (from: number, to: number): number =>
    square[to]! - square[from]! - (sum[to]! - sum[from]!) ** 2 / (to - from);
  let before = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : error(0, to)));
  for (let run = 2; run <= k; run += 1) {
    const here = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
    const fill = (low: number, high: number, first: number, last: number): void => {
      if (low > high) return;
      const to = (low + high) >> 1;
      let at = first;
      for (let from = Math.max(first, run - 1); from <= Math.min(last, to - 1); from += 1) {
        const total = before[from]! + error(from, to);
        if (total >= here[to]!) continue;
        here[to] = total;
        at = from;
      }
      fill(low, to - 1, first, at);
      fill(to + 1, high, at, last);
    };
    fill(run, n, run - 1, n - 1);
    before = here;
  }
  return before[n]!;
}

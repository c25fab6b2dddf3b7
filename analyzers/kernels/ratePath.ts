import type { Points } from './points.ts';

/** What one run of weights costs besides its squared error. */
export interface RatePrice {
  /** Squared error that one bit of the code stream is worth. */
  readonly lambda: number;
  /** Squared error that one more code is worth. */
  readonly code: number;
  /** Entries of the code stream that are no kept weight: padding, or pruned weights. */
  readonly zeros: number;
}

/**
 * The cheapest way to cut the points into runs where a run of W of the T entries costs its squared error, lambda * W *
 * log2(T / W) and a price per code: entropy-constrained quantisation (Chou, Lookabaugh and Gray 1989) over contiguous
 * runs, solved whole. The entropy breaks the Monge property, so every pair of cuts is looked at, O(groups^2), but for
 * those that a bound excludes: W log2(T / W) falls by at most log2(e) for each weight that joins a run, so once the
 * error of i .. j outweighs that, no run that begins before i can be the best one to end at j.
 *
 * Returns the cuts: 0 = cuts[0] < ... = groups.
 */
export function ratePath(points: Points, { lambda, code, zeros }: RatePrice): Int32Array {
  const { count, sum, square } = points;
  const n = points.values.length;
  const logAll = Math.log2(count[n]! + zeros);
  const best = new Float64Array(n + 1);
  const previous = new Int32Array(n + 1);
  for (let j = 1; j <= n; j += 1) {
    const countTo = count[j]!;
    const sumTo = sum[j]!;
    const squareTo = square[j]!;
    let least = Infinity;
    let from = j - 1;
    for (let i = j - 1; i >= 0; i -= 1) {
      const c = countTo - count[i]!;
      const s = sumTo - sum[i]!;
      const soFar = best[i]! + (squareTo - square[i]! - (s * s) / c);
      const cost = soFar + lambda * c * (logAll - Math.log2(c)) + code;
      if (cost < least) {
        least = cost;
        from = i;
      }
      if (soFar - lambda * c * Math.LOG2E >= least) break;
    }
    best[j] = least;
    previous[j] = from;
  }
  const cuts: number[] = [n];
  for (let j = n; j > 0; j = previous[j]!) cuts.push(previous[j]!);
  return Int32Array.from(cuts.toReversed());
}

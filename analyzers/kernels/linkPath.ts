import { spread, type Points } from './points.ts';

/**
 * The cheapest way to cut the points into runs when each run costs its squared error plus `price`:
 * a least-weight path in a Monge graph, O(n log n) with a queue of candidates (Galil and Park 1992).
 * Returns the cuts: 0 = cuts[0] < cuts[1] < ... = n.
 */
export function pricedCuts(points: Points, price: number): Int32Array {
  const { count, sum, square } = points;
  const n = points.values.length;
  const best = new Float64Array(n + 1);
  const previous = new Int32Array(n + 1);
  const candidates = new Int32Array(n + 1);
  const starts = new Int32Array(n + 1);
  let head = 0;
  let tail = 0;
  starts[0] = 1;

  const reach = (i: number, j: number): number => {
    const s = sum[j]! - sum[i]!;
    return best[i]! + (square[j]! - square[i]!) - (s * s) / (count[j]! - count[i]!);
  };

  for (let j = 1; j <= n; j += 1) {
    while (head < tail && starts[head + 1]! <= j) head += 1;
    const from = candidates[head]!;
    best[j] = reach(from, j) + price;
    previous[j] = from;
    if (j === n) break;
    while (
      tail >= head &&
      starts[tail]! > j &&
      reach(j, starts[tail]!) <= reach(candidates[tail]!, starts[tail]!)
    )
      tail -= 1;
    if (tail < head) {
      tail += 1;
      candidates[tail] = j;
      starts[tail] = j + 1;
      continue;
    }
    const rival = candidates[tail]!;
    if (reach(j, n) > reach(rival, n)) continue;
    let low = Math.max(starts[tail]!, j) + 1;
    let high = n;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reach(j, middle) <= reach(rival, middle)) high = middle;
      else low = middle + 1;
    }
    tail += 1;
    candidates[tail] = j;
    starts[tail] = low;
  }
  const cuts: number[] = [n];
  for (let j = n; j > 0; j = previous[j]!) cuts.push(previous[j]!);
  return Int32Array.from(cuts.toReversed());
}

/** Squared error of all runs. */
export function errorOfCuts(points: Points, cuts: Int32Array): number {
  let error = 0;
  for (let run = 1; run < cuts.length; run += 1) error += spread(points, cuts[run - 1]!, cuts[run]!);
  return error;
}

/**
 * Cuts with exactly k runs made of a way with fewer runs and one with more, both cheapest at (nearly) the same
 * price: the first part of the longer one and the rest of the shorter one where a run of the shorter one holds the
 * run of the longer one that stands k - fewer places further. For equal prices the result is cheapest too
 * (Aggarwal, Schieber and Tokuyama 1994). Needed where values tie, since then no price gives exactly k.
 */
export function spliceCuts(points: Points, fewer: Int32Array, more: Int32Array, k: number): Int32Array {
  const shift = k - (fewer.length - 1);
  let best: Int32Array | null = null;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < fewer.length && i + shift + 1 < more.length; i += 1) {
    if (fewer[i]! > more[i + shift]! || more[i + shift + 1]! > fewer[i + 1]!) continue;
    const cuts = new Int32Array(k + 1);
    cuts.set(more.subarray(0, i + shift + 1));
    cuts.set(fewer.subarray(i + 1), i + shift + 1);
    const error = errorOfCuts(points, cuts);
    if (error >= lowest) continue;
    lowest = error;
    best = cuts;
  }
  return best ?? fewer;
}

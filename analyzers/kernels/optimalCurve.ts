import { bordersOf, joined } from './optimalCuts.ts';
import type { Points } from './points.ts';

/** Groups that runs are cut between. */
const curveGroups = 4096;

/**
 * The cuts of ascending points into k = 1, 2, .. `most` runs with the least squared error, all in one dynamic programme:
 * with one more run the best last cut never moves back, so each k is found by divide and conquer in O(n log n)
 * (Wu 1991). More points than 4096 are joined first, dense where a good codebook is; one or two rounds of Lloyd's
 * algorithm then make up for it.
 *
 * Returns by k - 1 the k + 1 cuts: 0 = cuts[0] < ... = groups.
 */
export function optimalCurve(points: Points, most: number): Int32Array[] {
  const all = points.values.length;
  const cutAt = all > 2 * curveGroups ? bordersOf(points, curveGroups) : null;
  const { count, sum, square } = cutAt === null ? points : joined(points, cutAt);
  const n = count.length - 1;
  const runs = Math.min(most, n);
  const last: Int32Array[] = [new Int32Array(n + 1)];
  const error = (from: number, to: number): number => {
    const s = sum[to]! - sum[from]!;
    return square[to]! - square[from]! - (s * s) / (count[to]! - count[from]!);
  };
  let before = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : error(0, to)));
  for (let k = 2; k <= runs; k += 1) {
    const here = new Float64Array(n + 1).fill(Infinity);
    const cut = new Int32Array(n + 1);
    const fill = (low: number, high: number, first: number, end: number): void => {
      if (low > high) return;
      const to = (low + high) >>> 1;
      let best = Infinity;
      let at = Math.max(first, k - 1);
      for (let from = at; from <= Math.min(end, to - 1); from += 1) {
        const total = before[from]! + error(from, to);
        if (total >= best) continue;
        best = total;
        at = from;
      }
      here[to] = best;
      cut[to] = at;
      fill(low, to - 1, first, at);
      fill(to + 1, high, at, end);
    };
    fill(k, n, k - 1, n - 1);
    last.push(cut);
    before = here;
  }
  return last.map((_, at) => {
    const cuts = new Int32Array(at + 2);
    for (let k = at, to = n; k >= 0; k -= 1) {
      cuts[k + 1] = cutAt === null ? to : cutAt[to]!;
      to = last[k]![to]!;
    }
    return cuts;
  });
}

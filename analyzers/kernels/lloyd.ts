import { mulberry32 } from './mulberry32.ts';
import { groupsUpTo, meanOf, type Points } from './points.ts';

/** Rounds after which Lloyd's algorithm is stopped: the default of the libraries that published code calls. */
const lloydRounds = 300;

/**
 * Lloyd's algorithm in one dimension (Lloyd 1982) on sorted points with running sums: a round costs k searches.
 * A weight midway between two centroids belongs to the lower one. A centroid that loses all its weights stays where
 * it is and may win some back; those still empty at the end are dropped, so fewer may come out than went in.
 *
 * start    [k] ascending
 * returns  the centroids, ascending, and how many rounds it took to the fixed point (or the cap)
 */
export function lloyd(
  points: Points,
  start: Float64Array,
  rounds: number = lloydRounds,
): { centroids: Float64Array; rounds: number } {
  const k = start.length;
  const centroids = start.toSorted();
  const cuts = new Int32Array(k + 1);
  cuts[k] = points.values.length;
  let round = 0;
  let moved = true;
  while (moved && round < rounds) {
    round += 1;
    moved = false;
    for (let i = 1; i < k; i += 1) {
      const middle = (centroids[i - 1]! + centroids[i]!) / 2;
      const cut = groupsUpTo(points.values, middle, cuts[i - 1]);
      if (cut === cuts[i] && round > 1) continue;
      cuts[i] = cut;
      moved = true;
    }
    if (k === 1) moved = round === 1;
    for (let i = 0; i < k; i += 1)
      if (cuts[i + 1]! > cuts[i]!) centroids[i] = meanOf(points, cuts[i]!, cuts[i + 1]!);
  }
  const used = centroids.filter((_, i) => cuts[i + 1]! > cuts[i]!);
  return { centroids: used, rounds: round };
}

/** `linear`: k centroids at equal steps from the smallest weight to the largest (Deep Compression, section 3.2). */
export function linearStart(points: Points, k: number): Float64Array {
  const low = points.values[0]!;
  const high = points.values.at(-1)!;
  return Float64Array.from({ length: k }, (_, i) =>
    k === 1 ? (low + high) / 2 : low + ((high - low) * i) / (k - 1),
  );
}

/** `density`: k centroids at equal steps of the cumulative distribution (same section). */
export function densityStart(points: Points, k: number): Float64Array {
  const all = points.count.at(-1)!;
  return Float64Array.from({ length: k }, (_, i) => {
    const below = groupsUpTo(points.count, (all * (i + 0.5)) / k) - 1;
    return points.values[Math.min(below, points.values.length - 1)]!;
  });
}

/** `forgy`: k weights drawn at random without repeats of a value (same section); one fixed seed, so that figures repeat. */
export function forgyStart(points: Points, k: number, seed = 1): Float64Array {
  const { values, count } = points;
  const all = count.at(-1)!;
  if (k >= values.length) return values.slice();
  const random = mulberry32(seed);
  const drawn = new Set<number>();
  for (let tries = 0; drawn.size < k && tries < 64 * k; tries += 1)
    drawn.add(Math.min(values.length - 1, groupsUpTo(count, random() * all) - 1));
  // A few values hold nearly all weights: fill up from the smallest.
  for (let i = 0; drawn.size < k; i += 1) drawn.add(i);
  return Float64Array.from(drawn, (i) => values[i]!).toSorted();
}

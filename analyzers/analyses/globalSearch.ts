import { narrowRank, searchRank, type RankSearch } from '../kernels/select.ts';
import type { MagnitudeCounts } from './magnitudes.ts';
import { justAbove } from './threshold.ts';

/** The search for the threshold that keeps a share of the weights of several layers, by the sum of their counts. */
export interface GlobalSearch {
  readonly density: number;
  /** Of all layers that have been added. */
  weights: number;
  /** Digits that can differ from 0. */
  digits: number;
  rank: RankSearch | null;
  counts: Float64Array;
}

export const globalSearch = (density: number): GlobalSearch => ({
  density,
  weights: 0,
  digits: 0,
  rank: null,
  counts: new Float64Array(1 << 16),
});

/** Adds what one layer counted by the digits found so far. */
export function addLayer(search: GlobalSearch, { counts, digits, weights }: MagnitudeCounts): void {
  if (counts === null) return;
  for (let digit = 0; digit < counts.length; digit += 1) search.counts[digit]! += counts[digit]!;
  search.digits = Math.max(search.digits, digits);
  // Later rounds ask the same layers again.
  if (search.rank === null) search.weights += weights;
}

/**
 * Once every layer has been added: the threshold, or the digits by which all of them are to count next. The K-th
 * largest score, K = round(density * n); 0 where fewer are not zero, and for K = 0 just above the largest.
 */
export function narrowSearch(search: GlobalSearch): { threshold: number } | { digits: readonly number[] } {
  const wanted = Math.round(search.density * search.weights);
  const rank = (search.rank ??= { ...searchRank(Math.max(1, wanted)), of: 4 });
  rank.counts = search.counts;
  let step = narrowRank(rank);
  if (!step.done && rank.digits.length === search.digits && search.digits < 4) {
    // The last bits of singles are 0: all that are left are equal.
    rank.counts[0] = rank.rank;
    step = narrowRank(rank);
  }
  search.counts = rank.counts;
  if (!step.done) return { digits: rank.digits };
  return { threshold: wanted === 0 ? justAbove(step.magnitude) : step.magnitude };
}

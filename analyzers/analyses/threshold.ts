import { addRanks, narrowRank, searchRank } from '../kernels/select.ts';
import { addRanksOfAll, narrowRanks, searchRanks } from '../kernels/selectMany.ts';
import type { PruneRule } from '../report/recipe.ts';
import type { Sweep } from './sweeps.ts';

/** What a threshold needs to know of the scores that weights are ranked by: magnitudes, unless said otherwise. */
export interface Scored {
  readonly zeros: number;
  readonly nonFinite: number;
  /** The largest finite score; 0 without one. */
  readonly most: number;
  /** Root of the mean square of the finite non-zero scores: their standard deviation about zero. */
  readonly stdNonZero: number;
}

export type ThresholdRule = Extract<PruneRule, { kind: 'density' | 'std' | 'threshold' }>;

/**
 * The score from which weights are kept, as a double that reproduces the mask by score >= threshold. Density d keeps
 * the K = round(d * n) largest scores, of all n weights, and what ties with the K-th: the threshold is the K-th
 * largest score, found exactly by counting. It is 0, and every non-zero is kept, when fewer than K weights are finite
 * and non-zero; for K = 0 it lies just above the largest score.
 * Std q multiplies the standard deviation of the non-zero weights about zero (Han et al. 2015, section 3).
 * `sweep` streams the scores.
 */
export async function thresholdOf(
  rule: ThresholdRule,
  weights: number,
  scored: Scored,
  sweep: Sweep,
): Promise<number> {
  if (rule.kind === 'threshold') return rule.threshold;
  if (rule.kind === 'std') return rule.q * scored.stdNonZero;
  const rank = Math.round(rule.density * weights);
  if (rank === 0) return justAbove(scored.most);
  if (rank > weights - scored.zeros - scored.nonFinite) return 0;
  const search = searchRank(rank);
  for (;;) {
    await sweep((values) => {
      addRanks(search, values);
    });
    const step = narrowRank(search);
    if (step.done) return step.magnitude;
  }
}

/**
 * The thresholds of `density=D` for a whole list of densities from one selection: as many passes over the scores as
 * one of them takes, and the same doubles.
 */
export async function thresholdsFor(
  densities: readonly number[],
  weights: number,
  scored: Scored,
  sweep: Sweep,
): Promise<number[]> {
  const most = weights - scored.zeros - scored.nonFinite;
  const ranks = densities.map((density) => Math.round(density * weights));
  const asked = [...new Set(ranks)].filter((rank) => rank > 0 && rank <= most);
  const found = new Map<number, number>();
  const search = searchRanks(asked);
  while (found.size < asked.length) {
    await sweep((values) => {
      addRanksOfAll(search, values);
    });
    const ends = narrowRanks(search);
    if (ends !== null) for (const [i, rank] of asked.entries()) found.set(rank, ends[i]!.magnitude);
  }
  return ranks.map((rank) => (rank === 0 ? justAbove(scored.most) : (found.get(rank) ?? 0)));
}

/** The next double after a non-negative one. */
export function justAbove(value: number): number {
  const bits = new BigUint64Array(Float64Array.of(value).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
}

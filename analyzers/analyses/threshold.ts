import { addRanks, narrowRank, searchRank } from '../kernels/select.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { PruneRule } from '../report/recipe.ts';
import type { Sweep } from './sweeps.ts';

/**
 * The magnitude from which weights are kept, as a double that reproduces the mask by |w| >= threshold; null for
 * `none`. Density d keeps the K = round(d * n) largest magnitudes, of all n weights, and what ties with the K-th:
 * the threshold is the K-th largest magnitude, found exactly by counting. It is 0, and every non-zero is kept, when
 * fewer than K weights are finite and non-zero; for K = 0 it lies just above the largest magnitude.
 * Std q multiplies the standard deviation of the non-zero weights about zero (Han et al. 2015, section 3).
 */
export async function thresholdOf(
  rule: PruneRule,
  weights: number,
  profile: LayerProfile,
  sweep: Sweep,
): Promise<number | null> {
  if (rule.kind === 'none') return null;
  if (rule.kind === 'threshold') return rule.threshold;
  if (rule.kind === 'std') return rule.q * (profile.stdNonZero ?? 0);
  const rank = Math.round(rule.density * weights);
  if (rank === 0) return justAbove(Math.max(-(profile.min ?? 0), profile.max ?? 0));
  if (rank > weights - profile.zeros - profile.nonFinite) return 0;
  const search = searchRank(rank);
  for (;;) {
    await sweep((values) => {
      addRanks(search, values);
    });
    const step = narrowRank(search);
    if (step.done) return step.magnitude;
  }
}

/** The next double after a non-negative one. */
function justAbove(value: number): number {
  const bits = new BigUint64Array(Float64Array.of(value).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
}

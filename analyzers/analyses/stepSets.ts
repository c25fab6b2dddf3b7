import { groupFinder, type CodeGroups } from '../kernels/codeGroups.ts';
import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { pointsOfDistinct, type Points } from '../kernels/points.ts';
import type { DType } from '../model/dtype.ts';
import type { KeptSet } from './keptSets.ts';
import { overPlaced, type KeptWeights } from './keptWeights.ts';
import { shareNumbers, stepLevels } from './shareSteps.ts';
import type { Sweep } from './sweeps.ts';

/** Counts that are held at once: 16 bytes each. */
const heldCounts = 1 << 22;

/** The least that a weight counts, of the one with the largest scale: where it counts nothing there is no mean. */
const leastShare = 2 ** -100;

/** [places] squared scales in units of their mean, and that mean: what a squared step is of real numbers, on average. */
function stepShares({ scales }: QuantisationSteps): { shares: Float64Array; mean: number } {
  const most = scales.reduce((size, scale) => Math.max(size, Math.abs(scale)), Number.MIN_VALUE);
  const shares = scales.map((scale) => Math.max(leastShare, (scale / most) ** 2));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { shares: shares.map((share) => share / mean), mean: mean * most * most };
}

/** The squared error of real numbers from that of a set's points; above 0 where it is. */
export const realError = (error: number, steps: QuantisationSteps): number =>
  error === 0 ? 0 : Math.max(Number.MIN_VALUE, error * stepShares(steps).mean);

/**
 * The kept weights of each group as steps, in the order of the groups: one set where there are none. In `points` a
 * weight counts as its squared scale in units of the mean one, so that what is made small is the error of real numbers;
 * `plain` has them as they are. Groups take as many passes as their counts need.
 */
export async function* stepSets(
  survey: KeptWeights,
  sweep: Sweep,
  groups: CodeGroups | null,
  dtype: DType,
  steps: QuantisationSteps,
): AsyncGenerator<KeptSet, void, undefined> {
  const { values: levels, indexOf } = stepLevels(dtype, steps);
  const numbers = shareNumbers(dtype, steps);
  const find = groups === null ? (): number => 0 : groupFinder(groups);
  const all = groups?.count ?? 1;
  const together = Math.max(1, Math.floor(heldCounts / levels.length));
  const { inner } = steps;
  const { shares } = stepShares(steps);
  for (let from = 0; from < all; from += together) {
    const some = Math.min(together, all - from);
    const counts = new Float64Array(some * levels.length);
    const weights = new Float64Array(some * levels.length);
    await overPlaced(survey, sweep, (values, positions, count, first) => {
      const own = numbers(values, positions, count, first);
      for (let i = 0; i < count; i += 1) {
        const at = positions[i]!;
        const group = find(first + at) - from;
        if (group < 0 || group >= some) continue;
        const place = group * levels.length + indexOf(own[at]!);
        counts[place]! += 1;
        weights[place]! += shares[Math.floor((first + at) / inner) % shares.length]!;
      }
    });
    for (let group = 0; group < some; group += 1) {
      const start = group * levels.length;
      const end = start + levels.length;
      yield setOf(levels, counts.subarray(start, end), weights.subarray(start, end));
    }
  }
}

function setOf(levels: Float64Array, counts: Float64Array, weights: Float64Array): KeptSet {
  const used = (_: number, level: number): boolean => counts[level]! > 0;
  const values = levels.filter(used);
  const own = counts.filter(used);
  const points: Points = pointsOfDistinct(values, weights.filter(used));
  return {
    kept: own.reduce((sum, count) => sum + count, 0),
    points: () => Promise.resolve(points),
    plain: pointsOfDistinct(values, own),
    over: () => Promise.resolve(),
  };
}

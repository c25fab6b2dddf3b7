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

/** By how much the squared error of a step is multiplied on average: sets weigh each weight by its own share of it. */
export const stepWeight = ({ scales }: QuantisationSteps): number =>
  scales.reduce((sum, scale) => sum + scale * scale, 0) / scales.length;

/**
 * The kept weights of each group as steps, in the order of the groups: one set where there are none. In `points` a
 * weight counts as its squared scale over stepWeight(), so that what is made small is the error of real numbers;
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
  const { scales, inner } = steps;
  const mean = stepWeight(steps);
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
        const scale = scales[Math.floor((first + at) / inner) % scales.length]!;
        const place = group * levels.length + indexOf(own[at]!);
        counts[place]! += 1;
        weights[place]! += (scale * scale) / mean;
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

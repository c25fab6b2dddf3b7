import { addDistinct, emptyDistinct, sortedDistinct, type DistinctValues } from '../kernels/distinct.ts';
import { addBuckets, addCoarse, emptyBuckets, emptyCoarse, pointsOfBuckets } from '../kernels/buckets.ts';
import { findKept, keptRange, type KeptRange } from '../kernels/kept.ts';
import { addLive, emptyLive } from '../kernels/liveUnits.ts';
import { pointsOfDistinct, type Points } from '../kernels/points.ts';
import { addGaps, emptyGaps, gapCounts, type GapCounts } from '../kernels/relativeIndex.ts';
import type { Layer } from '../model/layer.ts';
import { axisMapOf } from '../model/view.ts';
import type { Sweep, Taker } from './sweeps.ts';

/** Distinct kept values that are counted one by one; layers with more are bucketed. */
export const distinctCap = 1 << 16;

/** What one pass tells about the weights that a threshold keeps. */
export interface KeptWeights {
  readonly range: KeptRange;
  readonly kept: number;
  readonly ties: number;
  readonly deadRows: number;
  readonly deadCols: number;
  readonly gaps: GapCounts;
  /** Sum of squares of all finite weights, and of those that are not kept. */
  readonly energy: number;
  readonly lost: number;
  readonly distinct: DistinctValues;
}

export async function surveyKept(
  layer: Pick<Layer, 'rows' | 'cols' | 'view'>,
  threshold: number | null,
  sweep: Sweep,
): Promise<KeptWeights> {
  const range = keptRange(threshold);
  const map = axisMapOf(layer.view);
  const live = emptyLive(layer.rows, layer.cols);
  const gaps = emptyGaps();
  const distinct = emptyDistinct(distinctCap);
  const sums = { ties: 0, energy: 0, lost: 0 };
  let kept = 0;
  await sweep(
    eachKept(range, (values, positions, count, first) => {
      kept += count;
      addGaps(gaps, positions, count, first);
      addDistinct(distinct, values, positions, count);
    }),
    (values, first) => {
      addLive(live, map, range, values, first);
      addEnergy(sums, range, values);
    },
  );
  return {
    range,
    kept,
    ties: threshold === null || threshold === 0 ? 0 : sums.ties,
    deadRows: layer.rows - live.liveRows,
    deadCols: layer.cols - live.liveCols,
    gaps: gapCounts(gaps),
    energy: sums.energy,
    lost: sums.lost,
    distinct,
  };
}

/** A taker that finds the kept values of each chunk; `positions` are indices into the chunk. */
export function eachKept(
  range: KeptRange,
  visit: (values: Float32Array | Float64Array, positions: Uint32Array, count: number, first: number) => void,
): Taker {
  let positions = new Uint32Array(0);
  return (values, first) => {
    if (positions.length < values.length) positions = new Uint32Array(values.length);
    visit(values, positions, findKept(values, range, positions), first);
  };
}

function addEnergy(
  into: { ties: number; energy: number; lost: number },
  { least, most }: KeptRange,
  values: Float32Array | Float64Array,
): void {
  let { ties, energy, lost } = into;
  for (let i = 0; i < values.length; i += 1) {
    const magnitude = Math.abs(values[i]!);
    if (!(magnitude <= most)) continue;
    const square = magnitude * magnitude;
    energy += square;
    if (magnitude < least) lost += square;
    else if (magnitude === least) ties += 1;
  }
  into.ties = ties;
  into.energy = energy;
  into.lost = lost;
}

/** The kept weights in ascending order: each distinct value, or after two more passes, buckets of near values. */
export async function keptPoints({ distinct, range }: KeptWeights, sweep: Sweep): Promise<Points> {
  if (!distinct.overflow) {
    const { values, counts } = sortedDistinct(distinct);
    return pointsOfDistinct(values, counts);
  }
  const coarse = emptyCoarse();
  await sweep(
    eachKept(range, (values, positions, count) => {
      addCoarse(coarse, values, positions, count);
    }),
  );
  const buckets = emptyBuckets(coarse);
  await sweep(
    eachKept(range, (values, positions, count) => {
      addBuckets(buckets, values, positions, count);
    }),
  );
  return pointsOfBuckets(buckets);
}

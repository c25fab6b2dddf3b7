import { addBuckets, addCoarse, emptyBuckets, emptyCoarse, pointsOfBuckets } from '../kernels/buckets.ts';
import { groupFinder, type CodeGroups } from '../kernels/codeGroups.ts';
import { sortedDistinct } from '../kernels/distinct.ts';
import { pointsOfDistinct, type Points } from '../kernels/points.ts';
import { heldCap } from './heldValues.ts';
import { overKept, overPlaced, type KeptVisit, type KeptWeights } from './keptWeights.ts';
import type { Sweep } from './sweeps.ts';

/** The kept weights that one codebook is for, divided by a power of two so that their squares are in range. */
export interface KeptSet {
  readonly kept: number;
  /** In ascending order: each distinct value, or where there are too many, about so many buckets of near values. */
  readonly points: (buckets: number) => Promise<Points>;
  /** How many there are of each, where a weight counts for more or less than one in `points`. */
  readonly plain?: Points;
  /** Visits each of them once more. */
  readonly over: (visit: KeptVisit) => Promise<void>;
}

/** All kept weights of a layer. */
export function wholeSet(survey: KeptWeights, sweep: Sweep, unit: number): KeptSet {
  const over = (visit: KeptVisit): Promise<void> => overKept(survey, sweep, scaled(visit, unit));
  return {
    kept: survey.kept,
    over,
    async points(buckets) {
      const { distinct } = survey;
      if (distinct === null || distinct.overflow) return bucketPoints(over, buckets);
      const { values, counts } = sortedDistinct(distinct);
      return pointsOfDistinct(unit === 1 ? values : values.map((value) => value / unit), counts);
    },
  };
}

/**
 * The kept weights of each group, in the order of the groups. They are gathered and sorted, as many groups in one pass
 * as `heldCap` numbers hold; a group of more is put into buckets, in passes of its own.
 */
export async function* groupSets(
  survey: KeptWeights,
  sweep: Sweep,
  groups: CodeGroups,
  unit: number,
): AsyncGenerator<KeptSet, void, undefined> {
  const find = groupFinder(groups);
  const kept = new Float64Array(groups.count);
  await overPlaced(survey, sweep, (_values, positions, count, first) => {
    for (let i = 0; i < count; i += 1) kept[find(first + positions[i]!)]! += 1;
  });
  for (let from = 0; from < groups.count;) {
    let to = from;
    let held = 0;
    while (to < groups.count && (to === from || held + kept[to]! <= heldCap)) {
      held += kept[to]!;
      to += 1;
    }
    if (held > heldCap) yield largeSet(survey, sweep, find, from, held, unit);
    else yield* gathered(survey, sweep, find, kept.subarray(from, to), from, unit);
    from = to;
  }
}

/** Groups whose weights fit into memory together. */
async function* gathered(
  survey: KeptWeights,
  sweep: Sweep,
  find: (element: number) => number,
  kept: Float64Array,
  from: number,
  unit: number,
): AsyncGenerator<KeptSet, void, undefined> {
  const ends = new Uint32Array(kept.length + 1);
  for (const [at, count] of kept.entries()) ends[at + 1] = ends[at]! + count;
  const all = new Float64Array(ends[kept.length]!);
  const next = ends.slice();
  await overPlaced(survey, sweep, (values, positions, count, first) => {
    for (let i = 0; i < count; i += 1) {
      const at = positions[i]!;
      const group = find(first + at) - from;
      if (group < 0 || group >= kept.length) continue;
      all[next[group]!] = values[at]! / unit;
      next[group]! += 1;
    }
  });
  for (const [at, count] of kept.entries()) {
    const points = pointsOfSorted(all.subarray(ends[at], ends[at + 1]).toSorted());
    yield { kept: count, points: () => Promise.resolve(points), over: () => Promise.resolve() };
  }
}

function pointsOfSorted(sorted: Float64Array): Points {
  const values = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let used = 0;
  for (const value of sorted) {
    if (used === 0 || value !== values[used - 1]) {
      values[used] = value;
      used += 1;
    }
    counts[used - 1]! += 1;
  }
  return pointsOfDistinct(values.slice(0, used), counts.slice(0, used));
}

function largeSet(
  survey: KeptWeights,
  sweep: Sweep,
  find: (element: number) => number,
  group: number,
  kept: number,
  unit: number,
): KeptSet {
  const over = (visit: KeptVisit): Promise<void> => {
    const inside = scaled(visit, unit);
    return overPlaced(survey, sweep, (values, positions, count, first) => {
      let own = 0;
      for (let i = 0; i < count; i += 1) {
        const at = positions[i]!;
        if (find(first + at) !== group) continue;
        positions[own] = at;
        own += 1;
      }
      inside(values, positions, own);
    });
  };
  return { kept, over, points: (buckets) => bucketPoints(over, buckets) };
}

async function bucketPoints(over: KeptSet['over'], wanted: number): Promise<Points> {
  const coarse = emptyCoarse();
  await over((values, positions, count) => {
    addCoarse(coarse, values, positions, count);
  });
  const buckets = emptyBuckets(coarse, wanted);
  await over((values, positions, count) => {
    addBuckets(buckets, values, positions, count);
  });
  return pointsOfBuckets(buckets);
}

/** Hands on the values divided by a power of two. */
function scaled(visit: KeptVisit, unit: number): KeptVisit {
  if (unit === 1) return visit;
  let room = new Float64Array(0);
  return (values, positions, count) => {
    if (room.length < values.length) room = new Float64Array(values.length);
    for (let i = 0; i < count; i += 1) room[positions[i]!] = values[positions[i]!]! / unit;
    visit(room, positions, count);
  };
}

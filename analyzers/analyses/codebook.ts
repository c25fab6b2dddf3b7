import {
  addAssigned,
  assignPoints,
  assigner,
  emptyAssigned,
  midpoints,
  movedCentroids,
  type Assigned,
} from '../kernels/assign.ts';
import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { densityStart, forgyStart, linearStart, lloyd } from '../kernels/lloyd.ts';
import { groupsFor, optimalCuts } from '../kernels/optimalCuts.ts';
import { meanOf, type Points } from '../kernels/points.ts';
import { rateCodebook, type Intervals } from '../kernels/rateCodebook.ts';
import { roundIntervals } from '../kernels/round.ts';
import type { ShareMethod, ShareRule } from '../report/recipe.ts';
import { codebookEntryBits, gridOf, type Stored } from './centroidGrid.ts';
import { keptPoints, overKept, type KeptWeights } from './keptWeights.ts';
import type { Sweep } from './sweeps.ts';

/** Shared values of a layer with what they cost in accuracy of its numbers. */
export interface Codebook {
  /** Ascending, non-zero, as they are stored. */
  readonly centroids: Float64Array;
  /**
   * The largest weight of each centroid but the last: the midpoints, so that every weight takes the nearest one;
   * `rate` moves them towards the rarer one.
   */
  readonly borders: Float64Array;
  /** Kept weights by centroid; none is 0. */
  readonly counts: Float64Array;
  /** Squared error of all kept weights. */
  readonly error: number;
  /** Centroids that were asked for and that no weight took. */
  readonly empty: number;
}

/** What a codebook is judged by besides its error: bits of the coded layer, and entries of its code stream that are no kept weight. */
export type Measure = (counts: Float64Array) => { readonly bits: number; readonly zeros: number };

interface Search {
  readonly k: number;
  readonly bits: number;
  readonly points: Points;
  /** Counts and error of real weights. */
  readonly assigned: (centroids: Float64Array, borders?: Float64Array) => Assigned | Promise<Assigned>;
  readonly rounded: (found: Intervals) => Intervals;
}

/**
 * At most k shared values for the kept weights, as the method finds them, rounded to what the layer can store
 * before anything is counted. Every kept weight then takes the nearest one, midway the lower one; with `rate` the one
 * whose borders it lies in. A centroid that no weight takes after rounding is left out, so the codebook may have fewer
 * than k.
 */
export async function codebookOf(
  layer: Stored,
  survey: KeptWeights,
  share: Extract<ShareRule, { kind: 'codebook' }>,
  zeroReserved: boolean,
  sweep: Sweep,
  { steps, measure }: { readonly steps: QuantisationSteps | null; readonly measure: Measure },
): Promise<Codebook> {
  const none = new Float64Array(0);
  if (survey.kept === 0) return { centroids: none, borders: none, counts: none, error: 0, empty: 0 };
  const { method, bits } = share;
  const k = 2 ** bits - (zeroReserved ? 1 : 0);
  const points = await keptPoints(survey, groupsFor(k), sweep);
  const grid = gridOf(layer, points, steps);
  const search: Search = {
    k,
    bits,
    points,
    assigned: (centroids, borders) =>
      points.exact
        ? assignPoints(points, centroids, borders)
        : assignWeights(survey, centroids, sweep, borders),
    rounded: (found) => roundIntervals(found.centroids, found.borders, grid),
  };
  if (points.exact && points.values.length <= k)
    return nearestCodebook(points.values, { ...search, k: points.values.length });
  if (method !== 'rate') return nearestCodebook(centroidsBy(method, points, k), search);
  return smallestCodebook(search, measure, codebookEntryBits(layer));
}

/** Every weight takes the nearest centroid. */
async function nearestCodebook(found: Float64Array, search: Search): Promise<Codebook> {
  const { points, k, assigned, rounded } = search;
  // Buckets were cut at their borders: one more round on the weights themselves.
  const moved = points.exact ? found : movedCentroids(found, await assigned(found));
  const { centroids } = rounded({ centroids: moved, borders: midpoints(moved) });
  const { counts, error } = await assigned(centroids);
  const used = centroids.filter((_, code) => counts[code]! > 0);
  return {
    centroids: used,
    borders: midpoints(used),
    counts: counts.filter((count) => count > 0),
    error,
    empty: Math.max(0, Math.min(k, points.values.length) - used.length),
  };
}

/** Rounds in which the aim makes up for what rounding and buckets cost. */
const aims = 4;

/**
 * `rate`: of the published codebooks, the optimal one and the entropy-constrained one, the one with the fewest coded
 * bits at no more squared error than `linear` has with as many codes. So none of them is smaller at no more error.
 */
async function smallestCodebook(search: Search, measure: Measure, entryBits: number): Promise<Codebook> {
  const { points, k, bits } = search;
  const linear = await nearestCodebook(centroidsBy('linear', points, k), search);
  let best = { codebook: linear, ...measure(linear.counts) };
  const { zeros } = best;
  const offer = (codebook: Codebook): void => {
    const measured = measure(codebook.counts);
    if (codebook.error <= linear.error && measured.bits < best.bits) best = { codebook, ...measured };
  };
  for (const method of ['optimal', 'density', 'forgy'] as const)
    offer(await nearestCodebook(centroidsBy(method, points, k), search));
  let aim = linear.error;
  for (let round = 0; round < aims; round += 1) {
    const found = rateCodebook(points, { codes: k, error: aim, codeBits: entryBits + bits + 5, zeros });
    if (found === null) break;
    const codebook = await intervalCodebook(found, search);
    offer(codebook);
    if (codebook.error <= linear.error) break;
    aim *= (linear.error / codebook.error) * (1 - 1e-9);
  }
  return { ...best.codebook, empty: 0 };
}

/** Every weight takes the centroid between whose borders it lies. */
async function intervalCodebook(found: Intervals, { points, assigned, rounded }: Search): Promise<Codebook> {
  const moved = points.exact
    ? found.centroids
    : movedCentroids(found.centroids, await assigned(found.centroids, found.borders));
  const { centroids, borders } = rounded({ centroids: moved, borders: found.borders });
  const { counts, error } = await assigned(centroids, borders);
  const used = Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  return {
    centroids: Float64Array.from(used, (code) => centroids[code]!),
    borders: Float64Array.from(used.slice(0, -1), (code) => borders[code]!),
    counts: counts.filter((count) => count > 0),
    error,
    empty: 0,
  };
}

/** `optimal` has the least squared error of all; the others are Lloyd's algorithm from Deep Compression's three starts. */
export const centroidsBy = (method: NearestMethod, points: Points, k: number): Float64Array =>
  lloyd(points, starts[method](points, k)).centroids;

/** Methods by which every weight takes the nearest centroid. */
export type NearestMethod = Exclude<ShareMethod, 'rate'>;

/** Lloyd's algorithm leaves the best codebook as it is, but for ties and what buckets hid. */
const starts: Readonly<Record<NearestMethod, (points: Points, k: number) => Float64Array>> = {
  optimal: (points, k) => {
    const cuts = optimalCuts(points, k);
    return Float64Array.from({ length: cuts.length - 1 }, (_, i) => meanOf(points, cuts[i]!, cuts[i + 1]!));
  },
  linear: linearStart,
  density: densityStart,
  forgy: forgyStart,
};

async function assignWeights(
  survey: KeptWeights,
  centroids: Float64Array,
  sweep: Sweep,
  borders?: Float64Array,
): Promise<Assigned> {
  const by = assigner(centroids, borders);
  const assigned = emptyAssigned(centroids.length);
  await overKept(survey, sweep, (values, positions, count) => {
    addAssigned(assigned, by, values, positions, count);
  });
  return assigned;
}

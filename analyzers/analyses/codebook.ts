import {
  addAssigned,
  assignPoints,
  assigner,
  emptyAssigned,
  movedCentroids,
  type Assigned,
} from '../kernels/assign.ts';
import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { densityStart, forgyStart, linearStart, lloyd } from '../kernels/lloyd.ts';
import { groupsFor, optimalCuts } from '../kernels/optimalCuts.ts';
import { meanOf, type Points } from '../kernels/points.ts';
import { floatGrid, integerGrid, roundCodebook, stepGrid, valuesGrid, type Grid } from '../kernels/round.ts';
import { dtypeBits, isFloating, type DType } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { ShareMethod, ShareRule } from '../report/recipe.ts';
import { keptPoints, overKept, type KeptWeights } from './keptWeights.ts';
import type { Sweep } from './sweeps.ts';

/** Shared values of a layer with what they cost in accuracy of its numbers. */
export interface Codebook {
  /** Ascending, non-zero, as they are stored. */
  readonly centroids: Float64Array;
  /** Kept weights by centroid; none is 0. */
  readonly counts: Float64Array;
  /** Squared error of all kept weights. */
  readonly error: number;
  /** Centroids that no weight took. */
  readonly empty: number;
}

/**
 * At most k shared values for the kept weights, as the method finds them, rounded to what the layer can store
 * before anything is counted. Every kept weight then takes the nearest one; midway it takes the lower one.
 * A centroid that no weight takes after rounding is left out, so the codebook may have fewer than k.
 */
export async function codebookOf(
  layer: Stored,
  survey: KeptWeights,
  share: Extract<ShareRule, { kind: 'codebook' }>,
  zeroReserved: boolean,
  sweep: Sweep,
  steps: QuantisationSteps | null = null,
): Promise<Codebook> {
  const none = new Float64Array(0);
  if (survey.kept === 0) return { centroids: none, counts: none, error: 0, empty: 0 };
  const { method } = share;
  const k = 2 ** share.bits - (zeroReserved ? 1 : 0);
  const points = await keptPoints(survey, groupsFor(k), sweep);
  const assigned = (centroids: Float64Array): Assigned | Promise<Assigned> =>
    points.exact ? assignPoints(points, centroids) : assignWeights(survey, centroids, sweep);
  let found = points.exact && points.values.length <= k ? points.values : centroidsBy(method, points, k);
  // Buckets were cut at their borders: one more round on the weights themselves.
  if (!points.exact) found = movedCentroids(found, await assigned(found));
  const centroids = roundCodebook(found, gridOf(layer, points, steps));
  const { counts, error } = await assigned(centroids);
  const used = centroids.filter((_, code) => counts[code]! > 0);
  return {
    centroids: used,
    counts: counts.filter((count) => count > 0),
    error,
    empty: Math.max(0, Math.min(k, points.values.length) - used.length),
  };
}

/** `optimal` has the least squared error of all; the others are Lloyd's algorithm from Deep Compression's three starts. */
export const centroidsBy = (method: ShareMethod, points: Points, k: number): Float64Array =>
  lloyd(points, starts[method](points, k)).centroids;

/** Lloyd's algorithm leaves the best codebook as it is, but for ties and what buckets hid. */
const starts: Readonly<Record<ShareMethod, (points: Points, k: number) => Float64Array>> = {
  optimal: (points, k) => {
    const cuts = optimalCuts(points, k);
    return Float64Array.from({ length: cuts.length - 1 }, (_, i) => meanOf(points, cuts[i]!, cuts[i + 1]!));
  },
  linear: linearStart,
  density: densityStart,
  forgy: forgyStart,
};

async function assignWeights(survey: KeptWeights, centroids: Float64Array, sweep: Sweep): Promise<Assigned> {
  const by = assigner(centroids);
  const assigned = emptyAssigned(centroids.length);
  await overKept(survey, sweep, (values, positions, count) => {
    addAssigned(assigned, by, values, positions, count);
  });
  return assigned;
}

/**
 * What a centroid can be stored as: floats by their type; integers with one scale as a whole number of steps from
 * the zero point (as one of the layer's own values where the steps are not known); integers without a scale as whole
 * numbers. Where each channel has a scale of its own, a codebook of real numbers is kept beside the scales: single
 * precision.
 */
function gridOf(layer: Stored, points: Points, steps: QuantisationSteps | null): Grid {
  const { dtype } = layer.weight;
  if (layer.quantisation === null) return isFloat(dtype) ? floatGrid(dtype) : integerGrid;
  if (manyScales(layer)) return floatGrid('f32');
  return integerSteps(dtype, steps) ?? (points.exact ? valuesGrid(points.values) : floatGrid('f32'));
}

/** The values of an integer type under one scale, or null: floats with a scale, or one that is no positive number. */
function integerSteps(dtype: DType, steps: QuantisationSteps | null): Grid | null {
  const scale = steps?.scales[0] ?? 0;
  if (steps === null || isFloat(dtype) || !(scale > 0 && scale < Infinity)) return null;
  const bits = dtypeBits[dtype];
  const least = dtype.startsWith('i') ? -(2 ** (bits - 1)) : 0;
  const { low, high } = rangeOf(steps.zeroPoints);
  return stepGrid(scale, least - high, least + 2 ** bits - 1 - low, bits <= 16);
}

function rangeOf(numbers: Float64Array): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return { low, high };
}

/** Bits of one stored centroid. */
export const codebookEntryBits = (layer: Stored): number =>
  manyScales(layer) ? 32 : dtypeBits[layer.weight.dtype];

type Stored = Pick<Layer, 'weight' | 'quantisation'>;

const manyScales = ({ quantisation }: Stored): boolean =>
  quantisation !== null && quantisation.scale !== null && elementsOf(quantisation.scale.shape) > 1;

const isFloat = (dtype: DType): dtype is Parameters<typeof floatGrid>[0] => isFloating(dtype);

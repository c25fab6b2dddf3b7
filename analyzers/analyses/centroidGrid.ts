import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { Points } from '../kernels/points.ts';
import { floatGrid, integerGrid, stepGrid, valuesGrid, type Grid } from '../kernels/round.ts';
import { dtypeBits, isFloating, type DType } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';

/**
 * What a centroid can be stored as: floats by their type; integers with one scale as a whole number of steps from
 * the zero point (as one of the layer's own values where the steps are not known); integers without a scale as whole
 * numbers. Where each channel has a scale of its own the codebook holds steps (shareSteps.ts); real numbers of single
 * precision stand for them where a codebook is only tried.
 */
export function gridOf(layer: Stored, points: Points, steps: QuantisationSteps | null): Grid {
  const { dtype } = layer.weight;
  if (layer.quantisation === null) return isFloatType(dtype) ? floatGrid(dtype) : integerGrid;
  if (manyScales(layer)) return floatGrid('f32');
  return integerSteps(dtype, steps) ?? (points.exact ? valuesGrid(points.values) : floatGrid('f32'));
}

/** The values of an integer type under one scale, or null: floats with a scale, or one that is no positive number. */
function integerSteps(dtype: DType, steps: QuantisationSteps | null): Grid | null {
  const range = stepRange(dtype, steps);
  return range === null ? null : stepGrid(range.scale, range.lowest, range.highest, range.single);
}

/** That scale, and the steps that there are from the zero point; see stepGrid. */
export function stepRange(
  dtype: DType,
  steps: QuantisationSteps | null,
): { scale: number; lowest: number; highest: number; single: boolean } | null {
  const scale = steps?.scales[0] ?? 0;
  if (steps === null || isFloatType(dtype) || !(scale > 0 && scale < Infinity)) return null;
  const bits = dtypeBits[dtype];
  const least = dtype.startsWith('i') ? -(2 ** (bits - 1)) : 0;
  const { low, high } = rangeOf(steps.zeroPoints);
  return { scale, lowest: least - high, highest: least + 2 ** bits - 1 - low, single: bits <= 16 };
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
export const codebookEntryBits = (layer: Stored): number => dtypeBits[layer.weight.dtype];

/** What decides how a centroid is stored. */
export type Stored = Pick<Layer, 'weight' | 'quantisation'>;

const manyScales = ({ quantisation }: Stored): boolean =>
  quantisation !== null && quantisation.scale !== null && elementsOf(quantisation.scale.shape) > 1;

/** Types that have a grid of floats. */
export const isFloatType = (dtype: DType): dtype is Parameters<typeof floatGrid>[0] => isFloating(dtype);

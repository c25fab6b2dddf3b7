import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { floatGrid, stepGrid, type Grid } from '../kernels/round.ts';
import { smallFloats } from '../kernels/smallFloats.ts';
import type { GridCode } from '../kernels/gridCode.ts';
import type { UniformMethod } from '../kernels/uniformGrid.ts';
import { dtypeBits, isFloating, type DType } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { isFloatType, stepRange, type Stored } from './centroidGrid.ts';

type Values = Float32Array | Float64Array;

/** Most bits of integers whose steps are counted one by one. */
const mostBits = 16;

/**
 * Whether the layer's codebook holds steps: what is stored, counted from the zero point, and not real numbers. Where
 * each channel has a scale of its own no real number could be stored in all of them; and of narrow floats with a scale
 * what is stored are floats again.
 */
export const sharesSteps = (dtype: DType, steps: QuantisationSteps): boolean =>
  isFloating(dtype) || steps.scales.some((scale) => scale !== steps.scales[0]);

/**
 * Why a layer can be neither pruned nor shared, null when it can: there is one bit pattern for weights that are not
 * kept, and steps are counted one by one.
 */
export function channelsRefused(dtype: DType, steps: QuantisationSteps | null): string | null {
  if (steps === null) return null;
  if (steps.zeroPoints.some((zero) => zero !== steps.zeroPoints[0]))
    return 'its zero points differ from channel to channel';
  if (sharesSteps(dtype, steps) && (isFloating(dtype) ? !isSmall(dtype) : dtypeBits[dtype] > mostBits))
    return `its ${dtypeBits[dtype].toString()}-bit elements are of too many values for a codebook of steps`;
  return null;
}

/** Whether the layer is neither pruned nor shared, whatever the recipe says. */
export const isCarried = (
  { weight, carried }: Pick<Layer, 'weight' | 'carried'>,
  nonFinite: number,
  steps: QuantisationSteps | null,
): boolean => carried !== undefined || nonFinite > 0 || channelsRefused(weight.dtype, steps) !== null;

const isSmall = (dtype: DType): dtype is keyof typeof smallFloats => Object.hasOwn(smallFloats, dtype);

let scratch = new Float64Array(0);

/** What a layer's centroids are compared with: its real numbers, or at the kept positions their steps. */
export function shareNumbers(
  dtype: DType,
  steps: QuantisationSteps | null,
): (values: Values, positions: Uint32Array, count: number, first: number) => Values {
  if (steps === null || !sharesSteps(dtype, steps)) return (values) => values;
  const grid = stepsGrid(dtype, steps);
  const { scales, inner } = steps;
  const places = scales.length;
  return (values, positions, count, first) => {
    if (scratch.length < values.length) scratch = new Float64Array(values.length);
    for (let i = 0; i < count; i += 1) {
      const at = positions[i]!;
      const scale = scales[places === 1 ? 0 : Math.floor((first + at) / inner) % places]!;
      scratch[at] = grid.round(values[at]! / scale);
    }
    return scratch.subarray(0, values.length);
  };
}

/** The steps that can be stored: floats of the type, or whole numbers in its range, counted from the zero point. */
export function stepsGrid(dtype: DType, steps: QuantisationSteps): Grid {
  if (isFloatType(dtype)) return floatGrid(dtype);
  const { least, most } = rangeOf(dtype, steps);
  return stepGrid(1, least, most, false);
}

function rangeOf(dtype: DType, { zeroPoints }: QuantisationSteps): { least: number; most: number } {
  const bits = dtypeBits[dtype];
  const least = (dtype.startsWith('i') ? -(2 ** (bits - 1)) : 0) - (zeroPoints[0] ?? 0);
  return { least, most: least + 2 ** bits - 1 };
}

/** Every step that can be stored, ascending, and where each one stands among them. */
export function stepLevels(
  dtype: DType,
  steps: QuantisationSteps,
): { values: Float64Array; indexOf: (step: number) => number } {
  if (isSmall(dtype)) {
    const finite = new Set(smallFloats[dtype].filter((value) => Number.isFinite(value)));
    const values = Float64Array.from(finite).toSorted();
    const places = new Map(Array.from(values, (value, place) => [value, place]));
    return { values, indexOf: (step) => places.get(step)! };
  }
  const { least, most } = rangeOf(dtype, steps);
  return {
    values: Float64Array.from({ length: most - least + 1 }, (_, i) => least + i),
    indexOf: (step) => step - least,
  };
}

/** How a decoder rebuilds a grid's centroids; null where it cannot, since scales are not known: then they are written. */
export function gridCodeOf(
  { weight: { dtype }, quantisation }: Stored,
  method: UniformMethod,
  levels: number,
  unit: number,
  steps: QuantisationSteps | null,
): GridCode | null {
  const common = { method, levels, type: dtype, unit };
  const plain = { ...common, scale: null, lowest: 0, highest: 0, single: false, zeroPoint: 0 };
  if (quantisation === null) return plain;
  if (steps === null) return null;
  const zeroPoint = steps.zeroPoints[0] ?? 0;
  if (!sharesSteps(dtype, steps)) {
    const range = stepRange(dtype, steps);
    return range === null ? null : { ...common, ...range, zeroPoint };
  }
  if (isFloatType(dtype)) return plain;
  const { least, most } = rangeOf(dtype, steps);
  return { ...common, scale: 1, lowest: least, highest: most, single: false, zeroPoint };
}

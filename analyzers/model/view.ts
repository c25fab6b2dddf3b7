import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { AxisMap } from '../kernels/axes.ts';
import type { LayerForm } from '../kernels/statistics.ts';
import type { Layer, View } from './layer.ts';
import { elementsOf } from './tensor.ts';

/** The view as index arithmetic. Axes of one element are left out; adjacent axes that step alike are merged. */
export function axisMapOf(view: View): AxisMap {
  const { shape } = view;
  const rowOf = stepsOf(shape, view.rowAxes);
  const colOf = stepsOf(shape, view.colAxes);
  const dims: number[] = [];
  const rowStep: number[] = [];
  const colStep: number[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const row = rowOf[axis]!;
    const col = colOf[axis]!;
    const last = dims.length - 1;
    // One count of the slower axis is a whole turn of this one: together they are one axis.
    if (last >= 0 && rowStep[last] === row * size && colStep[last] === col * size) {
      dims[last]! *= size;
      rowStep[last] = row;
      colStep[last] = col;
    } else {
      dims.push(size);
      rowStep.push(row);
      colStep.push(col);
    }
  }
  return dims.length === 0 ? { dims: [1], rowStep: [0], colStep: [0] } : { dims, rowStep, colStep };
}

/** By axis of the shape: how far one count of it moves an index that runs over `axes`, slowest first. */
function stepsOf(shape: readonly number[], axes: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (const axis of axes.toReversed()) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

/**
 * What the statistics need to know of a layer's form. The axis is told as one of the stored tensor.
 * Throws ReadError('limits/shape-overflow') when a sparse or tightly packed weight has more rows, columns or groups
 * side by side than may be counted one by one.
 */
export function formOf({ view, weight }: Pick<Layer, 'view' | 'weight'>): LayerForm {
  const axis = view.reductionAxis;
  const sizesOf = (axes: readonly number[]): number => elementsOf(axes.map((at) => view.shape[at]!));
  const inner = axis === null ? 1 : elementsOf(view.shape.slice(axis + 1));
  if (Math.max(sizesOf(view.rowAxes) + sizesOf(view.colAxes), inner) > limits.bands)
    throw new ReadError(
      'limits/shape-overflow',
      '',
      `${weight.name} has more rows or columns than the ${limits.bands.toString()} that are counted`,
    );
  const map = axisMapOf(view);
  if (axis === null) return { map, reduction: null };
  return {
    map,
    reduction: { size: view.shape[axis]!, inner, axis: storedAxis(view.shape, weight.shape, axis, inner) },
  };
}

/**
 * The axis of the stored shape along which one step of the view's axis goes: `inner` elements on in storage order.
 * An axis of one element has no step, so it is counted from the end, as both shapes end alike.
 */
function storedAxis(
  shape: readonly number[],
  stored: readonly number[],
  axis: number,
  inner: number,
): number {
  if (shape[axis] === 1) return Math.max(0, stored.length - (shape.length - axis));
  let turn = 1;
  for (let at = stored.length - 1; at > 0; at -= 1) {
    turn *= stored[at]!;
    if (inner < turn) return at;
  }
  return 0;
}

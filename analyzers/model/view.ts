import type { AxisMap } from '../kernels/axes.ts';
import type { View } from './layer.ts';

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

import type { Visit } from '../context.ts';
import { int, ints, text } from '../shapes/call.ts';
import type { Shape } from '../shapes/known.ts';
import type { LayerStep } from './unitGraph.ts';

type Run = readonly [first: number, end: number];

/** Output places beyond which borders are not enumerated one by one. */
const mostPlaces = 1 << 16;

/**
 * Which kernel positions lie within the input, along each axis, by kind of output place; null when all always do.
 * `input` and `output` are spatial extents, null where they are unknown: then every cut that the padding allows counts.
 */
export function bordersOf(
  visit: Visit,
  kernel: readonly number[],
  input: Shape | null,
  output: Shape | null,
): LayerStep['borders'] {
  const autoPad = text(visit, 'auto_pad') ?? 'NOTSET';
  const pads = ints(visit, 'pads');
  const strides = ints(visit, 'strides');
  const dilations = ints(visit, 'dilations');
  const rank = kernel.length;
  const axes: (readonly Run[])[] = [];
  for (const [axis, size] of kernel.entries()) {
    const stride = strides?.[axis] ?? 1;
    const dilation = dilations?.[axis] ?? 1;
    const extent = input?.[axis] ?? null;
    const places = output?.[axis] ?? null;
    const span = dilation * (size - 1) + 1;
    let before = pads?.[axis] ?? 0;
    let after = pads?.[axis + rank] ?? 0;
    if (autoPad === 'VALID') before = after = 0;
    else if (autoPad !== 'NOTSET') {
      if (span <= 1 && stride === 1) before = after = 0;
      else if (extent === null) return 'unknown';
      else {
        const total = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + span - extent);
        before = autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
        after = total - before;
      }
    }
    if (before < 0 || after < 0) return 'unknown';
    if (extent === null || places === null) {
      if (before === 0 && after === 0) axes.push([[0, size]]);
      else return 'unknown';
      continue;
    }
    if (places > mostPlaces) return 'unknown';
    const runs = new Map<string, Run>();
    for (let place = 0; place < places; place += 1) {
      const start = place * stride - before;
      const first = Math.min(size, Math.max(0, Math.ceil(-start / dilation)));
      const end = Math.max(first, Math.min(size, Math.floor((extent - 1 - start) / dilation) + 1));
      runs.set(`${first.toString()} ${end.toString()}`, [first, end]);
    }
    axes.push([...runs.values()]);
  }
  const whole = axes.every((runs, axis) => runs.every(([first, end]) => first === 0 && end === kernel[axis]));
  return whole ? null : axes;
}

/** A pooling that divides by the whole window where only a part of it lies within. */
export function countsPadding(visit: Visit, input: Shape | null, output: Shape | null): boolean {
  const kernel = ints(visit, 'kernel_shape');
  if (int(visit, 'count_include_pad') !== 1 || kernel === null) return false;
  return bordersOf(visit, kernel, input, output) !== null;
}

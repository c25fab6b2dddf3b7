import { inputOf, int, ints, intsOrInput, numbersOf, shapeOf, sureNumbers, given } from './call.ts';
import type { Call, InferenceTable } from './call.ts';
import { axisOf, isWhole, known, pickNumbers, product, shaped, stridesOf } from './known.ts';
import type { Known, Numbers, Shape } from './known.ts';

/** What a Slice takes of one axis. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The cuts of a Slice whose bounds are known; null where a bound or an extent isn't. Cuts nothing out of unnamed axes. */
export function cutsOf(
  call: Call,
): readonly (Cut | { readonly axis: number; readonly count: null })[] | null {
  const shape = shapeOf(call, 0);
  const starts = ints(call, 'starts') ?? numbersOf(call, 1);
  const ends = ints(call, 'ends') ?? numbersOf(call, 2);
  if (shape === null || starts === null || ends === null) return null;
  const axes = ints(call, 'axes') ?? (given(call, 3) ? sureNumbers(call, 3) : starts.map((_, i) => i));
  const steps = given(call, 4) ? numbersOf(call, 4) : starts.map(() => 1);
  if (axes === null || steps === null) return null;
  return axes.map((raw, i) => {
    const axis = axisOf(raw, shape.length) ?? -1;
    const extent = shape[axis] ?? null;
    const [start, end, step] = [starts[i] ?? null, ends[i] ?? null, steps[i] ?? null];
    if (extent === null || start === null || end === null || step === null || step === 0)
      return { axis, count: null };
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? extent : extent - 1;
    const clamp = (v: number, least: number) => Math.min(Math.max(v < 0 ? v + extent : v, least), high);
    const first = clamp(start, step > 0 ? 0 : 0);
    const last = clamp(end, low);
    return { axis, start: first, step, count: Math.max(0, Math.ceil((last - first) / step)) };
  });
}

function slice(call: Call) {
  const data = inputOf(call, 0);
  if (data.shape === null) return [];
  const cuts = cutsOf(call);
  if (cuts === null) {
    // Whatever is cut, the rank stays; which axes stay whole is only known when the axes are.
    const axes = intsOrInput(call, 'axes', 3);
    if (axes === null || axes === 'unknown')
      return [
        shaped(
          data.shape.map(() => null),
          data.dtype,
        ),
      ];
    const rank = data.shape.length;
    const touched = new Set(axes.map((axis) => axisOf(axis, rank)));
    return [
      shaped(
        data.shape.map((e, axis) => (touched.has(axis) ? null : e)),
        data.dtype,
      ),
    ];
  }
  const out: (number | null)[] = [...data.shape];
  for (const cut of cuts) if (cut.axis >= 0) out[cut.axis] = cut.count;
  return [known(out, data.dtype, cutNumbers(data, out, cuts as readonly Cut[]))];
}

function cutNumbers(data: Known, out: Shape, cuts: readonly Cut[]): Numbers | null {
  if (data.numbers === null || !isWhole(data.shape) || !isWhole(out)) return null;
  const strides = stridesOf(data.shape);
  const starts = out.map(() => 0);
  const steps = out.map(() => 1);
  for (const cut of cuts) {
    starts[cut.axis] = cut.start;
    steps[cut.axis] = cut.step;
  }
  return pickNumbers(data.numbers, out, (index) =>
    index.reduce((at, i, axis) => at + (starts[axis]! + i * steps[axis]!) * strides[axis]!, 0),
  );
}

/** Extents of the pieces of a Split along its axis; null when they are not known. */
export function splitSizes(call: Call): { readonly axis: number; readonly sizes: Shape } | null {
  const shape = shapeOf(call, 0);
  const axis = axisOf(int(call, 'axis') ?? 0, shape?.length ?? 0);
  if (shape === null || axis === null) return null;
  const told = intsOrInput(call, 'split', 1);
  const count = Math.min(int(call, 'num_outputs') ?? Infinity, call.node.outputs.length);
  if (told === 'unknown') return { axis, sizes: new Array<null>(call.node.outputs.length).fill(null) };
  if (told !== null) return { axis, sizes: told };
  const extent = shape[axis]!;
  if (extent === null) return { axis, sizes: new Array<null>(count).fill(null) };
  const part = Math.ceil(extent / count);
  return {
    axis,
    sizes: Array.from({ length: count }, (_, i) => Math.max(0, Math.min(part, extent - i * part))),
  };
}

function split(call: Call) {
  const data = inputOf(call, 0);
  const parts = splitSizes(call);
  if (data.shape === null || parts === null) return [];
  let start = 0;
  return parts.sizes.map((count) => {
    const out = data.shape!.map((e, axis) => (axis === parts.axis ? count : e));
    const numbers =
      count === null || Number.isNaN(start)
        ? null
        : cutNumbers(data, out, [{ axis: parts.axis, start, step: 1, count }]);
    start = count === null ? Number.NaN : start + count;
    return known(out, data.dtype, numbers);
  });
}

function transpose(call: Call) {
  const data = inputOf(call, 0);
  const { shape } = data;
  if (shape === null) return [];
  const perm = ints(call, 'perm') ?? shape.map((_, i) => shape.length - 1 - i);
  if (perm.length !== shape.length) return [];
  const out = perm.map((axis) => shape[axis] ?? null);
  if (data.numbers === null || !isWhole(shape)) return [shaped(out, data.dtype)];
  const strides = stridesOf(shape);
  const numbers = pickNumbers(data.numbers, out, (index) =>
    index.reduce((at, i, axis) => at + i * strides[perm[axis]!]!, 0),
  );
  return [known(out, data.dtype, numbers)];
}

function concat(call: Call) {
  const inputs = call.inputs.filter((input) => input !== null);
  const [first] = inputs;
  const rank = inputs.find((input) => input.shape !== null)?.shape?.length;
  const axis = rank === undefined ? null : axisOf(int(call, 'axis') ?? 1, rank);
  if (first === undefined || rank === undefined || axis === null) return [];
  const out: (number | null)[] = new Array<null>(rank).fill(null);
  let total: number | null = 0;
  for (const { shape } of inputs) {
    const along: number | null = shape?.[axis] ?? null;
    total = total === null || along === null ? null : total + along;
    for (let i = 0; i < rank; i += 1) out[i] ??= shape?.[i] ?? null;
  }
  out[axis] = total;
  return [known(out, first.dtype, rank === 1 ? joined(inputs) : null)];
}

/** Vectors end to end; a part whose numbers are not known leaves a gap. */
function joined(inputs: readonly Known[]): Numbers | null {
  const all: (number | null)[] = [];
  for (const { shape, numbers } of inputs) {
    const count = shape?.[0] ?? null;
    if (count === null || count > 64) return null;
    all.push(...(numbers ?? new Array<null>(count).fill(null)));
  }
  return all;
}

function gather(call: Call) {
  const data = inputOf(call, 0);
  const indices = inputOf(call, 1);
  const { shape } = data;
  if (shape === null || indices.shape === null) return [];
  const axis = axisOf(int(call, 'axis') ?? 0, shape.length);
  if (axis === null) return [];
  const out = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  if (shape.length !== 1 || data.numbers === null || indices.numbers === null)
    return [shaped(out, data.dtype)];
  const { numbers } = data;
  const picked = indices.numbers.map((i) =>
    i === null ? null : (numbers[i < 0 ? i + numbers.length : i] ?? null),
  );
  return [known(out, data.dtype, picked)];
}

function gatherElements(call: Call) {
  return [shaped(shapeOf(call, 1), inputOf(call, 0).dtype)];
}

function gatherNd(call: Call) {
  const data = inputOf(call, 0);
  const indices = shapeOf(call, 1);
  const depth = indices?.at(-1) ?? null;
  if (data.shape === null || indices === null || depth === null) return [];
  const batch = int(call, 'batch_dims') ?? 0;
  return [shaped([...indices.slice(0, -1), ...data.shape.slice(batch + depth)], data.dtype)];
}

function topK(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const k = int(call, 'k') ?? numbersOf(call, 1)?.[0] ?? null;
  const axis = axisOf(int(call, 'axis') ?? -1, shape?.length ?? 0);
  if (shape === null || axis === null) return [];
  const out = shape.map((e, i) => (i === axis ? k : e));
  return [shaped(out, dtype), shaped(out, 'i64')];
}

function shapeOperator(call: Call) {
  const shape = shapeOf(call, 0);
  if (shape === null) return [shaped([null], 'i64')];
  const bound = (v: number) => Math.min(Math.max(v < 0 ? v + shape.length : v, 0), shape.length);
  const part = shape.slice(bound(int(call, 'start') ?? 0), bound(int(call, 'end') ?? shape.length));
  return [known([part.length], 'i64', part)];
}

function size(call: Call) {
  const shape = shapeOf(call, 0);
  return [known([], 'i64', [shape === null ? null : product(shape)])];
}

export const slicingOperators: InferenceTable = {
  Slice: { infer: slice, reads: 'all' },
  Split: { infer: split, reads: [0, 1] },
  Transpose: { infer: transpose, reads: [0] },
  Concat: { infer: concat, reads: 'all' },
  Gather: { infer: gather, reads: [0, 1] },
  GatherElements: { infer: gatherElements },
  GatherND: { infer: gatherNd },
  ScatterND: { infer: (call) => [shaped(shapeOf(call, 0), inputOf(call, 0).dtype)] },
  ScatterElements: { infer: (call) => [shaped(shapeOf(call, 0), inputOf(call, 0).dtype)] },
  TopK: { infer: topK, reads: [1] },
  Shape: { infer: shapeOperator },
  Size: { infer: size },
};

import { given, inputOf, int, ints, intsOrInput, numbersOf, shapeOf } from './call.ts';
import type { Call, InferenceTable } from './call.ts';
import { axisOf, known, product, shaped } from './known.ts';
import type { Numbers, Shape } from './known.ts';

/** The extents that a Reshape asks for: 0 copies, one -1 is what remains. */
export function reshaped(data: Shape | null, target: Numbers, allowZero: boolean): Shape {
  const extents = target.map((extent, axis) =>
    extent === 0 && !allowZero ? (data?.[axis] ?? null) : extent === -1 ? null : extent,
  );
  // Exactly one unknown extent, an asked-for -1 or not, follows from the number of elements.
  const open = extents.flatMap((extent, axis) => (extent === null ? [axis] : []));
  const total = data === null ? null : product(data);
  const rest = product(extents.filter((extent) => extent !== null));
  if (open.length === 1 && total !== null && rest !== null && rest > 0 && total % rest === 0)
    extents[open[0]!] = total / rest;
  return extents;
}

function reshape(call: Call) {
  const data = inputOf(call, 0);
  const target = ints(call, 'shape') ?? numbersOf(call, 1);
  if (target === null) {
    const rank = shapeOf(call, 1)?.[0] ?? null;
    return [shaped(rank === null || rank > 32 ? null : new Array<null>(rank).fill(null), data.dtype)];
  }
  return [known(reshaped(data.shape, target, int(call, 'allowzero') === 1), data.dtype, data.numbers)];
}

function flatten(call: Call) {
  const { shape, dtype, numbers } = inputOf(call, 0);
  if (shape === null) return [shaped([null, null], dtype)];
  const axis = int(call, 'axis') ?? 1;
  const at = axis < 0 ? axis + shape.length : axis;
  return [known([product(shape.slice(0, at)), product(shape.slice(at))], dtype, numbers)];
}

function squeeze(call: Call) {
  const { shape, dtype, numbers } = inputOf(call, 0);
  if (shape === null) return [];
  const axes = intsOrInput(call, 'axes', 1);
  if (axes === 'unknown') return [];
  // Without axes every extent of 1 goes: whether an unknown one does cannot be told.
  if (axes === null)
    return shape.includes(null)
      ? []
      : [
          known(
            shape.filter((e) => e !== 1),
            dtype,
            numbers,
          ),
        ];
  const gone = new Set(axes.map((axis) => axisOf(axis, shape.length)));
  return [
    known(
      shape.filter((_, axis) => !gone.has(axis)),
      dtype,
      numbers,
    ),
  ];
}

function unsqueeze(call: Call) {
  const { shape, dtype, numbers } = inputOf(call, 0);
  const axes = intsOrInput(call, 'axes', 1);
  if (shape === null || axes === null || axes === 'unknown') return [];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  let next = 0;
  const out = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (shape[next++] ?? null)));
  return [known(out, dtype, numbers)];
}

function same(call: Call) {
  return [inputOf(call, 0)];
}

function sameShape(call: Call) {
  return [shaped(shapeOf(call, 0), inputOf(call, 0).dtype)];
}

function expand(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const target = numbersOf(call, 1);
  if (shape === null || target === null) return [];
  const rank = Math.max(shape.length, target.length);
  const out = Array.from({ length: rank }, (_, i) => {
    const a = i < rank - shape.length ? 1 : shape[i - rank + shape.length]!;
    const b = i < rank - target.length ? 1 : target[i - rank + target.length]!;
    if (a === 1) return b;
    return b === 1 ? a : (a ?? b);
  });
  const numbers = inputOf(call, 0).numbers;
  const count = product(out);
  const filled =
    numbers?.length === 1 && count !== null && count <= 64
      ? new Array<number | null>(count).fill(numbers[0]!)
      : null;
  return [known(out, dtype, filled)];
}

function tile(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const repeats = numbersOf(call, 1);
  if (shape === null || repeats === null) return [];
  return [
    shaped(
      shape.map((e, i) => times(e, repeats[i] ?? null)),
      dtype,
    ),
  ];
}

const times = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;

function pad(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const pads = ints(call, 'pads') ?? ints(call, 'paddings') ?? numbersOf(call, 1);
  if (shape === null || pads === null) return [];
  const axes = given(call, 3) ? numbersOf(call, 3) : shape.map((_, i) => i);
  if (axes === null) return [];
  const out: (number | null)[] = [...shape];
  for (const [i, axis] of axes.entries()) {
    const at = axis === null ? null : axisOf(axis, shape.length);
    if (at === null) return [];
    const before = pads[i] ?? null;
    const after = pads[i + axes.length] ?? null;
    const extent = out[at]!;
    out[at] = extent === null || before === null || after === null ? null : extent + before + after;
  }
  return [shaped(out, dtype)];
}

/** Output extents of Resize and Upsample: floor(extent x scale), or the sizes themselves. */
function resize(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  if (shape === null) return [];
  const early = call.inputs.length === 2;
  const attribute = ints(call, 'scales');
  const sizes = early ? null : given(call, 3) ? numbersOf(call, 3) : null;
  const scales = attribute ?? numbersOf(call, early ? 1 : 2);
  const wanted = given(call, 3) && !early ? sizes : scales;
  if (wanted === null)
    return [
      shaped(
        shape.map(() => null),
        dtype,
      ),
    ];
  const axes = ints(call, 'axes') ?? shape.map((_, i) => i);
  const out: (number | null)[] = [...shape];
  // A policy other than stretch lets the sizes be smaller than asked.
  const policy = call.node.attributes.get('keep_aspect_ratio_policy');
  const stretched = policy === undefined || (policy.kind === 'string' && policy.value === 'stretch');
  for (const [i, axis] of axes.entries()) {
    const at = axisOf(axis, shape.length);
    if (at === null) return [];
    const value = wanted[i] ?? null;
    const extent = out[at]!;
    if (wanted === sizes) out[at] = stretched ? value : null;
    else out[at] = extent === null || value === null ? null : Math.floor(extent * value);
  }
  return [shaped(out, dtype)];
}

function depthToSpace(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const block = int(call, 'blocksize');
  if (shape?.length !== 4 || block === null) return [];
  const [n, c, h, w] = shape as [number | null, number | null, number | null, number | null];
  return [shaped([n, c === null ? null : c / block ** 2, times(h, block), times(w, block)], dtype)];
}

function spaceToDepth(call: Call) {
  const { shape, dtype } = inputOf(call, 0);
  const block = int(call, 'blocksize');
  if (shape?.length !== 4 || block === null) return [];
  const [n, c, h, w] = shape as [number | null, number | null, number | null, number | null];
  const part = (e: number | null) => (e === null ? null : Math.floor(e / block));
  return [shaped([n, times(c, block ** 2), part(h), part(w)], dtype)];
}

export const reshapingOperators: InferenceTable = {
  Reshape: { infer: reshape, reads: [0, 1] },
  Flatten: { infer: flatten, reads: [0] },
  Squeeze: { infer: squeeze, reads: [0, 1] },
  Unsqueeze: { infer: unsqueeze, reads: [0, 1] },
  Identity: { infer: same, reads: [0] },
  Dropout: { infer: (call) => [...sameShape(call), shaped(shapeOf(call, 0), 'bool')] },
  Expand: { infer: expand, reads: [0, 1] },
  Tile: { infer: tile, reads: [1] },
  Pad: { infer: pad, reads: [1, 3] },
  Resize: { infer: resize, reads: [1, 2, 3], floats: true },
  Upsample: { infer: resize, reads: [1], floats: true },
  DepthToSpace: { infer: depthToSpace },
  SpaceToDepth: { infer: spaceToDepth },
};

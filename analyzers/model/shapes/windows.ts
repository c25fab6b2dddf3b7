import { int, ints, shapeOf, text } from './call.ts';
import type { Call, InferenceTable } from './call.ts';
import { shaped } from './known.ts';
import type { Shape } from './known.ts';

/** How a window moves along one spatial axis. */
interface Step {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: number;
}

const span = (s: Step): number => s.dilation * (s.kernel - 1) + 1;

/** Output extents of a convolution or a pooling (ONNX, Conv and MaxPool): ceil_mode never starts a window in the padding's end. */
function windows(call: Call, spatial: Shape, kernel: Shape): Shape {
  const autoPad = text(call, 'auto_pad') ?? 'NOTSET';
  const strides = ints(call, 'strides');
  const dilations = ints(call, 'dilations');
  const pads = ints(call, 'pads');
  const ceil = int(call, 'ceil_mode') === 1;
  const rank = spatial.length;
  return spatial.map((size, i) => {
    const k = kernel[i] ?? null;
    if (size === null || k === null) return null;
    const step: Step = {
      size,
      kernel: k,
      stride: strides?.[i] ?? 1,
      dilation: dilations?.[i] ?? 1,
      pads: (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0),
    };
    return extent(step, autoPad, ceil, pads?.[i] ?? 0);
  });
}

function extent(step: Step, autoPad: string, ceil: boolean, before: number): number | null {
  const { size, stride } = step;
  if (stride < 1) return null;
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return Math.ceil(size / stride);
  const pads = autoPad === 'VALID' ? 0 : step.pads;
  const room = size + pads - span(step);
  if (room < 0) return null;
  if (!ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  return (count - 1) * stride >= size + before ? count - 1 : count;
}

/** Output extents of a transposed convolution (ONNX, ConvTranspose). */
function widened(call: Call, spatial: Shape, kernel: Shape): Shape {
  const wanted = ints(call, 'output_shape');
  if (wanted !== null) return wanted.slice(-spatial.length);
  const autoPad = text(call, 'auto_pad') ?? 'NOTSET';
  const strides = ints(call, 'strides');
  const dilations = ints(call, 'dilations');
  const pads = ints(call, 'pads');
  const more = ints(call, 'output_padding');
  const rank = spatial.length;
  return spatial.map((size, i) => {
    const k = kernel[i] ?? null;
    if (size === null || k === null) return null;
    const stride = strides?.[i] ?? 1;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return size * stride;
    const cut = autoPad === 'VALID' ? 0 : (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0);
    const out = stride * (size - 1) + (more?.[i] ?? 0) + (dilations?.[i] ?? 1) * (k - 1) + 1 - cut;
    return out >= 0 ? out : null;
  });
}

/** The kernel's extents: those of the weight, since the attribute must agree with them and may be missing. */
const kernelOf = (call: Call, weight: Shape | null): Shape | null =>
  weight === null ? ints(call, 'kernel_shape') : weight.slice(2);

function conv(x: number, w: number) {
  return (call: Call) => {
    const data = shapeOf(call, x);
    const weight = shapeOf(call, w);
    const kernel = kernelOf(call, weight);
    if (data === null || data.length < 3 || kernel === null) return [];
    const dtype = x === w - 1 ? (call.inputs[x]?.dtype ?? null) : null;
    if (int(call, 'channels_last') === 1) {
      const spatial = data.slice(1, -1);
      return [shaped([data[0]!, ...windows(call, spatial, kernel), weight?.[0] ?? null], dtype)];
    }
    return [shaped([data[0]!, weight?.[0] ?? null, ...windows(call, data.slice(2), kernel)], dtype)];
  };
}

function convTranspose(call: Call) {
  const data = shapeOf(call, 0);
  const weight = shapeOf(call, 1);
  const kernel = kernelOf(call, weight);
  if (data === null || data.length < 3 || kernel === null) return [];
  const perGroup = weight?.[1] ?? null;
  const channels = perGroup === null ? null : perGroup * (int(call, 'group') ?? 1);
  return [shaped([data[0]!, channels, ...widened(call, data.slice(2), kernel)], call.inputs[0]?.dtype)];
}

function pool(call: Call) {
  const data = shapeOf(call, 0);
  const kernel = ints(call, 'kernel_shape');
  if (data === null || data.length < 3 || kernel === null) return [];
  const last = int(call, 'channels_last') === 1;
  const spatial = windows(call, last ? data.slice(1, -1) : data.slice(2), kernel);
  const shape = last ? [data[0]!, ...spatial, data.at(-1)!] : [data[0]!, data[1]!, ...spatial];
  return [shaped(shape, call.inputs[0]?.dtype), shaped(shape, 'i64')];
}

function globalPool(call: Call) {
  const data = shapeOf(call, 0);
  if (data === null || data.length < 3) return [];
  const last = int(call, 'channels_last') === 1;
  const shape = data.map((e, i) => (i === 0 || i === (last ? data.length - 1 : 1) ? e : 1));
  return [shaped(shape, call.inputs[0]?.dtype)];
}

export const windowOperators: InferenceTable = {
  Conv: { infer: conv(0, 1) },
  ConvInteger: { infer: (call) => conv(0, 1)(call).map((out) => ({ ...out, dtype: 'i32' as const })) },
  QLinearConv: { infer: conv(0, 3) },
  DeformConv: { infer: conv(0, 1) },
  ConvTranspose: { infer: convTranspose },
  MaxPool: { infer: pool },
  AveragePool: { infer: pool },
  LpPool: { infer: pool },
  GlobalMaxPool: { infer: globalPool },
  GlobalAveragePool: { infer: globalPool },
  GlobalLpPool: { infer: globalPool },
  'com.microsoft.FusedConv': { infer: conv(0, 1) },
  'com.microsoft.QLinearConv': { infer: conv(0, 3) },
  'com.microsoft.QLinearAveragePool': { infer: pool },
  'com.microsoft.QLinearGlobalAveragePool': { infer: globalPool },
};

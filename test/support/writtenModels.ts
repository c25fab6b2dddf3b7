import type { DType } from '../../analyzers/model/dtype.ts';
import { f32, type AttributeSpec, type ModelSpec, type NodeSpec, type TensorSpec } from './onnxFixture.ts';

/** One matrix product whose weight `w` [rows, cols] stands as `how` says. */
export function product(
  [rows, cols]: readonly [number, number],
  how: Partial<ModelSpec>,
  more: { readonly before?: readonly NodeSpec[]; readonly dtype?: DType } = {},
): ModelSpec {
  const { dtype = 'f32', before = [] } = more;
  return {
    ...how,
    nodes: [...before, { op: 'MatMul', name: 'fc', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', dtype, shape: [1, rows] }],
    outputs: [{ name: 'y', dtype, shape: [1, cols] }],
  };
}

/** A weight of integers behind a DequantizeLinear with one scale and zero point. */
export function quantised(
  shape: readonly [number, number],
  dtype: DType,
  zeroPoint: number,
  data: Partial<TensorSpec>,
): ModelSpec {
  const zero: Partial<TensorSpec> = { dtype, shape: [], int32s: [zeroPoint] };
  return product(
    shape,
    {
      initializers: [
        { name: 'q', dtype, shape, ...data },
        f32('scale', [], () => 0.25),
        { name: 'zero', ...zero, shape: [] },
      ],
    },
    { before: [{ op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['w'] }] },
  );
}

/** The bits of a half; exact for those that are one. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const fraction = Math.round(size * 2 ** (10 - exponent));
  if (fraction >= 2048) return halfBits(Math.sign(value) * 2 ** (exponent + 1));
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) | (fraction - 1024));
}

/** The weight as a Constant node's attribute, and the product behind it. */
export const constantProduct = (
  shape: readonly [number, number],
  attribute: Readonly<Record<string, AttributeSpec>>,
): ModelSpec =>
  product(
    shape,
    { initializers: [{ name: 'to', dtype: 'i64', shape: [2], int64s: shape }] },
    {
      before: [
        { op: 'Constant', outputs: ['flat'], attributes: attribute },
        { op: 'Reshape', inputs: ['flat', 'to'], outputs: ['w'] },
      ],
    },
  );

/** One model whose weights stand in every way that there is: varints, numbers with tags, values of a sparse tensor. */
export const everyWriting: ModelSpec = {
  nodes: [
    { op: 'MatMul', name: 'a', inputs: ['x', 'varints'], outputs: ['ya'] },
    { op: 'MatMul', name: 'b', inputs: ['x', 'tagged'], outputs: ['yb'] },
    { op: 'MatMul', name: 'c', inputs: ['x', 'sparse'], outputs: ['yc'] },
    { op: 'MatMul', name: 'd', inputs: ['x', 'both'], outputs: ['yd'] },
  ],
  initializers: [
    { name: 'varints', dtype: 'f16', shape: [4, 3], int32s: ramp(12).map(halfBits) },
    { name: 'tagged', shape: [4, 3], floats: ramp(12), packed: false },
    { name: 'both', dtype: 'f16', shape: [4, 3], int32s: ramp(12).map(halfBits), packed: false },
  ],
  sparse: [
    {
      values: { name: 'sparse', shape: [6], floats: ramp(6) },
      indices: { dtype: 'i64', shape: [6], int64s: [0, 2, 3, 7, 8, 11] },
      shape: [4, 3],
    },
  ],
  inputs: [{ name: 'x', shape: [1, 4] }],
};

/** Halves that differ in size and sign. */
function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1) * (0.25 + i / 4));
}

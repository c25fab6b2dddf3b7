import assert from 'node:assert/strict';
import test from 'node:test';
import { layerIn, layersIn } from '../support/layersIn.ts';
import { f32, i64 } from '../support/onnxFixture.ts';
import type { AttributeSpec, ModelSpec } from '../support/onnxFixture.ts';

const one = (
  op: string,
  x: readonly (number | string | null)[],
  w: readonly number[],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
): ModelSpec => ({
  inputs: [{ name: 'x', shape: x }],
  initializers: [f32('w', w)],
  nodes: [{ op, inputs: ['x', 'w'], outputs: ['y'], attributes }],
});

const macs = async (spec: ModelSpec): Promise<number | null> => (await layerIn(spec)).macs;

test('a convolution multiplies every weight once an output place', async () => {
  // 24 x 24 places x 20 x 25 weights: conv1 of LeNet-5.
  assert.equal(await macs(one('Conv', [1, 1, 28, 28], [20, 1, 5, 5])), 288_000);
  // Stride 2, padding 1: 4 x 4 places.
  const strided = { strides: [2, 2], pads: [1, 1, 1, 1] };
  assert.equal(await macs(one('Conv', [3, 2, 8, 8], [4, 2, 3, 3], strided)), 3 * 16 * 72);
  // Dilation 2 makes the kernel 5 wide: 4 x 4 places.
  assert.equal(await macs(one('Conv', [1, 2, 8, 8], [4, 2, 3, 3], { dilations: [2, 2] })), 16 * 72);
  // SAME: ceil(7 / 2) = 4 places a side.
  assert.equal(
    await macs(one('Conv', [1, 2, 7, 7], [4, 2, 3, 3], { auto_pad: 'SAME_UPPER', strides: [2, 2] })),
    16 * 72,
  );
  // VALID ignores pads.
  assert.equal(await macs(one('Conv', [1, 2, 7, 7], [4, 2, 3, 3], { auto_pad: 'VALID' })), 25 * 72);
  // Two groups: half the weights, the same places.
  assert.equal(await macs(one('Conv', [1, 4, 5, 5], [6, 2, 3, 3], { group: 2 })), 9 * 108);
});

test('a transposed convolution multiplies every weight once an input place', async () => {
  assert.equal(
    await macs(one('ConvTranspose', [2, 4, 5, 5], [4, 3, 2, 2], { strides: [2, 2] })),
    2 * 25 * 48,
  );
});

test('a matrix is multiplied once a vector', async () => {
  assert.equal(await macs(one('MatMul', [2, 7, 3], [3, 4])), 14 * 12);
  assert.equal(await macs(one('Gemm', [7, 3], [4, 3], { transB: 1 })), 7 * 12);
  assert.equal(await macs(one('Gemm', [3, 7], [3, 4], { transA: 1 })), 7 * 12);
  // A stack of five matrices, each for its own two rows; and one matrix for all of them.
  assert.equal(await macs(one('MatMul', [5, 2, 3], [5, 3, 4])), 5 * 2 * 12);
  assert.equal(await macs(one('MatMul', [5, 2, 3], [1, 3, 4])), 5 * 2 * 12);
  // On the left, once a column.
  const left = one('MatMul', [3, 9], [4, 3]);
  assert.equal(
    await macs({ ...left, nodes: [{ op: 'MatMul', inputs: ['w', 'x'], outputs: ['y'] }] }),
    9 * 12,
  );
  assert.equal(await macs(one('MatMul', [3], [3, 4])), 12);
});

test('a symbolic first dimension of a graph input counts as 1 and is said so; any other gives null', async () => {
  const batch = await layersIn(one('Gemm', ['N', 3], [3, 4]));
  assert.deepEqual([batch.layers[0]?.macs, batch.symbolicBatch], [12, true]);
  const unnamed = await layersIn(one('Gemm', [null, 3], [3, 4]));
  assert.deepEqual([unnamed.layers[0]?.macs, unnamed.symbolicBatch], [12, true]);
  const fixed = await layersIn(one('Gemm', [5, 3], [3, 4]));
  assert.deepEqual([fixed.layers[0]?.macs, fixed.symbolicBatch], [60, false]);
  const length = await layersIn(one('MatMul', ['N', 'T', 3], [3, 4]));
  assert.deepEqual([length.layers[0]?.macs, length.symbolicBatch], [null, false]);
});

test('a declared shape helps where inference gives none', async () => {
  const spec: ModelSpec = {
    opset: { '': 17, 'com.example': 1 },
    inputs: [{ name: 'x', shape: ['bytes'] }],
    initializers: [f32('w', [4, 3, 3, 3])],
    nodes: [
      { op: 'Decode', domain: 'com.example', inputs: ['x'], outputs: ['image'] },
      { op: 'Conv', inputs: ['image', 'w'], outputs: ['y'] },
    ],
    values: [{ name: 'y', shape: [1, 4, 6, 6] }],
  };
  const { layers, symbolicBatch } = await layersIn(spec);
  assert.deepEqual([layers[0]?.macs, symbolicBatch], [36 * 108, false]);
  assert.equal((await layersIn({ ...spec, values: [] })).layers[0]?.macs, null);
});

const twice = (second: readonly (number | string)[]): ModelSpec => ({
  inputs: [
    { name: 'x', shape: [2, 3] },
    { name: 'z', shape: second },
  ],
  initializers: [f32('w', [3, 3])],
  nodes: [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['a'] },
    { op: 'MatMul', inputs: ['z', 'w'], outputs: ['b'] },
  ],
});

test('a weight used twice counts both uses, and null when one of them is unknown', async () => {
  assert.equal(await macs(twice([5, 3])), 63);
  assert.equal(await macs(twice([1, 'T', 3])), null);
});

const rnn = (op: string, gates: number, layout: number): ModelSpec => ({
  inputs: [{ name: 'x', shape: layout === 1 ? [2, 7, 3] : [7, 2, 3] }],
  initializers: [f32('W', [1, gates * 4, 3]), f32('R', [1, gates * 4, 4])],
  nodes: [{ op, inputs: ['x', 'W', 'R'], outputs: ['y'], attributes: { hidden_size: 4, layout } }],
});

test('recurrent weights count once a step of the batch', async () => {
  for (const [op, gates] of [
    ['RNN', 1],
    ['GRU', 3],
    ['LSTM', 4],
  ] as const)
    for (const layout of [0, 1]) {
      const { layers } = await layersIn(rnn(op, gates, layout));
      assert.deepEqual(
        layers.map((l) => l.macs),
        [14 * gates * 12, 14 * gates * 16],
        op,
      );
    }
});

test('a chain of shape arithmetic is followed: Shape, Gather, Unsqueeze, Concat, Reshape', async () => {
  const { layers, symbolicBatch } = await layersIn({
    inputs: [{ name: 'x', shape: ['N', 2, 3, 4] }],
    initializers: [f32('w', [24, 5]), i64('zero', [0], []), i64('axis', [0]), i64('rest', [-1])],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
      { op: 'Unsqueeze', inputs: ['n', 'axis'], outputs: ['v'] },
      { op: 'Concat', inputs: ['v', 'rest'], outputs: ['target'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'target'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'w'], outputs: ['y'] },
    ],
  });
  assert.deepEqual([layers[0]?.macs, symbolicBatch], [120, true]);
});

test('what is trained are weights, biases, norm vectors and slopes; statistics and constants are not', async () => {
  const { parameters } = await layersIn({
    inputs: [{ name: 'x', shape: [1, 2, 6, 6] }],
    initializers: [
      f32('w', [4, 2, 3, 3]), // 72
      f32('b', [4]), // 4
      f32('scale', [4]), // 4
      f32('shift', [4]), // 4
      f32('mean', [4]),
      f32('var', [4]),
      f32('slope', [4, 1, 1]), // 4
      f32('dense', [4, 5]), // 20
      f32('bias', [5]), // 5
      f32('anchor', [5]),
      f32('half', []),
    ],
    nodes: [
      { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'] },
      { op: 'BatchNormalization', inputs: ['c', 'scale', 'shift', 'mean', 'var'], outputs: ['n'] },
      { op: 'PRelu', inputs: ['n', 'slope'], outputs: ['p'] },
      { op: 'Mul', inputs: ['p', 'half'], outputs: ['h'] },
      { op: 'ReduceMean', inputs: ['h'], outputs: ['r'], attributes: { axes: [2, 3], keepdims: 0 } },
      { op: 'MatMul', inputs: ['r', 'dense'], outputs: ['m'] },
      { op: 'Add', inputs: ['m', 'bias'], outputs: ['a'] },
      { op: 'Mul', inputs: ['a', 'anchor'], outputs: ['t'] },
      { op: 'Add', inputs: ['t', 'anchor'], outputs: ['y'] },
    ],
  });
  assert.equal(parameters, 72 + 4 + 4 + 4 + 4 + 20 + 5);
});

test('a norm that is written out still has its scale and shift', async () => {
  const { parameters } = await layersIn({
    inputs: [{ name: 'x', shape: [2, 8] }],
    initializers: [f32('two', []), f32('eps', []), f32('gamma', [8]), f32('beta', [8])],
    nodes: [
      { op: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: [-1] } },
      { op: 'Sub', inputs: ['x', 'm'], outputs: ['d'] },
      { op: 'Pow', inputs: ['d', 'two'], outputs: ['p'] },
      { op: 'ReduceMean', inputs: ['p'], outputs: ['v'], attributes: { axes: [-1] } },
      { op: 'Add', inputs: ['v', 'eps'], outputs: ['e'] },
      { op: 'Sqrt', inputs: ['e'], outputs: ['r'] },
      { op: 'Div', inputs: ['d', 'r'], outputs: ['q'] },
      { op: 'Mul', inputs: ['q', 'gamma'], outputs: ['g'] },
      { op: 'Add', inputs: ['g', 'beta'], outputs: ['y'] },
    ],
  });
  assert.equal(parameters, 16);
});

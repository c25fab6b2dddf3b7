import assert from 'node:assert/strict';
import test from 'node:test';
import { layerIn, layersIn, placesOf } from '../support/layersIn.ts';
import { f32, i64 } from '../support/onnxFixture.ts';
import type { ModelSpec, NodeSpec, TensorSpec } from '../support/onnxFixture.ts';

/** A weight `w` that goes through some nodes and ends as `v` on the right of a MatMul of 3 inputs, or as another operator's. */
const through = (w: TensorSpec, nodes: readonly NodeSpec[], more: readonly TensorSpec[] = []): ModelSpec => ({
  inputs: [{ name: 'x', shape: [2, 3] }],
  initializers: [w, ...more],
  nodes: [...nodes, { op: 'MatMul', inputs: ['x', 'v'], outputs: ['y'] }],
});

const bytes = (count: number): Uint8Array => new Uint8Array(count);

test('a Transpose changes the orientation, not the tensor', async () => {
  const layer = await layerIn(
    through(f32('w', [4, 3]), [{ op: 'Transpose', inputs: ['w'], outputs: ['v'] }]),
  );
  assert.deepEqual([layer.weight.shape, layer.rows, layer.cols], [[4, 3], 4, 3]);
  assert.deepEqual(layer.view, { shape: [4, 3], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 });
});

test('a Reshape merges axes of the view', async () => {
  const layer = await layerIn(
    through(
      f32('w', [3, 2, 2]),
      [{ op: 'Reshape', inputs: ['w', 's'], outputs: ['v'] }],
      [i64('s', [3, -1])],
    ),
  );
  assert.deepEqual([layer.weight.shape, layer.rows, layer.cols], [[3, 2, 2], 4, 3]);
  for (const [flat, place] of placesOf(layer).entries())
    assert.deepEqual(place, [flat % 4, Math.floor(flat / 4)]);
});

test('a Reshape splits an axis of the view', async () => {
  const layer = await layerIn({
    inputs: [{ name: 'x', shape: [1, 2, 4, 4] }],
    initializers: [f32('w', [5, 18]), i64('s', [5, 2, 3, 3])],
    nodes: [
      { op: 'Reshape', inputs: ['w', 's'], outputs: ['v'] },
      { op: 'Conv', inputs: ['x', 'v'], outputs: ['y'] },
    ],
  });
  assert.deepEqual([layer.weight.shape, layer.rows, layer.cols, layer.macs], [[5, 18], 5, 18, 5 * 18 * 4]);
  assert.deepEqual([layer.view.shape, layer.view.reductionAxis, layer.view.positions], [[5, 2, 3, 3], 1, 9]);
});

test('a Transpose before a Reshape is followed through both', async () => {
  // [2, 4, 3] -> [3, 2, 4] -> [3, 8]: the outputs are the first two stored axes.
  const layer = await layerIn(
    through(
      f32('w', [2, 4, 3]),
      [
        { op: 'Transpose', inputs: ['w'], outputs: ['t'], attributes: { perm: [2, 0, 1] } },
        { op: 'Reshape', inputs: ['t', 's'], outputs: ['v'] },
      ],
      [i64('s', [3, 8])],
    ),
  );
  assert.deepEqual([layer.rows, layer.cols], [8, 3]);
  for (const [flat, place] of placesOf(layer).entries())
    assert.deepEqual(place, [Math.floor(flat / 3), flat % 3]);
});

test('Cast, Identity, Squeeze, Unsqueeze, Flatten and Dropout are looked through', async () => {
  const layer = await layerIn(
    through(
      f32('w', [1, 3, 4]),
      [
        { op: 'Cast', inputs: ['w'], outputs: ['a'], attributes: { to: 10 } },
        { op: 'Identity', inputs: ['a'], outputs: ['b'] },
        { op: 'Squeeze', inputs: ['b', 'zero'], outputs: ['c'] },
        { op: 'Unsqueeze', inputs: ['c', 'two'], outputs: ['d'] },
        { op: 'Flatten', inputs: ['d'], outputs: ['e'], attributes: { axis: 1 } },
        { op: 'Dropout', inputs: ['e'], outputs: ['v'] },
      ],
      [i64('zero', [0]), i64('two', [2])],
    ),
  );
  assert.deepEqual([layer.weight.name, layer.weight.dtype, layer.rows, layer.cols], ['w', 'f32', 4, 3]);
});

test('a dequantised weight keeps its scale, zero point and axis, also behind a Transpose', async () => {
  const layer = await layerIn(
    through(
      { name: 'w', dtype: 'i8', shape: [4, 3], raw: bytes(12) },
      [
        { op: 'DequantizeLinear', inputs: ['w', 's', 'z'], outputs: ['d'], attributes: { axis: 0 } },
        { op: 'Transpose', inputs: ['d'], outputs: ['v'] },
      ],
      [f32('s', [4], () => 0.5), { name: 'z', dtype: 'i8', shape: [4], raw: bytes(4) }],
    ),
  );
  const { quantisation: q } = layer;
  assert.deepEqual(
    [layer.weight.dtype, layer.rows, q?.scale?.name, q?.zeroPoint?.name, q?.axis],
    ['i8', 4, 's', 'z', 0],
  );
});

test('an axis of scales is found behind a Transpose before the DequantizeLinear', async () => {
  const layer = await layerIn(
    through(
      { name: 'w', dtype: 'i8', shape: [4, 3], raw: bytes(12) },
      [
        { op: 'Transpose', inputs: ['w'], outputs: ['t'] },
        { op: 'DequantizeLinear', inputs: ['t', 's'], outputs: ['v'], attributes: { axis: 1 } },
      ],
      [f32('s', [4], () => 0.5)],
    ),
  );
  assert.deepEqual([layer.quantisation?.axis, layer.quantisation?.zeroPoint], [0, null]);
});

test('floats that the graph quantises and dequantises are read as the floats that are stored', async () => {
  const layer = await layerIn(
    through(
      f32('w', [3, 4]),
      [
        { op: 'QuantizeLinear', inputs: ['w', 's'], outputs: ['q'] },
        { op: 'DequantizeLinear', inputs: ['q', 's'], outputs: ['v'] },
      ],
      [f32('s', [], () => 0.5)],
    ),
  );
  assert.deepEqual([layer.weight.name, layer.quantisation], ['w', null]);
});

test('scales of blocks are told, and the weight is listed unread', async () => {
  const { layers, problems, parameters } = await layersIn(
    through(
      { name: 'w', dtype: 'i4', shape: [3, 4], raw: bytes(6) },
      [
        {
          op: 'DequantizeLinear',
          inputs: ['w', 's'],
          outputs: ['v'],
          attributes: { axis: 1, block_size: 2 },
        },
      ],
      [f32('s', [3, 2], () => 0.5)],
    ),
  );
  assert.deepEqual(
    [layers.length, layers[0]?.weight.data.kind, layers[0]?.macs, parameters],
    [1, 'none', 24, 12],
  );
  assert.deepEqual(
    problems.map((p) => [p.severity, p.code]),
    [['warning', 'onnx/weights-packed']],
  );
});

test('packed four-bit blocks are a layer of the matrix that they stand for', async () => {
  const { layers, parameters } = await layersIn({
    opset: { '': 17, 'com.microsoft': 1 },
    inputs: [{ name: 'x', shape: [2, 32] }],
    initializers: [{ name: 'w', dtype: 'u8', shape: [8, 2, 8], raw: bytes(128) }, f32('s', [16])],
    nodes: [
      {
        op: 'MatMulNBits',
        domain: 'com.microsoft',
        inputs: ['x', 'w', 's'],
        outputs: ['y'],
        attributes: { K: 32, N: 8, bits: 4, block_size: 16 },
      },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.rows, l.cols, l.weight.shape, l.weight.data.kind, l.macs]),
    [[8, 32, [8, 32], 'none', 512]],
  );
  assert.equal(parameters, 256);
});

const scale = (name: string, shape: readonly number[] = []): TensorSpec => f32(name, shape, () => 0.25);
const zero = (name: string): TensorSpec => ({ name, dtype: 'u8', shape: [], raw: bytes(1) });

test('a quantised operator reads its weight through its own scale and zero point', async () => {
  const { layers, parameters } = await layersIn({
    inputs: [{ name: 'x', dtype: 'u8', shape: [1, 2, 4, 4] }],
    initializers: [
      { name: 'conv.weight_quantized', dtype: 'u8', shape: [3, 2, 3, 3], raw: bytes(54) },
      { name: 'b', dtype: 'i32', shape: [3], int32s: [1, 2, 3] },
      scale('xs'),
      scale('ws', [3]),
      scale('ys'),
      zero('xz'),
      zero('wz'),
      zero('yz'),
      { name: 'dense', dtype: 'u8', shape: [4, 5], raw: bytes(20) },
      scale('ds', [5]),
    ],
    nodes: [
      {
        op: 'QLinearConv',
        inputs: ['x', 'xs', 'xz', 'conv.weight_quantized', 'ws', 'wz', 'ys', 'yz', 'b'],
        outputs: ['c'],
      },
      { op: 'Constant', outputs: ['shape'], attributes: { value: { tensor: i64('', [3, 4]) } } },
      { op: 'Reshape', inputs: ['c', 'shape'], outputs: ['r'] },
      { op: 'QLinearMatMul', inputs: ['r', 'ys', 'yz', 'dense', 'ds', 'wz', 'xs', 'xz'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.name, l.op, l.rows, l.cols, l.quantisation?.scale?.name, l.quantisation?.axis]),
    [
      ['conv', 'conv', 3, 18, 'ws', 0],
      ['dense', 'dense', 5, 4, 'ds', 1],
    ],
  );
  assert.equal(parameters, 54 + 3 + 20);
});

const integerProduct = (more: readonly NodeSpec[]): ModelSpec => ({
  inputs: [
    { name: 'x', dtype: 'u8', shape: [2, 3] },
    { name: 'xs', shape: [] },
  ],
  initializers: [
    { name: 'w', dtype: 'i8', shape: [3, 4], raw: bytes(12) },
    { name: 'wz', dtype: 'i8', shape: [], raw: bytes(1) },
    { name: 'xz', dtype: 'u8', shape: [], raw: bytes(1) },
    f32('ws', [4], () => 0.5),
  ],
  nodes: [{ op: 'MatMulInteger', inputs: ['x', 'w', 'xz', 'wz'], outputs: ['p'] }, ...more],
});

test("an integer product's scale is found where the graph multiplies with it later", async () => {
  const { layers, problems } = await layersIn(
    integerProduct([
      { op: 'Cast', inputs: ['p'], outputs: ['f'], attributes: { to: 1 } },
      { op: 'Mul', inputs: ['xs', 'ws'], outputs: ['s'] },
      { op: 'Mul', inputs: ['f', 's'], outputs: ['y'] },
    ]),
  );
  const [q] = layers.map((l) => l.quantisation);
  assert.deepEqual([q?.scale?.name, q?.zeroPoint?.name, q?.axis, problems], ['ws', 'wz', 1, []]);
});

test('an integer product without a scale is told in steps', async () => {
  const { layers, problems } = await layersIn(integerProduct([]));
  assert.deepEqual(layers[0]?.quantisation?.scale, null);
  assert.equal(layers[0]?.quantisation?.zeroPoint?.name, 'wz');
  assert.deepEqual(
    problems.map((p) => p.code),
    ['onnx/scale-unknown'],
  );
});

test('slices of one tensor are that tensor, with the MACs of what each use reads', async () => {
  const layer = await layerIn({
    inputs: [{ name: 'x', shape: [2, 3] }],
    initializers: [f32('qkv', [3, 12]), i64('sizes', [4, 8])],
    nodes: [
      { op: 'Split', inputs: ['qkv', 'sizes'], outputs: ['q', 'kv'], attributes: { axis: 1 } },
      { op: 'MatMul', name: 'query', inputs: ['x', 'q'], outputs: ['a'] },
      { op: 'MatMul', name: 'rest', inputs: ['x', 'kv'], outputs: ['b'] },
    ],
  });
  assert.deepEqual([layer.usedBy, layer.rows, layer.cols, layer.macs], [['query', 'rest'], 12, 3, 72]);
});

/** Rows from .. to of w; the bounds are initializers. */
const part = (from: number, to: number, name: string): NodeSpec => ({
  op: 'Slice',
  inputs: ['w', `i${from}`, `i${to}`, 'i0'],
  outputs: [name],
});

test('gates put into another order are the tensor as it is stored', async () => {
  const { layers, problems } = await layersIn({
    inputs: [{ name: 'x', shape: [7, 1, 3] }],
    initializers: [f32('w', [8, 3]), f32('R', [1, 8, 2]), ...[0, 2, 6, 8].map((i) => i64(`i${i}`, [i]))],
    nodes: [
      part(0, 2, 'a'),
      part(2, 6, 'b'),
      part(6, 8, 'c'),
      { op: 'Concat', inputs: ['a', 'c', 'b'], outputs: ['order'], attributes: { axis: 0 } },
      { op: 'Unsqueeze', inputs: ['order', 'i0'], outputs: ['W'] },
      { op: 'LSTM', name: 'rnn', inputs: ['x', 'W', 'R'], outputs: ['y'], attributes: { hidden_size: 2 } },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.weight.name, l.rows, l.cols, l.macs]),
    [
      ['w', 8, 3, 168],
      ['R', 8, 2, 112],
    ],
  );
  assert.deepEqual(problems, []);
});

test('tensors concatenated into one weight are layers of their own', async () => {
  const { layers } = await layersIn(
    through(
      f32('a', [3, 2]),
      [{ op: 'Concat', inputs: ['a', 'b'], outputs: ['v'], attributes: { axis: 1 } }],
      [f32('b', [3, 5])],
    ),
  );
  assert.deepEqual(
    layers.map((l) => [l.name, l.rows, l.cols, l.macs]),
    [
      ['a', 2, 3, 12],
      ['b', 5, 3, 30],
    ],
  );
});

test('one place of a stack of weights stands for the stack', async () => {
  const { layers } = await layersIn({
    inputs: [{ name: 'x', shape: [2, 3] }],
    initializers: [f32('stack', [2, 3, 3]), i64('first', [0], []), i64('second', [1], [])],
    nodes: [
      { op: 'Gather', inputs: ['stack', 'first'], outputs: ['a'] },
      { op: 'MatMul', inputs: ['x', 'a'], outputs: ['h'] },
      { op: 'Gather', inputs: ['stack', 'second'], outputs: ['b'] },
      { op: 'MatMul', inputs: ['h', 'b'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.rows, l.cols, l.macs, l.usedBy]),
    [[6, 3, 36, ['MatMul_1', 'MatMul_3']]],
  );
});

test('a generated weight is a layer without numbers', async () => {
  const { layers, problems, parameters } = await layersIn(
    through(i64('shape', [3, 4]), [{ op: 'ConstantOfShape', inputs: ['shape'], outputs: ['v'] }]),
  );
  const [layer] = layers;
  assert.deepEqual(
    [layer?.name, layer?.tensorIndex, layer?.rows, layer?.cols, layer?.macs],
    ['v', null, 4, 3, 24],
  );
  assert.equal(layer?.weight.data.kind === 'none' && layer.weight.data.code, 'onnx/weights-generated');
  assert.deepEqual(
    problems.map((p) => p.code),
    ['onnx/weights-generated'],
  );
  assert.equal(parameters, 12);
});

test('a weight that is computed from constants is told and no layer', async () => {
  const { layers, problems } = await layersIn(
    through(f32('w', [3, 4]), [{ op: 'Mul', inputs: ['w', 'g'], outputs: ['v'] }], [f32('g', [4])]),
  );
  assert.deepEqual(layers, []);
  assert.deepEqual(
    problems.map((p) => [p.severity, p.code]),
    [['note', 'onnx/weights-computed']],
  );
});

test('products of two computed values, and of two constants, have no weight', async () => {
  const { layers, problems } = await layersIn({
    inputs: [{ name: 'x', shape: [3, 3] }],
    initializers: [f32('a', [3, 3]), f32('b', [3, 3])],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'x'], outputs: ['y'] },
      { op: 'MatMul', inputs: ['a', 'b'], outputs: ['z'] },
    ],
  });
  assert.deepEqual([layers, problems], [[], []]);
});

const look = (more: readonly NodeSpec[]): ModelSpec => ({
  inputs: [{ name: 'ids', dtype: 'i64', shape: [1, 5] }],
  initializers: [
    { name: 'table', dtype: 'i8', shape: [6, 4], raw: bytes(24) },
    { name: 'z', dtype: 'i8', shape: [], raw: bytes(1) },
    f32('s', [], () => 0.5),
  ],
  nodes: [{ op: 'Gather', inputs: ['table', 'ids'], outputs: ['rows'] }, ...more],
});

test('a table of integers is an embedding when what it gives is dequantised, else numbers to look up', async () => {
  const layer = await layerIn(look([{ op: 'DequantizeLinear', inputs: ['rows', 's', 'z'], outputs: ['y'] }]));
  const { quantisation: q } = layer;
  assert.deepEqual([layer.op, layer.rows, q?.scale?.name, q?.zeroPoint?.name], ['embedding', 6, 's', 'z']);
  assert.deepEqual((await layersIn(look([]))).layers, []);
});

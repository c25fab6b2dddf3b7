import assert from 'node:assert/strict';
import test from 'node:test';
import type { Layer } from '../../analyzers/model/layer.ts';
import { layerIn, layersIn, placesOf } from '../support/layersIn.ts';
import { conv, convTranspose, filled, matmul, reshape, transpose } from '../support/naive.ts';
import type { Naive } from '../support/naive.ts';
import { f32 } from '../support/onnxFixture.ts';
import type { AttributeSpec, ModelSpec, NodeSpec } from '../support/onnxFixture.ts';

/** Primes, so that no two sums of products agree by accident. */
const primes = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
];
const data = (shape: readonly number[]): Naive =>
  filled(shape, (i) => Math.sqrt(primes[i % primes.length]!) + i);

/**
 * Sets one weight at a time to 1 and runs the operator: the output unit that answers is the weight's row, and what it
 * answers with is the weight's input, so weights of a group answer alike exactly when they share a column.
 */
function checkPlaces(
  layer: Layer,
  shape: readonly number[],
  run: (w: Naive) => readonly (readonly number[])[],
  groups = 1,
): void {
  const places = placesOf(layer);
  const inputs = new Map<string, string>();
  assert.equal(layer.rows, new Set(places.map(([row]) => row)).size);
  assert.equal(layer.cols, new Set(places.map(([, col]) => col)).size);
  for (const [flat, [row, col]] of places.entries()) {
    const units = run(filled(shape, (i) => (i === flat ? 1 : 0)));
    assert.equal(units.length, layer.rows);
    const loud = units.flatMap((unit, i) => (unit.some((v) => v !== 0) ? [i] : []));
    assert.deepEqual(loud, [row], `element ${flat} is in row ${row}`);
    const answer = units[row]!.map((v) => v.toFixed(6)).join();
    const column = `group ${Math.floor(row / (layer.rows / groups))} column ${col}`;
    assert.equal(inputs.get(column) ?? answer, answer, `${column} reads one input`);
    inputs.set(column, answer);
  }
  assert.equal(new Set(inputs.values()).size, layer.cols * groups, 'every column reads another input');
}

/** Rows of a [1, o, h, w] result: what each output channel says. */
const channels = (y: Naive): number[][] => {
  const size = y.data.length / y.shape[1]!;
  return Array.from({ length: y.shape[1]! }, (_, o) => y.data.slice(o * size, (o + 1) * size));
};

const columnsOf = (y: Naive): number[][] => {
  const [m, n] = y.shape as [number, number];
  return Array.from({ length: n }, (_, col) =>
    Array.from({ length: m }, (_unused, row) => y.data[row * n + col]!),
  );
};

const rowsOf = (y: Naive): number[][] => columnsOf(transpose(y, [1, 0]));

const one = (
  op: string,
  x: readonly number[],
  w: readonly number[],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
  more: Partial<NodeSpec> = {},
): ModelSpec => ({
  inputs: [{ name: 'x', shape: x }],
  initializers: [f32('w', w)],
  nodes: [{ op, inputs: ['x', 'w'], outputs: ['y'], attributes, ...more }],
});

test('a matrix on the right of MatMul has its outputs in columns', async () => {
  const layer = await layerIn(one('MatMul', [2, 3], [3, 4]));
  assert.deepEqual([layer.op, layer.rows, layer.cols, layer.view.reductionAxis], ['dense', 4, 3, 0]);
  checkPlaces(layer, [3, 4], (w) => columnsOf(matmul(data([2, 3]), w)));
});

test('a matrix on the left of MatMul has its outputs in rows', async () => {
  const layer = await layerIn(one('MatMul', [3, 5], [4, 3], {}, { inputs: ['w', 'x'] }));
  assert.deepEqual([layer.rows, layer.cols, layer.view.reductionAxis], [4, 3, 1]);
  checkPlaces(layer, [4, 3], (w) => rowsOf(matmul(w, data([3, 5]))));
});

test('Gemm turns its weight when transB says so', async () => {
  const stored = await layerIn(one('Gemm', [2, 3], [4, 3], { transB: 1 }));
  assert.deepEqual([stored.rows, stored.cols, stored.view.reductionAxis], [4, 3, 1]);
  checkPlaces(stored, [4, 3], (w) => columnsOf(matmul(data([2, 3]), transpose(w, [1, 0]))));
  const turned = await layerIn(one('Gemm', [2, 3], [3, 4]));
  assert.deepEqual([turned.rows, turned.cols], [4, 3]);
  checkPlaces(turned, [3, 4], (w) => columnsOf(matmul(data([2, 3]), w)));
});

test('Gemm with the weight on the left has the rows of A as outputs, or its columns when transA says so', async () => {
  const left = await layerIn(one('Gemm', [3, 5], [4, 3], {}, { inputs: ['w', 'x'] }));
  assert.deepEqual([left.rows, left.cols], [4, 3]);
  checkPlaces(left, [4, 3], (w) => rowsOf(matmul(w, data([3, 5]))));
  const turned = await layerIn(one('Gemm', [3, 5], [3, 4], { transA: 1 }, { inputs: ['w', 'x'] }));
  assert.deepEqual([turned.rows, turned.cols], [4, 3]);
  checkPlaces(turned, [3, 4], (w) => rowsOf(matmul(transpose(w, [1, 0]), data([3, 5]))));
});

test('a convolution has output channels as rows, input channel by kernel position as columns', async () => {
  const layer = await layerIn(one('Conv', [1, 2, 5, 5], [3, 2, 3, 3]));
  assert.deepEqual(
    [layer.op, layer.rows, layer.cols, layer.view.positions, layer.view.reductionAxis],
    ['conv', 3, 18, 9, 1],
  );
  checkPlaces(layer, [3, 2, 3, 3], (w) => channels(conv(data([1, 2, 5, 5]), w)));
});

test('a grouped convolution has the inputs of one group as columns', async () => {
  const layer = await layerIn(one('Conv', [1, 4, 4, 4], [6, 2, 2, 2], { group: 2 }));
  assert.deepEqual([layer.op, layer.rows, layer.cols], ['conv', 6, 8]);
  checkPlaces(layer, [6, 2, 2, 2], (w) => channels(conv(data([1, 4, 4, 4]), w, 2)), 2);
});

test('a depthwise convolution has kernel positions alone as columns', async () => {
  const layer = await layerIn(one('Conv', [1, 4, 4, 4], [4, 1, 3, 3], { group: 4 }));
  assert.deepEqual([layer.op, layer.rows, layer.cols, layer.view.reductionAxis], ['depthwise', 4, 9, 1]);
  checkPlaces(layer, [4, 1, 3, 3], (w) => channels(conv(data([1, 4, 4, 4]), w, 4)), 4);
  const single = await layerIn(one('Conv', [1, 1, 4, 4], [4, 1, 3, 3]));
  assert.equal(single.op, 'conv');
});

for (const groups of [1, 2, 4])
  test(`a transposed convolution of ${groups} groups has output channels of all groups as rows`, async () => {
    const layer = await layerIn(one('ConvTranspose', [1, 4, 3, 3], [4, 3, 2, 2], { group: groups }));
    assert.equal(layer.op, groups === 4 ? 'depthwise' : 'conv');
    assert.deepEqual([layer.rows, layer.cols], [3 * groups, (4 / groups) * 4]);
    checkPlaces(layer, [4, 3, 2, 2], (w) => channels(convTranspose(data([1, 4, 3, 3]), w, groups)), groups);
  });

test('one- and three-dimensional kernels are columns as well', async () => {
  const line = await layerIn(one('Conv', [1, 2, 9], [4, 2, 3]));
  assert.deepEqual([line.rows, line.cols, line.view.positions, line.macs], [4, 6, 3, 4 * 6 * 7]);
  const cube = await layerIn(one('Conv', [1, 2, 4, 4, 4], [3, 2, 2, 2, 2]));
  assert.deepEqual([cube.rows, cube.cols, cube.view.positions, cube.macs], [3, 16, 8, 3 * 16 * 27]);
});

test('a stack of matrices is the rows of each in turn', async () => {
  const layer = await layerIn(one('MatMul', [5, 2, 3], [5, 3, 4]));
  assert.deepEqual([layer.rows, layer.cols, layer.view.reductionAxis], [20, 3, 1]);
  const places = placesOf(layer);
  // Element [s, k, n] stands in row s * 4 + n and column k.
  for (const [flat, place] of places.entries())
    assert.deepEqual(place, [Math.floor(flat / 12) * 4 + (flat % 4), Math.floor(flat / 4) % 3]);
});

test('a vector is one row', async () => {
  const layer = await layerIn(one('MatMul', [2, 3], [3]));
  assert.deepEqual([layer.rows, layer.cols, layer.macs], [1, 3, 6]);
});

test('a recurrent layer has directions by gates by hidden as rows, and W and R are two layers', async () => {
  const { layers } = await layersIn({
    inputs: [{ name: 'x', shape: [7, 1, 3] }],
    initializers: [f32('W', [2, 8, 3]), f32('R', [2, 8, 2]), f32('B', [2, 16])],
    nodes: [
      {
        op: 'LSTM',
        name: 'rnn',
        inputs: ['x', 'W', 'R', 'B'],
        outputs: ['y'],
        attributes: { hidden_size: 2, direction: 'bidirectional' },
      },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.name, l.op, l.rows, l.cols, l.macs]),
    [
      ['W', 'recurrent', 16, 3, 2 * 8 * 3 * 7],
      ['R', 'recurrent', 16, 2, 2 * 8 * 2 * 7],
    ],
  );
  for (const layer of layers)
    for (const [flat, place] of placesOf(layer).entries())
      assert.deepEqual(place, [Math.floor(flat / layer.cols), flat % layer.cols]);
});

test('fused attention has query, key and value outputs as rows', async () => {
  const spec = one('Attention', [1, 5, 4], [4, 12], { num_heads: 2 }, { domain: 'com.microsoft' });
  const layer = await layerIn({ ...spec, opset: { '': 17, 'com.microsoft': 1 } });
  assert.deepEqual([layer.op, layer.rows, layer.cols, layer.macs], ['attention', 12, 4, 240]);
  checkPlaces(layer, [4, 12], (w) => columnsOf(matmul(reshape(data([1, 5, 4]), [5, 4]), w)));
});

test('a table read by the input is an embedding with its places as rows, and multiplies nothing', async () => {
  const layer = await layerIn({
    inputs: [{ name: 'ids', dtype: 'i64', shape: ['batch', 'length'] }],
    initializers: [f32('embed.weight', [10, 4])],
    nodes: [{ op: 'Gather', inputs: ['embed.weight', 'ids'], outputs: ['y'] }],
  });
  assert.deepEqual(
    [layer.name, layer.op, layer.rows, layer.cols, layer.macs, layer.first],
    ['embed', 'embedding', 10, 4, 0, false],
  );
});

test('the letters of an Einsum say what is a row', async () => {
  const layer = await layerIn(one('Einsum', [2, 5, 3], [3, 4, 6], { equation: 'bsd,dhk->bshk' }));
  assert.deepEqual([layer.rows, layer.cols, layer.macs], [24, 3, 24 * 3 * 10]);
  for (const [flat, place] of placesOf(layer).entries())
    assert.deepEqual(place, [flat % 24, Math.floor(flat / 24)]);
});

test('an operator that nobody knows lists its matrix as it is stored, and says so', async () => {
  const spec = one('Mystery', [1, 3], [5, 2, 3], {}, { domain: 'com.example' });
  const { layers, problems } = await layersIn({ ...spec, opset: { '': 17, 'com.example': 1 } });
  assert.deepEqual(
    layers.map((l) => [l.op, l.rows, l.cols, l.macs]),
    [['other', 5, 6, null]],
  );
  assert.deepEqual(
    problems.map((p) => p.code),
    ['onnx/unknown-operator'],
  );
});

test('operands of arithmetic are no layers', async () => {
  const { layers } = await layersIn({
    inputs: [{ name: 'x', shape: [1, 4, 2] }],
    initializers: [f32('anchors', [1, 4, 2]), f32('variance', [2]), f32('matrix', [3, 3])],
    nodes: [
      { op: 'Mul', inputs: ['x', 'anchors'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'anchors'], outputs: ['b'] },
      { op: 'Div', inputs: ['b', 'variance'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(layers, []);
});

test('anchors gathered by what a detector selected are no embedding', async () => {
  const { layers } = await layersIn({
    inputs: [
      { name: 'boxes', shape: [1, 8, 4] },
      { name: 'scores', shape: [1, 1, 8] },
    ],
    initializers: [f32('anchors', [8, 4])],
    nodes: [
      { op: 'NonMaxSuppression', inputs: ['boxes', 'scores'], outputs: ['picked'] },
      { op: 'Gather', inputs: ['anchors', 'picked'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(layers, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { SourceRef } from '../../analyzers/bytes/source.ts';
import { exportSmaller } from '../../analyzers/run/exportSmaller.ts';
import { removeDeadUnits } from '../../analyzers/run/removeDeadUnits.ts';
import { bytesRef, feed, net, openBytes, outputsOf, weights, withoutDead } from '../support/deadNets.ts';
import { exportOf } from '../support/exporting.ts';
import { recipeOf } from '../support/layerFixture.ts';
import * as pb from '../support/protobuf.ts';
import { readBytes } from '../support/readOnnx.ts';
import { opened } from '../support/slim.ts';
import { f32, onnxModel, type ModelSpec } from '../support/onnxFixture.ts';
import { largestDifference } from '../support/ort.ts';

const image = { name: 'x', shape: ['batch', 3, 12, 12] };

test('silent, constant and unread units go from a convolutional net, and its outputs stay', async () => {
  // Of conv1's outputs 0 is silent (its norm gives a negative number, then Relu), 1 constant, 2 unread; of fc1's 4 are dead.
  const model = net(
    [
      { op: 'Conv', name: 'conv1', inputs: ['x', 'w1', 'b1'], outputs: ['c1'] },
      { op: 'BatchNormalization', name: 'bn', inputs: ['c1', 'g', 's', 'm', 'v'], outputs: ['n1'] },
      { op: 'Relu', name: 'relu1', inputs: ['n1'], outputs: ['r1'] },
      {
        op: 'MaxPool',
        name: 'pool',
        inputs: ['r1'],
        outputs: ['p1'],
        attributes: { kernel_shape: [2, 2], strides: [2, 2] },
      },
      { op: 'Conv', name: 'conv2', inputs: ['p1', 'w2', 'b2'], outputs: ['c2'] },
      { op: 'Relu', name: 'relu2', inputs: ['c2'], outputs: ['r2'] },
      { op: 'Flatten', name: 'flat', inputs: ['r2'], outputs: ['f'] },
      { op: 'Gemm', name: 'fc1', inputs: ['f', 'w3', 'b3'], outputs: ['i1'], attributes: { transB: 1 } },
      { op: 'Relu', name: 'relu3', inputs: ['i1'], outputs: ['r3'] },
      { op: 'Gemm', name: 'fc2', inputs: ['r3', 'w4'], outputs: ['y'], attributes: { transB: 1 } },
    ],
    [
      weights('w1', [8, 3, 3, 3], 1, (o) => o < 2),
      f32('b1', [8], (i) => (i === 0 ? -1 : 0.5)),
      f32('g', [8], (i) => 1 + i / 10),
      f32('s', [8], (i) => i / 20),
      f32('m', [8], (i) => i / 30),
      f32('v', [8], (i) => 0.5 + i),
      weights('w2', [6, 8, 3, 3], 2, (_, i) => i === 2),
      f32('b2', [6], (i) => i / 10 - 0.2),
      weights('w3', [10, 54], 3, (o, i) => o >= 6 || (i >= 9 && i < 18)),
      f32('b3', [10], (i) => (i % 2 === 0 ? 0.3 : -0.3)),
      weights('w4', [5, 10], 4),
    ],
    [image],
    [{ name: 'y', shape: ['batch', 5] }],
    [{ name: 'r1', shape: ['batch', 8, 10, 10] }],
  );
  const { bytes, layers } = await withoutDead(model);
  assert.deepEqual(layers, [
    { name: 'w1', units: 3 },
    { name: 'w2', units: 1 },
    { name: 'w3', units: 4 },
  ]);
  assert.ok(bytes.length < model.length, `${bytes.length} of ${model.length} bytes`);
  const feeds = { x: feed([2, 3, 12, 12], 7) };
  const difference = largestDifference(await outputsOf(model, feeds), await outputsOf(bytes, feeds));
  assert.ok(difference <= 1e-5, String(difference));
  // Nothing is left to remove.
  assert.deepEqual((await withoutDead(bytes)).layers, []);
});

const never = new AbortController().signal;

/** Two matrices: of the first one's outputs 1 and 2 are constant through the vector that is added. */
const matrices = (opset: number): ModelSpec => ({
  opset,
  nodes: [
    { op: 'MatMul', name: 'first', inputs: ['x', 'w1'], outputs: ['m1'] },
    { op: 'Add', name: 'shift', inputs: ['m1', 'b1'], outputs: ['a1'] },
    { op: 'Sigmoid', name: 'squash', inputs: ['a1'], outputs: ['s1'] },
    { op: 'MatMul', name: 'second', inputs: ['s1', 'w2'], outputs: ['y'] },
  ],
  initializers: [
    weights('w1', [5, 4], 1, (_, o) => o === 1 || o === 2),
    f32('b1', [4], (i) => i),
    weights('w2', [4, 3], 2),
  ],
  inputs: [{ name: 'x', shape: ['batch', 5] }],
  outputs: [{ name: 'y', shape: ['batch', 3] }],
});

test('constants are added behind a product that has no bias', async () => {
  const model = onnxModel(matrices(13));
  const { bytes, layers } = await withoutDead(model);
  assert.deepEqual(layers, [{ name: 'w1', units: 2 }]);
  const feeds = { x: feed([3, 5], 5) };
  assert.ok(largestDifference(await outputsOf(model, feeds), await outputsOf(bytes, feeds)) <= 1e-6);
  // In old operator sets a vector could not be added so.
  assert.deepEqual((await withoutDead(onnxModel(matrices(6)))).layers, []);
});

test('bytes that are not cut stay as they are, and what nothing reads any more is gone', async () => {
  const more = pb.text(30, 'a field of a newer version');
  const spec = matrices(13);
  const model = pb.concat(
    onnxModel({ ...spec, initializers: [...spec.initializers!, f32('other', [7], (i) => i)] }),
    more,
  );
  const { bytes } = await withoutDead(model);
  assert.deepEqual(bytes.subarray(-more.length), more);
  const { graph } = await readBytes(bytes);
  assert.deepEqual([...graph!.initializers.keys()], ['w1/cut', 'w2/cut', 'w2.bias/cut', 'b1/cut', 'other']);
  assert.deepEqual(
    graph!.nodes.map(({ op }) => op),
    ['MatMul', 'Add', 'Sigmoid', 'MatMul', 'Add'],
  );
});

test('a model whose weights lie in a file beside it is written with that file', async () => {
  const { raw, ...w2 } = weights('w2', [4, 3], 2);
  const spec = matrices(13);
  const bytes = onnxModel({
    ...spec,
    initializers: [
      ...spec.initializers!.slice(0, 2),
      { ...w2, external: { location: 'w.bin', offset: 0, length: 48 } },
    ],
  });
  const model = await opened(memorySource('net.onnx', bytes, new Map([['w.bin', raw!]])));
  const { written, notes } = await exportOf(model, recipeOf(), exportSmaller);
  assert.deepEqual([...written.keys()], ['net.onnx', 'w.bin']);
  assert.match(notes.join(' '), /2 dead units left out: 2 of w1\. .*external files are as large as before/);
  const feeds = { x: feed([3, 5], 5) };
  const before = await outputsOf(onnxModel(spec), feeds);
  assert.ok(largestDifference(before, await outputsOf(written.get('net.onnx')!, feeds)) <= 1e-6);
});

test('a model that is cut off is read as far as it goes, but not written anew', async () => {
  const bytes = onnxModel(matrices(13));
  for (let length = bytes.length - 1; length > bytes.length - 120; length -= 7)
    await assert.rejects(
      withoutDead(bytes.slice(0, length)).then(({ layers }) => {
        // Nothing was found to remove in what is there.
        if (layers.length === 0) throw new ReadError('file/truncated', '', 'it stays as it is');
      }),
      ReadError,
    );
});

test('a model of more bytes than may be held is refused, and the message says what to do', async () => {
  const bytes = onnxModel(matrices(13));
  let opens = 0;
  const open = async (ref: SourceRef) => {
    const source = await openBytes(ref);
    opens += 1;
    // The reader asks for its bytes, then the writer for all of them.
    return opens < 3 ? source : { ...source, size: 2 ** 31 };
  };
  await assert.rejects(removeDeadUnits(bytesRef(bytes), open, never), (error: Error) => {
    assert.match(error.message, /2147483648 bytes.*export without removing them/);
    return error instanceof ReadError && error.code === 'limits/rewrite';
  });
});

for (const { op, gates } of [
  { op: 'LSTM', gates: 4 },
  { op: 'GRU', gates: 3 },
  { op: 'RNN', gates: 1 },
])
  for (const direction of ['forward', 'bidirectional'])
    test(`hidden units of a ${direction} ${op} go where gates, recurrence and readers let them, and what it reads with them`, async () => {
      const [directions, hidden] = [direction === 'forward' ? 1 : 2, 6];
      // Unit 0 has no weights but in itself and is silent; 1 is read by nothing but itself; 2 only by the recurrence of 3.
      const row = (r: number): number => r % hidden;
      const model = net(
        [
          { op: 'MatMul', name: 'embed', inputs: ['x', 'w0'], outputs: ['e'] },
          { op: 'Add', name: 'shift', inputs: ['e', 'b0'], outputs: ['e1'] },
          { op: 'Relu', name: 'relu', inputs: ['e1'], outputs: ['e2'] },
          {
            op,
            name: 'rnn',
            inputs: ['e2', 'w', 'r', 'b'],
            outputs: ['h', 'last'],
            attributes: { hidden_size: hidden, direction },
          },
          {
            op: 'ReduceMean',
            name: 'mean',
            inputs: ['h'],
            outputs: ['m'],
            attributes: { axes: [1], keepdims: 0 },
          },
          { op: 'MatMul', name: 'head', inputs: ['m', 'w1'], outputs: ['y'] },
        ],
        [
          weights('w0', [5, 4], 1, (_, o) => o < 2),
          f32('b0', [4], (i) => 0.5 - i),
          weights('w', [directions, gates * hidden, 4], 2, (_, g) => row(g) === 0),
          weights(
            'r',
            [directions, gates * hidden, hidden],
            3,
            (_, g, h) => row(g) === 0 || (h === 1 && row(g) !== 1) || (h === 2 && row(g) !== 3),
          ),
          weights('b', [directions, 2 * gates * hidden], 4, (_, g) => row(g) === 0),
          weights('w1', [hidden, 3], 5, (h) => h === 1 || h === 2),
        ],
        [{ name: 'x', shape: [7, 2, 5] }],
        [{ name: 'y', shape: [7, 2, 3] }],
      );
      const { bytes, layers } = await withoutDead(model);
      assert.deepEqual(layers, [
        { name: 'w0', units: 2 },
        { name: 'w', units: 2 },
        { name: 'r', units: 2 },
      ]);
      const feeds = { x: feed([7, 2, 5], 5) };
      assert.ok(largestDifference(await outputsOf(model, feeds), await outputsOf(bytes, feeds)) <= 1e-6);
      assert.deepEqual((await withoutDead(bytes)).layers, []);
    });

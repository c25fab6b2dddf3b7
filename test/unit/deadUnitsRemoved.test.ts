import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feed, net, outputsOf, weights, withoutDead } from '../support/deadNets.ts';
import { f32 } from '../support/onnxFixture.ts';
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { f32, onnxModel } from '../support/onnxFixture.ts';
import { largestDifference, loadOnnx } from '../support/ort.ts';

test('onnxruntime runs a model from its bytes in Node, with one thread', async () => {
  const weights = [1, -2, 3, 0.5, 4, -1];
  const model = await loadOnnx(
    onnxModel({
      nodes: [{ op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { transB: 1 } }],
      initializers: [f32('w', [2, 3], (i) => weights[i]!), f32('b', [2], (i) => i)],
      inputs: [{ name: 'x', shape: ['batch', 3] }],
      outputs: [{ name: 'y', shape: ['batch', 2] }],
    }),
  );
  assert.deepEqual(model.inputs, [{ name: 'x', type: 'float32', shape: ['batch', 3] }]);
  const feeds = { x: { type: 'float32', shape: [1, 3], values: Float32Array.of(1, 10, 100) } };
  const outputs = await model.run(feeds);
  assert.deepEqual(outputs, { y: { type: 'float32', shape: [1, 2], values: Float32Array.of(281, -58.5) } });
  assert.equal(largestDifference(outputs, await model.run(feeds)), 0);
  await model.release();
});

test('onnxruntime says why a model does not load', async () => {
  const noSuchOperator = onnxModel({
    nodes: [{ op: 'Gemn', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', shape: [1] }],
    outputs: [{ name: 'y', shape: [1] }],
  });
  await assert.rejects(loadOnnx(noSuchOperator), /Gemn/);
});

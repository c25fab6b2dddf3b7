import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { feed, outputsOf, withoutDead, withoutSmallestRows } from '../support/deadNets.ts';
import { largestDifference } from '../support/ort.ts';

const folder = '../shared/models/onnx';

/** Real networks, and by how much an output may move: sums come in another order. */
const models = [
  { name: 'lenet5_caffe', input: 'data', shape: [2, 1, 28, 28] },
  { name: 'mnist_cntk', input: 'Input3', shape: [1, 1, 28, 28] },
  { name: 'mnist_opt', input: 'Input3', shape: [1, 1, 28, 28] },
  { name: 'slim320_simplified', input: 'input', shape: [1, 3, 240, 320] },
  { name: 'rfb320', input: 'input', shape: [1, 3, 240, 320] },
  { name: 'yunet_n', input: 'input', shape: [1, 3, 320, 320] },
];

for (const { name, input, shape } of models) {
  const file = `${folder}/${name}.onnx`;
  const skip = fs.existsSync(file) ? false : `${file} is not there`;
  test(`${name} gives the same without the units of its zeroed filters`, { skip }, async (t) => {
    const model = await withoutSmallestRows(fs.readFileSync(file), 0.4, () => false);
    const { bytes, layers } = await withoutDead(model);
    const feeds = { [input]: feed(shape, 11) };
    const difference = largestDifference(await outputsOf(model, feeds), await outputsOf(bytes, feeds));
    const units = layers.reduce((n, layer) => n + layer.units, 0);
    t.diagnostic(
      `${units} units of ${layers.length} layers, ${model.length} to ${bytes.length} bytes, ${difference}`,
    );
    assert.ok(units > 0);
    assert.ok(bytes.length < model.length);
    assert.ok(difference <= 1e-5, String(difference));
  });
}

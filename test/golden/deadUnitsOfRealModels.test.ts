import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { exportModel } from '../../analyzers/container/exportModel.ts';
import { exportSmaller } from '../../analyzers/run/exportSmaller.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { feed, outputsOf } from '../support/deadNets.ts';
import { recipeOf } from '../support/layerFixture.ts';
import { largestDifference } from '../support/ort.ts';
import { exportOf } from '../support/exporting.ts';
import { opened } from '../support/slim.ts';

const folder = '../shared/models/onnx';
/** Three of five filters stay, with five bits a weight: of the layer that gives the outputs nothing can go. */
const recipe = recipeOf({ prune: 'filters=0.6', share: '5' });

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
  test(`${name} with pruned filters gives the same without their units`, { skip }, async (t) => {
    const model = await opened(memorySource(`${name}.onnx`, fs.readFileSync(file)));
    const whole = (await exportOf(model, recipe, exportModel)).written.get(`${name}.onnx`)!;
    const { notes, written } = await exportOf(model, recipe, exportSmaller);
    const smaller = written.get(`${name}.onnx`)!;
    const feeds = { [input]: feed(shape, 11) };
    const difference = largestDifference(await outputsOf(whole, feeds), await outputsOf(smaller, feeds));
    t.diagnostic(
      `${whole.length} to ${smaller.length} bytes, outputs differ by ${difference}; ${notes.at(-1)}`,
    );
    assert.ok(difference <= 1e-5, String(difference));
    assert.ok(smaller.length < 0.9 * whole.length);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../analyzers/run/analyze.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { recipeOf } from '../support/layerFixture.ts';
import { bytesRef, feed, net, openBytes, outputsOf, weights, withoutDead } from '../support/deadNets.ts';
import { f32, type TensorSpec } from '../support/onnxFixture.ts';
import { largestDifference } from '../support/ort.ts';

const image = { name: 'x', shape: [1, 3, 9, 11] };
const noDigest = () => ({ update: () => {}, finish: () => '' });

async function layersOf(model: Uint8Array, rule = {}): Promise<readonly LayerReport[]> {
  const { layers } = await analyze(bytesRef(model), recipeOf(rule), {
    open: openBytes,
    digest: noDigest,
    signal: new AbortController().signal,
  });
  return layers;
}

/** conv1's outputs 0 and 1 are constant, 0.5 and 0.75, and conv2 pads with zeros. */
const padded = (w2: TensorSpec, b2: TensorSpec, isConstant = (output: number) => output < 2): Uint8Array =>
  net(
    [
      { op: 'Conv', name: 'conv1', inputs: ['x', 'w1', 'b1'], outputs: ['c1'] },
      { op: 'Relu', name: 'relu', inputs: ['c1'], outputs: ['r1'] },
      {
        op: 'Conv',
        name: 'conv2',
        inputs: ['r1', 'w2', 'b2'],
        outputs: ['y'],
        attributes: { pads: [1, 0, 2, 1], strides: [2, 1] },
      },
    ],
    [weights('w1', [4, 3, 3, 3], 1, isConstant), f32('b1', [4], (i) => 0.5 + i / 4), w2, b2],
    [image],
    [{ name: 'y' }],
  );

test('a constant behind zero padding stays, and the error of folding it is the one that a run shows', async () => {
  const w2 = weights('w2', [5, 4, 3, 3], 2);
  const values = new Float32Array(w2.raw!.slice().buffer);
  const model = padded(w2, f32('b2', [5]));
  const [conv1] = await layersOf(model);
  assert.equal(conv1!.dead!.refused, 2);
  assert.equal(conv1!.dead!.rows.count, 0);
  assert.deepEqual(conv1!.dead!.reasons, ['zero padding of conv2 makes folding inexact at the borders']);
  // Folded all the same: the weights on both channels are gone, and what they come to within is in the bias.
  const constants = [0.5, 0.75];
  const bias = Array.from({ length: 5 }, (_, o) =>
    constants.reduce((sum, c, i) => {
      const kernel = values.subarray((o * 4 + i) * 9, (o * 4 + i + 1) * 9);
      return sum + c * kernel.reduce((a, b) => a + b, 0);
    }, 0),
  );
  const folded = padded(
    f32('w2', [5, 4, 3, 3], (flat) => (Math.floor(flat / 9) % 4 < 2 ? 0 : values[flat]!)),
    f32('b2', [5], (o) => bias[o]!),
  );
  const feeds = { x: feed([1, 3, 9, 11], 3) };
  const difference = largestDifference(await outputsOf(model, feeds), await outputsOf(folded, feeds));
  assert.ok(difference > 0.1);
  assert.ok(
    Math.abs(conv1!.dead!.refusedError! - difference) < 1e-5,
    `${conv1!.dead!.refusedError} ${difference}`,
  );
  assert.match(conv1!.problems[0]!.message, /2 constant outputs stay \(an output would change by up to /);
  assert.deepEqual((await withoutDead(model)).layers, []);
});

test('a unit is told in the singular, and the way out in words of the page and of the command line', async () => {
  const [first] = await layersOf(
    net(
      [
        { op: 'MatMul', name: 'one', inputs: ['x', 'w1'], outputs: ['h'] },
        { op: 'MatMul', name: 'two', inputs: ['h', 'w2'], outputs: ['y'] },
      ],
      [f32('w1', [3, 2], (i) => (i % 2 === 0 ? 0 : i)), f32('w2', [2, 2], (i) => i + 1)],
      [{ name: 'x', shape: [1, 3] }],
      [{ name: 'y' }],
    ),
  );
  const message = first!.problems.find(({ code }) => code === 'analysis/dead-units')?.message ?? '';
  assert.match(
    message,
    /^w1: 1 of 2 outputs can go without a change: 1 always 0\. That removes its row \(.*\) and 1 column of w2 \(.*\); exporting without dead units leaves it out\.$/,
  );
  const [kept] = await layersOf(
    padded(weights('w2', [5, 4, 3, 3], 2), f32('b2', [5]), (output) => output < 1),
  );
  assert.match(kept!.problems[0]!.message, /: 1 constant output stays \(an output would/);
});

test('a residual sum hides constants, and goes only where both sides are constant', async () => {
  // Output 0 is dead on both sides, 1 and 2 on one of them.
  const model = net(
    [
      { op: 'Conv', name: 'stem', inputs: ['x', 'w0', 'b0'], outputs: ['s'] },
      { op: 'Relu', name: 'relu0', inputs: ['s'], outputs: ['s0'] },
      {
        op: 'Conv',
        name: 'branch',
        inputs: ['s0', 'w1', 'b1'],
        outputs: ['c'],
        attributes: { pads: [1, 1, 1, 1] },
      },
      { op: 'Add', name: 'sum', inputs: ['s0', 'c'], outputs: ['a'] },
      { op: 'Relu', name: 'relu1', inputs: ['a'], outputs: ['r'] },
      { op: 'GlobalAveragePool', name: 'mean', inputs: ['r'], outputs: ['g'] },
      { op: 'Flatten', name: 'flat', inputs: ['g'], outputs: ['f'] },
      { op: 'Gemm', name: 'head', inputs: ['f', 'w2', 'b2'], outputs: ['y'], attributes: { transB: 1 } },
    ],
    [
      weights('w0', [6, 3, 3, 3], 4, (o) => o === 0 || o === 1),
      // Silent where it goes: another constant would meet the branch's padding.
      f32('b0', [6], (o) => (o === 0 ? -0.5 : 0.5)),
      weights('w1', [6, 6, 3, 3], 5, (o) => o === 0 || o === 2),
      f32('b1', [6], () => 0.25),
      weights('w2', [4, 6], 6),
      f32('b2', [4]),
    ],
    [image],
    [{ name: 'y', shape: [1, 4] }],
  );
  const [stem, branch, head] = await layersOf(model);
  assert.deepEqual([stem!.dead!.silent + stem!.dead!.constant, stem!.dead!.refused], [1, 1]);
  assert.deepEqual([branch!.dead!.constant, branch!.dead!.refused], [1, 1]);
  assert.match(branch!.dead!.reasons.join(), /sum joins them with outputs that are not constant/);
  assert.deepEqual(
    branch!.dead!.readers.map(({ name, cols }) => [name, cols]),
    [
      ['w1', 9],
      ['w2', 1],
    ],
  );
  assert.equal(head!.dead!.rows.count, 0);
  const { bytes, layers } = await withoutDead(model);
  assert.deepEqual(layers, [
    { name: 'w0', units: 1 },
    { name: 'w1', units: 1 },
  ]);
  const feeds = { x: feed([1, 3, 9, 11], 8) };
  const difference = largestDifference(await outputsOf(model, feeds), await outputsOf(bytes, feeds));
  assert.ok(difference <= 1e-5, String(difference));
});

/** Of both convolutions before the sum outputs 0 and 1 are dead in the first one alone. */
const sum = (b1: TensorSpec, b3: TensorSpec, w3: TensorSpec): Uint8Array =>
  net(
    [
      { op: 'Conv', name: 'left', inputs: ['x', 'w1', 'b1'], outputs: ['l'] },
      { op: 'Conv', name: 'right', inputs: ['x', 'w2'], outputs: ['r'] },
      { op: 'Add', name: 'sum', inputs: ['l', 'r'], outputs: ['s'] },
      { op: 'BatchNormalization', name: 'norm', inputs: ['s', 'g', 'z', 'z', 'v'], outputs: ['n'] },
      { op: 'Relu', name: 'relu', inputs: ['n'], outputs: ['a'] },
      { op: 'Conv', name: 'next', inputs: ['a', 'w3', 'b3'], outputs: ['y'] },
    ],
    [
      weights('w1', [4, 3, 3, 3], 1, (o) => o < 2),
      b1,
      weights('w2', [4, 3, 3, 3], 2),
      f32('g', [4], (i) => 1 + i),
      f32('z', [4]),
      f32('v', [4], () => 1 - 1e-5),
      w3,
      b3,
    ],
    [image],
    [{ name: 'y' }],
  );

test('the error of folding what a sum hides is never less than a run shows, and not much more', async () => {
  const w3 = weights('w3', [5, 4, 1, 1], 3);
  const values = new Float32Array(w3.raw!.slice().buffer);
  const constants = [0.5, 0.75, 0.1, 0.2];
  const model = sum(
    f32('b1', [4], (i) => constants[i]!),
    f32('b3', [5]),
    w3,
  );
  const [left] = await layersOf(model);
  assert.deepEqual([left!.dead!.refused, left!.dead!.rows.count], [2, 0]);
  assert.match(left!.dead!.reasons.join(), /sum joins them with outputs that are not constant/);
  const folded = sum(
    f32('b1', [4], (i) => (i < 2 ? 0 : constants[i]!)),
    f32('b3', [5], (o) => values[4 * o]! * 0.5 + values[4 * o + 1]! * 2 * 0.75),
    w3,
  );
  const feeds = { x: feed([1, 3, 9, 11], 3) };
  const shown = largestDifference(await outputsOf(model, feeds), await outputsOf(folded, feeds));
  const told = left!.dead!.refusedError!;
  const most = Math.max(
    ...[0, 1, 2, 3, 4].map((o) => Math.abs(values[4 * o]!) * 0.5 + Math.abs(values[4 * o + 1]!) * 1.5),
  );
  assert.ok(Math.abs(told - most) < 1e-6, `${told} ${most}`);
  assert.ok(shown <= told + 1e-6 && shown > told / 2, `${shown} of ${told}`);
});

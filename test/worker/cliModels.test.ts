import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { allProblems } from '../../analyzers/report/problems.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { assertRefused, reportOf, slimscope, threeAtATime } from '../support/commandLine.ts';

/** What an independent reader counted in each file. `zeroAll` is a share, rounded to five places. */
interface Fact {
  readonly file: string;
  readonly bytes: number;
  readonly onnx?: {
    readonly params: number;
    readonly zeroAll: number;
    readonly where: Readonly<Record<'init' | 'constNode' | 'subInit' | 'subConst' | 'sparse', number>>;
  };
}

const folder = path.resolve('../shared/models');
const there = existsSync(path.join(folder, 'index.json'));
const options = { skip: there ? false : 'the folder of real models (../shared/models) is not here' };
const facts = there ? (JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as Fact[]) : [];

const layerNamed = (report: Report, name: string) =>
  report.layers.find((layer) => layer.name === name) ?? assert.fail(`a layer ${name}`);

test(
  'every real ONNX file has the elements, zeros and places that another reader counted',
  options,
  async () => {
    const models = facts.filter(({ file }) => file.startsWith('onnx/'));
    assert.ok(models.length >= 14);
    await threeAtATime(models, async ({ file, onnx, bytes }) => {
      assert.ok(onnx, file);
      const { model, totals, layers } = await reportOf(path.join(folder, file));
      assert.equal(model.tensors.elements, onnx.params, file);
      const { byPlace } = model.tensors;
      assert.deepEqual(
        [byPlace.initializer, byPlace.constant, byPlace.subgraphInitializer, byPlace.subgraphConstant],
        [onnx.where.init, onnx.where.constNode, onnx.where.subInit, onnx.where.subConst],
        file,
      );
      assert.equal(byPlace.sparse, onnx.where.sparse, file);
      if (totals.weightsUnread === 0)
        assert.ok(Math.abs((model.tensors.zeros ?? 0) / onnx.params - onnx.zeroAll) <= 5.1e-6, file);
      assert.equal(model.bytes, bytes, file);
      assert.equal(
        layers.reduce((sum, layer) => sum + layer.weights, 0),
        totals.weights + totals.weightsUnread,
        file,
      );
      assert.ok(layers.length > 0, file);
    });
  },
);

test('lenet5_caffe has the layers, weights and MACs of its paper', options, async () => {
  const report = await reportOf(path.join(folder, 'onnx/lenet5_caffe.onnx'));
  assert.equal(report.totals.parameters, 431_080);
  assert.equal(report.totals.weights, 430_500);
  assert.equal(report.totals.weightsUnread, 0);
  assert.equal(report.totals.macs, 2_293_000);
  assert.equal(report.model.symbolicBatch, true);
  assert.deepEqual(
    report.layers.map(({ name, op, rows, cols }) => [name, op, rows, cols]),
    [
      ['conv1', 'conv', 20, 25],
      ['conv2', 'conv', 50, 500],
      ['ip1', 'dense', 500, 800],
      ['ip2', 'dense', 10, 500],
    ],
  );
  assert.equal(
    report.model.fingerprint,
    '0430340f2126419724d19de16b8f39efb8d8f91c2ebdf912bc3fc8c082fd688f',
    'of one file the fingerprint is its SHA-256',
  );
});

test('the same bytes give the same report on one thread and on two', options, async () => {
  for (const file of ['onnx/lenet5_caffe.onnx', 'onnx/mobilenet_v2_qlinear_u8.onnx']) {
    const [one, two] = await Promise.all(
      ['1', '2'].map((threads) =>
        slimscope(['analyze', path.join(folder, file), '--format', 'json', '--threads', threads]),
      ),
    );
    assert.equal(one?.code, 0);
    assert.ok(one?.stdout === two?.stdout, file);
  }
});

test('weights are found where they hide, and what is no weight is not taken for one', options, async () => {
  const [cntk, qlinear, silero, rfb] = await threeAtATime(
    ['mnist_cntk', 'mobilenet_v2_qlinear_u8', 'silero_vad_openvino_16k', 'rfb320'],
    (name) => reportOf(path.join(folder, `onnx/${name}.onnx`), '--preset', 'as-is'),
  );
  assert.equal(cntk?.layers.length, 3);
  assert.deepEqual(
    cntk?.layers.map(({ weights }) => weights),
    [200, 3200, 2560],
  );
  const quantised = qlinear?.layers.filter(({ operator }) => operator === 'QLinearConv') ?? [];
  assert.equal(quantised.length, 52);
  assert.ok(quantised.every(({ dtype, profile }) => dtype === 'u8' && (profile?.max ?? 99) < 20));
  assert.equal(silero?.model.tensors.byPlace.initializer, 0);
  assert.equal(silero?.totals.weights, 308_224);
  assert.equal(rfb?.layers.length, 52);
  assert.ok(rfb?.layers.every(({ op }) => op === 'conv' || op === 'depthwise'));
  assert.equal(rfb?.model.tensors.byPlace.constant, 26_548, 'anchors among them');
});

test(
  'weights that are generated or lie in a missing file are listed, told, and left out of the sums',
  options,
  async () => {
    const [generated, missing] = await threeAtATime(
      ['light_bvlc_alexnet', 'alexnet_missing_external'],
      (name) => reportOf(path.join(folder, `onnx/${name}.onnx`)),
    );
    for (const [report, code] of [
      [generated, 'onnx/weights-generated'],
      [missing, 'onnx/external-data-missing'],
    ] as const) {
      assert.ok(report);
      assert.equal(report.totals.weightsUnread, 60_954_656);
      assert.deepEqual([report.totals.weights, report.totals.bits.dense, report.totals.kept], [0, 0, 0]);
      assert.equal(report.totals.macs, 654_560_384);
      assert.ok(report.problems.some((problem) => problem.code === code));
      assert.ok(
        report.layers.every(
          ({ profile, encode, problems }) => !profile && !encode && problems[0]?.code === code,
        ),
      );
    }
    const told = allProblems(missing ?? assert.fail()).map(({ message }) => message);
    assert.equal(told.length, 1, 'one missing file is told once');
    assert.match(told[0]!, /it holds the tensor "conv1_b_0" and 15 more/);
    assert.equal(layerNamed(missing ?? assert.fail(), 'fc6_w_0').weights, 37_748_736);
  },
);

test('a page that is named like a model is refused', options, async () => {
  const broken = facts.filter(({ file }) => file.startsWith('broken/'));
  for (const { file } of broken)
    assertRefused(
      await slimscope(['analyze', path.join(folder, file)]),
      /is an HTML page.*\[file\/not-a-model/,
    );
  assert.ok(existsSync(path.join(folder, 'broken/html_named.onnx')));
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import type { Layer, LayerList, LayerOp } from '../../analyzers/model/layer.ts';
import { layersOf } from '../../analyzers/model/layers.ts';
import { countingSource } from '../support/onnxFixture.ts';

const folder = path.resolve('../shared/models/onnx');
const skip = fs.existsSync(folder) ? false : 'the folder of real models is not here';
const signal = new AbortController().signal;

interface Opened extends LayerList {
  /** Read to find the layers, the opening apart. */
  readonly bytesRead: number;
}

async function open(name: string): Promise<Opened> {
  const bytes = fs.readFileSync(path.join(folder, `${name}.onnx`));
  const model = await onnxFormat.read(memorySource(`${name}.onnx`, bytes), signal);
  const counts = { bytes: 0, reads: 0 };
  const sources = openSources(model.sources, async (ref) => {
    assert.equal(ref.kind, 'bytes');
    return countingSource(memorySource(`${name}.onnx`, bytes), counts).source;
  });
  const list = await layersOf(model, sources, signal);
  await sources.close();
  return { ...list, bytesRead: counts.bytes };
}

const sum = (layers: readonly Layer[], of: (layer: Layer) => number): number =>
  layers.reduce((n, layer) => n + of(layer), 0);

const byOp = (layers: readonly Layer[]): Partial<Record<LayerOp, number>> => {
  const counts: Partial<Record<LayerOp, number>> = {};
  for (const { op } of layers) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
};

/** Layers by kind, weights, parameters and MACs, counted apart from this code by another shape inference. */
const files: readonly {
  readonly name: string;
  readonly ops: Partial<Record<LayerOp, number>>;
  readonly weights: number;
  readonly parameters: number;
  readonly macs: number;
  readonly macsUnknown?: number;
  readonly symbolicBatch?: boolean;
  readonly problems?: readonly string[];
}[] = [
  {
    name: 'alexnet_missing_external',
    ops: { conv: 5, dense: 3 },
    weights: 60_954_656,
    parameters: 60_965_224,
    macs: 654_560_384,
  },
  // One dense layer behind two bidirectional LSTMs; the length of the text is open.
  {
    name: 'bidi_lstm',
    ops: { embedding: 1, recurrent: 4, dense: 1 },
    weights: 336_128,
    parameters: 339_202,
    macs: 0,
    macsUnknown: 5,
  },
  {
    name: 'lenet5_caffe',
    ops: { conv: 2, dense: 2 },
    weights: 430_500,
    parameters: 431_080,
    macs: 2_293_000,
    symbolicBatch: true,
  },
  {
    name: 'light_bvlc_alexnet',
    ops: { conv: 5, dense: 3 },
    weights: 60_954_656,
    parameters: 60_965_224,
    macs: 654_560_384,
    problems: ['onnx/weights-generated'],
  },
  {
    name: 'light_vgg19',
    ops: { conv: 16, dense: 3 },
    weights: 143_652_544,
    parameters: 143_667_240,
    macs: 19_632_062_464,
    problems: ['onnx/weights-generated'],
  },
  { name: 'mnist_cntk', ops: { conv: 2, dense: 1 }, weights: 5960, parameters: 5994, macs: 786_560 },
  { name: 'mnist_opt', ops: { conv: 2, dense: 1 }, weights: 5960, parameters: 5994, macs: 786_560 },
  {
    name: 'mobilenet_v2_qlinear_u8',
    ops: { conv: 35, depthwise: 17, dense: 1 },
    weights: 3_469_760,
    parameters: 3_487_816,
    macs: 300_774_272,
  },
  // 1,340 biases and 2,404 channels of batch norm: scale and shift, not mean and variance.
  {
    name: 'rfb320',
    ops: { conv: 34, depthwise: 18 },
    weights: 270_144,
    parameters: 270_144 + 1340 + 2 * 2404,
    macs: 100_418_560,
  },
  {
    name: 'silero_vad_16k_op15',
    ops: { conv: 6, recurrent: 2 },
    weights: 308_224,
    parameters: 309_633,
    macs: 0,
    macsUnknown: 8,
  },
  {
    name: 'silero_vad_openvino_16k',
    ops: { conv: 6, recurrent: 2 },
    weights: 308_224,
    parameters: 309_633,
    macs: 679_552,
  },
  {
    name: 'slim320_simplified',
    ops: { conv: 23, depthwise: 19 },
    weights: 254_304,
    parameters: 257_916,
    macs: 81_410_560,
  },
  {
    name: 'superres_customops',
    ops: { dense: 2, conv: 4 },
    weights: 59_506,
    parameters: 59_678,
    macs: 2_988_934_144,
    macsUnknown: 1,
  },
  {
    name: 'yunet_n',
    ops: { conv: 36, depthwise: 23 },
    weights: 71_744,
    parameters: 73_840,
    macs: 135_598_400,
  },
];

for (const facts of files)
  test(`${facts.name} has the layers, parameters and MACs that were counted apart`, { skip }, async () => {
    const { layers, parameters, symbolicBatch, problems, bytesRead } = await open(facts.name);
    assert.deepEqual(byOp(layers), facts.ops);
    assert.equal(
      sum(layers, (l) => l.rows * l.cols),
      facts.weights,
    );
    assert.equal(parameters, facts.parameters);
    assert.equal(
      sum(layers, (l) => l.macs ?? 0),
      facts.macs,
    );
    assert.equal(layers.filter((l) => l.macs === null).length, facts.macsUnknown ?? 0);
    assert.equal(symbolicBatch, facts.symbolicBatch ?? false);
    assert.deepEqual(
      problems.map((p) => p.code),
      facts.problems ?? [],
    );
    assert.equal(layers.filter((l) => l.first).length, facts.name === 'bidi_lstm' ? 0 : 1);
    assert.equal(new Set(layers.map((l) => l.name)).size, layers.length);
    for (const [i, { index, view, rows, cols, weight }] of layers.entries()) {
      assert.equal(index, i);
      const elements = weight.shape.reduce((n, e) => n * e, 1);
      assert.equal(rows * cols, elements);
      assert.equal(
        view.shape.reduce((n, e) => n * e, 1),
        elements,
      );
      assert.deepEqual(
        [...view.rowAxes, ...view.colAxes].toSorted((a, b) => a - b),
        view.shape.map((_, axis) => axis),
      );
    }
    // Shapes and axes alone: a few numbers each.
    assert.ok(bytesRead < 8192, `${bytesRead} bytes`);
  });

test('the layers of LeNet-5 carry the names and sizes of the paper', { skip }, async () => {
  const { layers } = await open('lenet5_caffe');
  assert.deepEqual(
    layers.map((l) => [l.name, l.weight.name, l.usedBy, l.rows, l.cols, l.macs, l.first]),
    [
      ['conv1', 'conv1.weight', ['Conv_0'], 20, 25, 288_000, true],
      ['conv2', 'conv2.weight', ['Conv_2'], 50, 500, 1_600_000, false],
      ['ip1', 'ip1.weight', ['Gemm_5'], 500, 800, 400_000, false],
      ['ip2', 'ip2.weight', ['Gemm_7'], 10, 500, 5000, false],
    ],
  );
});

test("mnist_cntk's dense weight is found behind its Reshape", { skip }, async () => {
  const { layers } = await open('mnist_cntk');
  const dense = layers.at(-1);
  assert.deepEqual(
    [
      dense?.weight.name,
      dense?.weight.shape,
      dense?.rows,
      dense?.cols,
      dense?.view.shape,
      dense?.view.rowAxes,
    ],
    ['Parameter193', [16, 4, 4, 10], 10, 256, [256, 10], [1]],
  );
});

test('every quantised weight of MobileNetV2 has its scale and zero point', { skip }, async () => {
  const { layers } = await open('mobilenet_v2_qlinear_u8');
  assert.equal(layers.filter((l) => l.operator === 'QLinearConv').length, 52);
  assert.equal(layers.at(-1)?.operator, 'QLinearMatMul');
  assert.equal(layers.at(-1)?.name, 'classifier.1');
  // Names that are bare numbers say nothing: the node's own stands there instead.
  assert.equal(layers[0]?.name, 'Conv_0_quant');
  for (const { quantisation, weight } of layers) {
    assert.equal(weight.dtype, 'u8');
    assert.ok(quantisation?.scale && quantisation.zeroPoint);
  }
});

test(
  'recurrent weights that are cut and put together again are the stored ones, once for both branches',
  { skip },
  async () => {
    const { layers } = await open('silero_vad_16k_op15');
    const recurrent = layers.filter((l) => l.op === 'recurrent');
    assert.deepEqual(
      recurrent.map((l) => [l.name, l.rows, l.cols, l.usedBy]),
      [
        ['model.decoder.rnn.weight_ih', 512, 128, ['/model/decoder/rnn/LSTM', '/model/decoder/rnn_1/LSTM']],
        ['model.decoder.rnn.weight_hh', 512, 128, ['/model/decoder/rnn/LSTM', '/model/decoder/rnn_1/LSTM']],
      ],
    );
    const constants = await open('silero_vad_openvino_16k');
    assert.ok(constants.layers.every((l) => l.weight.place === 'constant'));
  },
);

test('no anchor of a detector is a layer', { skip }, async () => {
  const { layers } = await open('rfb320');
  assert.ok(layers.every((l) => l.operator === 'Conv' && l.weight.place === 'initializer'));
});

test('generated weights are told as what they are', { skip }, async () => {
  const { layers } = await open('light_vgg19');
  assert.ok(layers.every((l) => l.tensorIndex === null && l.weight.data.kind === 'none'));
  assert.deepEqual([layers[0]?.name, layers[0]?.weight.shape], ['conv1_1_w_0', [64, 3, 3, 3]]);
});

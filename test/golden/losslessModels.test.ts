import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { codedLayerOf } from '../../analyzers/analyses/encodeLayer.ts';
import { layerPasses } from '../../analyzers/analyses/newWeights.ts';
import { settleLayer } from '../../analyzers/analyses/settleLayer.ts';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { dtypeBits } from '../../analyzers/model/dtype.ts';
import { readRaw, readSteps, readWeights } from '../../analyzers/model/weights.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { openModel } from '../../analyzers/run/openModel.ts';
import { decoded, streamsOf, whole } from '../support/codedLayers.ts';

const folder = '../shared/models/onnx';
const models = [
  'lenet5_caffe',
  'rfb320',
  'slim320_simplified',
  'yunet_n',
  'mobilenet_v2_qlinear_u8',
  'bidi_lstm',
];
const skip = fs.existsSync(folder) ? false : `there is no ${folder}`;
const { signal } = new AbortController();

/** Encodes and decodes every layer of a model under a preset; the bits as stored and as streams. */
async function roundTrip(name: string, preset: 'as-is' | 'deep-compression'): Promise<[number, number]> {
  const opened = await openModel({ kind: 'file', path: `${folder}/${name}.onnx` }, openFile, signal);
  const sources = openSources(opened.sources, openFile);
  let dense = 0;
  let slim = 0;
  try {
    for (const layer of opened.layers) {
      const pass = (stop: AbortSignal) => readWeights(sources, layer, stop);
      const raw = (stop: AbortSignal) => readRaw(sources, layer.weight, stop);
      const settled = await settleLayer(layer, presets[preset], pass, {
        signal,
        profile: null,
        progress: () => {},
        raw,
        steps: (stop) => readSteps(sources, layer, stop),
      });
      const passes = layerPasses(settled, pass, raw);
      const bits = dtypeBits[layer.weight.dtype];
      const wanted = await whole(passes.newWeights(signal), settled.head.weights, bits);
      const streams = await streamsOf(settled, passes);
      const back = await decoded(codedLayerOf(settled), streams, 1 << 16);
      assert.ok(Buffer.from(back).equals(Buffer.from(wanted)), `${name} ${layer.name}`);
      if (settled.unchanged) {
        const file = await whole(raw(signal), settled.head.weights, bits);
        assert.ok(Buffer.from(back).equals(Buffer.from(file)), `${name} ${layer.name}: as in the file`);
      }
      dense += settled.sizes.encode.bits.dense;
      slim += settled.sizes.encode.bits.slim;
    }
  } finally {
    await sources.close();
  }
  return [dense, slim];
}

const gain = ([dense, slim]: [number, number]): string =>
  `${(dense / 8).toString()} bytes as stored, ${Math.ceil(slim / 8).toString()} as streams, ${(dense / slim).toFixed(3)}x`;

test('every weight of real models comes back from lossless streams bit for bit', { skip }, async (t) => {
  for (const name of models) t.diagnostic(`${name}: ${gain(await roundTrip(name, 'as-is'))}`);
});

test(
  'pruned and shared weights of real models come back from their streams byte for byte',
  { skip },
  async (t) => {
    for (const name of models) t.diagnostic(`${name}: ${gain(await roundTrip(name, 'deep-compression'))}`);
  },
);

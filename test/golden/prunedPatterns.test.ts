import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { layerReportOf } from '../../analyzers/analyses/analyzeLayer.ts';
import { newWeights } from '../../analyzers/analyses/newWeights.ts';
import { settleLayer } from '../../analyzers/analyses/settleLayer.ts';
import { openSources, type Sources } from '../../analyzers/bytes/sources.ts';
import { hasBit } from '../../analyzers/kernels/mask.ts';
import { decode, valuesFor } from '../../analyzers/kernels/decode.ts';
import { dequantise } from '../../analyzers/kernels/dequantise.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { readRowFactors } from '../../analyzers/model/rowFactors.ts';
import { readRaw, readSteps, readWeights } from '../../analyzers/model/weights.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { openModel } from '../../analyzers/run/openModel.ts';
import { recipeOf } from '../support/layerFixture.ts';
import { naiveBlockMask, naiveNmMask, naiveNorms } from '../support/naiveMask.ts';
import { naiveNm } from '../support/naiveProfile.ts';

const folder = '../shared/models/onnx';
const models = ['lenet5_caffe', 'slim320_simplified', 'mnist_opt', 'yunet_n'];
const skip = fs.existsSync(folder) ? false : `there is no ${folder}`;
const { signal } = new AbortController();

async function all(chunks: AsyncIterable<{ first: number; values: ArrayLike<number> }>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { values } of chunks) numbers.push(...Array.from(values));
  return numbers;
}

/** The layer under one rule: its report, its mask, and its real weights after pruning. */
async function pruned(sources: Sources, layer: Layer, prune: string) {
  const steps = await readSteps(sources, layer, signal);
  const pass = (stop: AbortSignal) => readWeights(sources, layer, stop, 1 << 12);
  const raw = (stop: AbortSignal) => readRaw(sources, layer.weight, stop, 1 << 12);
  const settled = await settleLayer(layer, recipeOf({ prune }), pass, {
    signal,
    profile: null,
    progress: () => {},
    raw,
    steps: () => Promise.resolve(steps),
  });
  const after: number[] = [];
  for await (const { first, count, bytes } of newWeights(settled, pass, raw, signal)) {
    const values = valuesFor(layer.weight.dtype, count);
    decode(layer.weight.dtype, bytes, values);
    if (steps !== null) dequantise(values, first, steps);
    after.push(...values);
  }
  return { prune: layerReportOf(settled, [], null).prune!, mask: settled.masked.mask, after };
}

const near = (got: number | null, wanted: number | null): void =>
  assert.ok(got === wanted || Math.abs(got! - wanted!) <= 1e-12, `${String(got)} for ${String(wanted)}`);

test(
  'patterns keep of real layers what a naive twin keeps, and of both norms as much',
  { skip },
  async (t) => {
    for (const name of models) {
      const opened = await openModel({ kind: 'file', path: `${folder}/${name}.onnx` }, openFile, signal);
      const sources = openSources(opened.sources, openFile);
      const sums = { layers: 0, nm: 0, block: 0, filters: 0 };
      try {
        for (const layer of opened.layers) {
          if (layer.weight.data.kind === 'none' || layer.rows * layer.cols > 60_000) continue;
          const weights = await all(readWeights(sources, layer, signal));
          const { view, rows, cols } = layer;
          const nm = view.reductionAxis === null ? null : naiveNmMask(view, weights, 2, 4);
          const cases = [
            ['nm=2:4', nm],
            ['block=4x8:0.5', naiveBlockMask(view, weights, [4, 8], 0.5).kept],
            ['filters=0.75', naiveBlockMask(view, weights, [1, cols], 0.75).kept],
            ['columns=0.75', naiveBlockMask(view, weights, [rows, 1], 0.75).kept],
          ] as const;
          for (const [rule, kept] of cases) {
            if (kept === null) continue;
            const { prune, mask, after } = await pruned(sources, layer, rule);
            assert.ok(mask.kind === 'bits');
            assert.deepEqual(
              weights.map((_, i) => hasBit(mask.bits, i)),
              weights.map((_, i) => kept.has(i)),
              `${name} ${layer.name} ${rule}`,
            );
            assert.deepEqual(
              after,
              weights.map((weight, i) => (kept.has(i) ? weight : 0)),
            );
            const norms = naiveNorms(weights, kept);
            near(prune.keptL1, norms.l1);
            near(prune.keptL2, norms.l2);
            if (rule === 'nm=2:4') assert.equal(naiveNm(view, after, 2, 4)?.violations, 0);
            const kind = rule.slice(0, rule.indexOf('=')) as keyof typeof sums;
            if (kind in sums) sums[kind] += prune.keptL2 ?? 1;
          }
          sums.layers += 1;
        }
      } finally {
        await sources.close();
      }
      const mean = (sum: number): string => (sum / sums.layers).toFixed(4);
      t.diagnostic(
        `${name}, ${sums.layers.toString()} layers, kept of the L2 norm: 2:4 ${mean(sums.nm)}, half of the 4 x 8 blocks ${mean(sums.block)}, three quarters of the rows ${mean(sums.filters)}`,
      );
    }
  },
);

test(
  'batch norms behind layers of real models are found, and their factors are finite and positive',
  { skip },
  async (t) => {
    for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.onnx'))) {
      const opened = await openModel({ kind: 'file', path: `${folder}/${file}` }, openFile, signal);
      const sources = openSources(opened.sources, openFile);
      try {
        const normed = opened.layers.filter(({ norm }) => norm !== undefined);
        if (normed.length === 0) continue;
        t.diagnostic(`${file}: ${normed.length.toString()} of ${opened.layers.length.toString()} layers`);
        for (const layer of normed) {
          const factors = await readRowFactors(sources, layer, signal);
          assert.equal(factors?.length, layer.rows);
          assert.ok(factors.every((factor) => factor >= 0 && factor < Infinity));
        }
      } finally {
        await sources.close();
      }
    }
  },
);

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { noContext } from '../../analyzers/report/context.ts';
import type { CodebookPoint } from '../../analyzers/report/studies.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { runLayer } from '../../analyzers/run/layerJob.ts';
import { runStudy } from '../../analyzers/run/layerStudy.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { opened } from '../support/slim.ts';

const folder = path.resolve('../shared/models/onnx');
const names = ['lenet5_caffe', 'slim320_simplified', 'silero_vad_16k_op15', 'mobilenet_v2_qlinear_u8'].filter(
  (name) => existsSync(path.join(folder, `${name}.onnx`)),
);
const skip = names.length === 0 ? 'the shared models are not here' : false;
const bench = {
  breathe: () => Promise.resolve(),
  remember: <T>(_: unknown, pass: T): T => pass,
};
const options = { signal: new AbortController().signal, progress: () => {} };
/** Layers of each model that are looked at: the largest. */
const mostLayers = 2;

const recipeWith = (share: string): Recipe => ({
  ...presets['as-is'],
  layers: [{ match: '*', prune: 'density=0.3', share, index: 'best' }],
});

for (const name of names)
  test(
    `codebooks of real weights, ${name}: the smallest and the optimal one keep their promises`,
    { skip },
    async (t) => {
      const source = await openFile({ kind: 'file', path: path.join(folder, `${name}.onnx`) });
      try {
        const { layers, sources } = await opened(source);
        const largest = layers.toSorted((a, b) => b.rows * b.cols - a.rows * a.cols).slice(0, mostLayers);
        const sums: Record<string, number> = {};
        for (const layer of largest) {
          const job = { layer, context: noContext, profile: null };
          const reports = new Map<string, Awaited<ReturnType<typeof runLayer>>>();
          for (const method of ['linear', 'density', 'forgy', 'optimal', 'rate']) {
            const report = await runLayer(
              sources,
              { ...job, recipe: recipeWith(`5:${method}`) },
              bench,
              options,
            );
            reports.set(method, report);
            sums[method] = (sums[method] ?? 0) + report.encode!.bits.coded;
          }
          const [linear, rate, optimal] = ['linear', 'rate', 'optimal'].map((method) => reports.get(method)!);
          for (const { share, encode } of reports.values()) {
            assert.ok(optimal!.share!.mse <= share!.mse * (1 + 1e-6), `${layer.name}, ${share!.method}`);
            if (share!.mse <= linear!.share!.mse)
              assert.ok(rate!.encode!.bits.coded <= encode!.bits.coded, `${layer.name}, ${share!.method}`);
          }
          const study = await runStudy(
            sources,
            { ...job, recipe: recipeWith('5:rate'), what: 'codebooks' },
            bench,
            options,
          );
          const { optimal: curve, published, uniform, current } = study.codebooks!;
          assert.equal(current!.codedBits, rate!.encode!.bits.coded);
          assert.ok(curve.every(({ mse }, i) => i === 0 || mse <= curve[i - 1]!.mse * (1 + 1e-6)));
          const best = (k: number): CodebookPoint => curve[Math.min(k, curve.length) - 1]!;
          for (const point of [...published, ...uniform.filter(({ per }) => per === 'layer')])
            assert.ok(best(point.k).mse <= point.mse * (1 + 1e-6), `${layer.name}, ${point.method}`);
        }
        const part = (method: string): string => (sums[method]! / sums['rate']!).toFixed(3);
        t.diagnostic(
          `coded bits at 5 bits against rate: linear ${part('linear')}, density ${part('density')}, forgy ${part('forgy')}, optimal ${part('optimal')}`,
        );
      } finally {
        await source.close();
      }
    },
  );
if (names.length === 0) test('codebooks of real weights', { skip }, () => {});

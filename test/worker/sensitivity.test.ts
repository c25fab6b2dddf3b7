import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import {
  sensitivityCsv,
  sensitivityJson,
  sensitivityMarkdown,
  sensitivityText,
} from '../../analyzers/report/sensitivitySheet.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { countedThreads } from '../support/threads.ts';

const signal = new AbortController().signal;

test('every layer has its curves, and the suggested densities take what the recipe takes with less distortion', async (t) => {
  const source = { kind: 'file', path: path.resolve('samples/lenet-synthetic.onnx') } as const;
  const workers = countedThreads();
  const pool = new Pool(workers.spawn, 2);
  try {
    const analysed = await pool.analyze(source, presets['deep-compression'], { signal });
    const layers = await pool.sensitivities(source, analysed, { signal });
    assert.equal(layers.length, analysed.report.layers.length);
    const studies = (): number => workers.asked.filter((method) => method === 'study').length;
    const asked = studies();
    const { sensitivity } = await pool.study(source, analysed, 1, 'sensitivity', { signal });
    assert.deepEqual(sensitivity, layers[1]);
    assert.equal(studies(), asked, 'nothing is computed twice');

    let recipe = analysed.report.recipe;
    for (const [i, { name }] of analysed.report.layers.entries()) {
      const density = layers[i]!.suggestedDensity;
      if (density !== null) recipe = setLayerRule(recipe, name, { prune: `density=${density.toString()}` });
    }
    const suggested = await pool.analyze(source, recipe, { signal, reuse: analysed });
    const then = await pool.sensitivities(source, suggested, { signal });
    const distortion = (of: typeof layers): number =>
      of.reduce((sum, one) => sum + one!.byBits.find(({ bits }) => bits === one!.at.bits)!.distortion, 0);
    const [now, later] = [analysed, suggested].map(({ report }) => report.totals.bits.coded / 8);
    t.diagnostic(
      `${now!.toFixed(0)} bytes, distortion ${distortion(layers).toFixed(4)}; as suggested ${later!.toFixed(0)} bytes, distortion ${distortion(then).toFixed(4)}`,
    );
    assert.ok(Math.abs(later! / now! - 1) < 0.03);
    assert.ok(distortion(then) < distortion(layers));

    const sheet = { report: analysed.report, layers };
    for (const text of [sensitivityText(sheet, { color: false, width: 80 }), sensitivityMarkdown(sheet)]) {
      assert.match(text.replaceAll(/\s+/g, ' '), /says nothing about accuracy/);
      for (const { name } of analysed.report.layers) assert.ok(text.includes(name));
    }
    const told = JSON.parse(sensitivityJson(sheet)) as { basis: string; layers: { sensitivity: unknown }[] };
    assert.equal(told.basis, 'data-free');
    assert.deepEqual(
      told.layers.map((one) => one.sensitivity),
      layers,
    );
    const lines = sensitivityCsv(sheet).trimEnd().split('\r\n');
    const points = layers.reduce((sum, one) => sum + one!.byDensity.length + one!.byBits.length, 0);
    assert.equal(lines.length, points + 1);
    for (const line of lines) assert.equal(line.split(',').length, lines[0]!.split(',').length);
  } finally {
    await pool.close();
  }
});

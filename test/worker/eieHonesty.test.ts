import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { BreakEvenStudy } from '../../analyzers/report/breakEven.ts';
import type { LayerEie } from '../../analyzers/report/eie.ts';
import type { Coverage } from '../../analyzers/report/amdahl.ts';
import type { Waterfall } from '../../analyzers/report/waterfall.ts';
import { assertRefused, slimscope } from '../support/commandLine.ts';
import { withFolder } from '../support/folder.ts';

const model = path.resolve('samples/lenet-synthetic.onnx');
interface Told {
  readonly coverage: Coverage;
  readonly layers: readonly {
    readonly eie: LayerEie;
    readonly notes: readonly string[];
    readonly breakEven?: BreakEvenStudy;
    readonly waterfall: Waterfall | null;
  }[];
}

const told = async (...options: readonly string[]): Promise<Told> => {
  const { code, stdout, stderr } = await slimscope(['eie', model, '--format', 'json', ...options]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Told;
};

test('a table of energies changes the energies that go by it, and is named', async () => {
  const [published, half] = await withFolder(async (folder) => {
    const file = path.join(folder, 'mine.json');
    await writeFile(
      file,
      JSON.stringify({ name: 'half', pePowerMw: 9.157 / 2, detectionNodePowerMw: 0.0115 }),
    );
    return [await told(), await told('--energy', file)] as const;
  });
  assert.ok(published.layers.length > 0);
  published.layers.forEach(({ eie }, at) => {
    const own = half.layers[at];
    assert.ok(Math.abs((own?.eie.energyUj ?? 0) / eie.energyUj - 0.5) < 1e-9);
    assert.equal(own?.eie.energyBottomUpUj, eie.energyBottomUpUj);
    assert.ok(own.notes.some((note) => note.includes('half') && note.includes('pePowerMw')));
  });
});

test('tables that are none are refused in one line', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'mine.json');
    await writeFile(file, '{"dram": 1}');
    assertRefused(
      await slimscope(['eie', model, '--energy', file]),
      /mine\.json: unknown key "dram".*energy\/invalid/,
    );
    assertRefused(await slimscope(['eie', model, '--energy', folder]), /cannot be read/);
    assertRefused(await slimscope(['eie', model, '--energy', `${file}.no`]), /there is no energy table/);
    assertRefused(
      await slimscope(['eie', '--benchmark', '--energy', file]),
      /means nothing with --benchmark/,
    );
  }));

test('the share of the whole network that the layers have is told with its bound', async () => {
  const { coverage } = await told();
  assert.ok(coverage.weightShare !== null && coverage.weightShare > 0.9);
  assert.ok(coverage.macShare !== null && coverage.macShare < 0.5, 'most work lies in the convolutions');
  assert.ok(Math.abs((coverage.bound ?? 0) - 1 / (1 - coverage.macShare)) < 1e-9);
  const { stdout } = await slimscope(['eie', model]);
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /The accelerator computes .* of the multiply-accumulates\. Even if/,
  );
});

test('what is measured on this machine comes with it, in JSON and in words', async () => {
  const only = ['--layer', 'ip2', '--measure'];
  const { layers } = await told(...only);
  const breakEven = layers[0]?.breakEven;
  assert.equal(breakEven?.basis, 'measured');
  assert.equal(breakEven.batches.length, 3);
  assert.equal(layers[0]?.waterfall?.steps.length, 6);
  const { stdout } = await slimscope(['eie', model, ...only]);
  const text = stdout.replaceAll(/\s+/g, ' ');
  assert.match(text, /Measured on .*, Node \d.* V8 .*, 1 thread\. Batch 1, 10 × 500: sparse is /);
  assert.match(text, /Decoding the layer takes/);
  assertRefused(await slimscope(['eie', '--benchmark', '--measure']), /means nothing with --benchmark/);
});

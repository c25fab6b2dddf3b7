import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { withOptions } from '../../analyzers/report/recipeEdit.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { reportHtml } from '../../analyzers/report/html.ts';
import { reportMarkdown } from '../../analyzers/report/markdown.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { denseModel } from '../support/denseModel.ts';
import { countedThreads } from '../support/threads.ts';

const calm = () => new AbortController().signal;
const within = (budget: string, preset: Recipe['preset'] = 'deep-compression'): Recipe =>
  withOptions(presets[preset], { budget });

const onOneThread = (file: string, recipe: Recipe): Promise<Report> =>
  analyze({ kind: 'file', path: file }, recipe, { open: openFile, digest: sha256, signal: calm() });

async function onThreads(file: string, recipe: Recipe): Promise<Report> {
  const pool = new Pool(countedThreads().spawn, 2);
  try {
    return (await pool.analyze({ kind: 'file', path: file }, recipe, { signal: calm() })).report;
  } finally {
    await pool.close();
  }
}

/** What holds for every budget that was met. */
function assertMet({ budget, totals, layers, recipe }: Report): void {
  assert.ok(budget !== null);
  assert.equal(recipe.budget, null, 'the recipe says what was chosen');
  assert.equal(budget.codedBytes, Math.ceil(totals.bits.coded / 8), 'the size is that of the encoded layers');
  assert.ok(budget.codedBytes <= budget.targetBytes, 'never above the target');
  assert.equal(budget.gapBytes, budget.targetBytes - budget.codedBytes);
  for (const { layer, density, bits, codedBytes } of budget.choices) {
    const { prune, share, encode } = layers[layer]!;
    assert.equal(Math.ceil(encode!.bits.coded / 8), codedBytes);
    assert.equal(share?.bits ?? null, bits);
    if (density !== null && density < 1) assert.equal(prune!.rule, `density=${density.toString()}`);
    if (density === null || density === 1) assert.equal(prune!.rule, 'none');
  }
}

const samples = ['lenet-synthetic', 'keyword-int8-synthetic', 'mobile-pruned-synthetic'];

for (const name of samples)
  test(`${name}: budgets are met by encoded bytes`, async (t) => {
    const file = path.resolve(`samples/${name}.onnx`);
    let last = 0;
    for (const factor of [20, 8]) {
      const report = await onThreads(file, within(`factor=${factor.toString()}`)).catch(
        (error: Error) => error,
      );
      if (report instanceof Error) {
        assert.match(report.message, /take \d+ at least$/);
        t.diagnostic(report.message);
        continue;
      }
      assertMet(report);
      assert.ok(report.totals.factor.coded! >= factor);
      assert.ok(report.budget!.distortion <= (last || Infinity), 'a larger budget loses no more');
      last = report.budget!.distortion;
      const { codedBytes, gapBytes, distortion } = report.budget!;
      t.diagnostic(
        `factor=${factor.toString()}: ${codedBytes.toString()} bytes, ${gapBytes.toString()} below, distortion ${distortion.toFixed(4)}`,
      );
    }
  });

test('threads do not show', async () => {
  const file = path.resolve('samples/mobile-pruned-synthetic.onnx');
  const recipe = within('factor=12');
  const [one, two] = [await onOneThread(file, recipe), await onThreads(file, recipe)];
  assert.deepEqual(one.budget, two.budget);
  assert.deepEqual(one.layers, two.layers);
});

test('a target below the least is refused with the least, and that one is met', async () => {
  const file = path.resolve('samples/mobile-pruned-synthetic.onnx');
  const error = await onOneThread(file, within('bytes=1')).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Error && error.name === 'RecipeError');
  const least = /take (\d+) at least$/.exec(error.message)?.[1];
  assert.ok(least !== undefined);
  const report = await onOneThread(file, within(`bytes=${least}`));
  assertMet(report);
  assert.equal(report.budget!.gapBytes, 0);
});

test('a recipe that leaves nothing open has one size', async () => {
  const file = path.resolve('samples/mobile-pruned-synthetic.onnx');
  const { totals, budget } = await onOneThread(file, within('bytes=100000000', 'as-is'));
  assert.equal(budget!.codedBytes, Math.ceil(totals.bits.coded / 8));
  assert.equal(budget!.multiplier, null);
  await assert.rejects(onOneThread(file, within('factor=200', 'as-is')), { name: 'RecipeError' });
  await assert.rejects(onOneThread(file, { ...within('factor=2'), lossless: true }), { name: 'RecipeError' });
});

test('every text tells the budget', async () => {
  const report = await onOneThread(path.resolve('samples/mobile-pruned-synthetic.onnx'), within('factor=12'));
  for (const text of [
    reportText(report, { color: false, width: 100 }),
    reportMarkdown(report),
    reportHtml(report),
  ]) {
    assert.match(text, /Budget/);
    assert.match(text.replaceAll(/\s+/g, ' '), /says nothing about accuracy/);
    for (const { name } of report.budget!.choices) assert.ok(text.includes(name));
  }
});

test('a power of two moved from one layer to the next changes neither allocation nor masks nor codes', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slimscope-'));
  try {
    for (const power of [0, 5, -7]) {
      const file = path.join(folder, `m${power.toString()}.onnx`);
      await writeFile(file, denseModel([40, 60, 50, 10], undefined, 0, [2 ** power, 2 ** -power]));
    }
    const recipe = within('factor=10');
    const [plain, ...moved] = await Promise.all(
      [0, 5, -7].map((power) => onOneThread(path.join(folder, `m${power.toString()}.onnx`), recipe)),
    );
    assertMet(plain!);
    for (const other of moved) {
      assert.deepEqual(other.budget, plain!.budget);
      for (const [i, layer] of other.layers.entries()) {
        const { prune, share, encode } = plain!.layers[i]!;
        assert.equal(layer.prune!.kept, prune!.kept);
        assert.deepEqual(layer.share?.counts, share?.counts);
        // Exponents are other ones, so lossless coding of them may be.
        const { lossless: _, ...bits } = layer.encode!.bits;
        const { lossless: __, ...own } = encode!.bits;
        assert.deepEqual(bits, own);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

const lenet = path.resolve('../shared/models/onnx/lenet5_caffe.onnx');

test('LeNet-5 from Caffe: never above the target', async (t) => {
  if (!existsSync(lenet)) return t.skip(`${lenet} is not here`);
  for (const factor of [20]) {
    const report = await onThreads(lenet, within(`factor=${factor.toString()}`));
    assertMet(report);
    assert.ok(report.totals.factor.coded! >= factor);
    const chosen = report.budget!.choices.map(
      ({ name, density, bits }) => `${name} ${String(density ?? 'unpruned')}/${String(bits ?? 'stored')}`,
    );
    t.diagnostic(
      `factor=${factor.toString()}: ${report.budget!.codedBytes.toString()} of ${report.budget!.targetBytes.toString()} bytes; ${chosen.join(', ')}`,
    );
  }
});

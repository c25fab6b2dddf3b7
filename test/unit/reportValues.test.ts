import assert from 'node:assert/strict';
import test from 'node:test';
import { plain } from '../../analyzers/report/clean.ts';
import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import { recipeLine } from '../../analyzers/report/summary.ts';
import { ladderOf } from '../../analyzers/report/ladder.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Report } from '../../analyzers/report/report.ts';
import {
  asIsLine,
  conditions,
  fileLine,
  retrainingNote,
  stepOf,
  whatIfLine,
} from '../../analyzers/report/summary.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { allProblems } from '../../analyzers/report/problems.ts';
import { cutMiddle } from '../../analyzers/report/terminal.ts';
import { bitKeys, totalsOf } from '../../analyzers/report/totals.ts';
import { reportFixture } from '../support/reportFixture.ts';

const read = (text: string | null): string => (text ?? '').replaceAll('\u202f', ' ');
const { layers, model, totals } = reportFixture;

const withLayers = (changed: readonly LayerReport[]): Report => ({
  ...reportFixture,
  layers: changed,
  totals: totalsOf(model, changed),
});

const exact = (layer: LayerReport): LayerReport => ({
  ...layer,
  prune: layer.prune && { ...layer.prune, rule: 'none', threshold: null },
  share: null,
  exact: true,
  sqnrDb: null,
});

test('totals are sums over the layers that were read, and the others are counted apart', () => {
  const known = layers.filter(({ encode }) => encode !== null);
  assert.equal(totals.weights, 430_500);
  assert.equal(totals.weightsUnread, 40);
  assert.equal(
    totals.kept,
    known.reduce((sum, { prune }) => sum + (prune?.kept ?? 0), 0),
  );
  for (const key of bitKeys)
    assert.equal(
      totals.bits[key],
      known.reduce((sum, { encode }) => sum + (encode?.bits[key] ?? 0), 0),
    );
  assert.equal(totals.density, totals.kept / totals.weights);
  assert.equal(totals.factor.coded, totals.bits.dense / totals.bits.coded);
});

test('the rest is what the files hold beside the weights, in bits', () => {
  assert.equal(totals.bits.rest, 8 * (model.bytes - model.weightBytes));
});

test('MACs are summed where they are known, and layers without are counted', () => {
  assert.equal(totals.macs, 2_293_000);
  assert.equal(totals.macsUnknown, 1);
});

test('reading 430 500 weights of 32 bits from DRAM takes 275.52 microjoules', () => {
  assert.equal(totals.dramReadUj.dense, 275.52);
});

test('a model without readable weights has no density and no factors', () => {
  const none = totalsOf(model, layers.slice(4));
  assert.equal(none.density, null);
  for (const factor of Object.values(none.factor)) assert.equal(factor, null);
  assert.equal(totalsOf(model, []).weights, 0);
});

test('the ladder has five bars whose parts sum to them, with the rest on top', () => {
  const ladder = ladderOf(layers, totals);
  assert.deepEqual(
    ladder.steps.map(({ id }) => id),
    ['dense', 'lossless', 'pruned', 'shared', 'coded'],
  );
  for (const step of ladder.steps) {
    assert.equal(
      step.parts.reduce((sum, { bits }) => sum + bits, 0),
      step.bits,
    );
    assert.equal(step.bytes, Math.ceil((step.bits + totals.bits.rest) / 8));
    assert.ok(step.bits + step.restBits <= ladder.longestBits);
  }
  assert.equal(stepOf(ladder, 'dense').factor, 1);
  assert.equal(stepOf(ladder, 'coded').limitBits, totals.bits.limit);
  const raw = layers.map((layer) => ({ ...layer, share: null }));
  assert.equal(stepOf(ladderOf(raw, totals), 'coded').limitBits, null);
  assert.equal(ladder.dtype, 'f32');
});

const ids = (report: Report) =>
  ladderOf(report.layers, report.totals).steps.flatMap(({ id, whatIf }) => (whatIf ? [id] : []));

test('only what changes a weight stands under the what-if', () => {
  assert.deepEqual(ids(reportFixture), ['pruned', 'shared', 'coded']);
  const unchanged = withLayers(layers.map(exact));
  assert.deepEqual(ids(unchanged), []);
  assert.deepEqual(
    ladderOf(unchanged.layers, unchanged.totals).steps.map(({ label }) => label),
    ['dense', 'lossless coded', 'non-zeros with index', 'values as stored', 'coded'],
  );
});

test('where a container can be written its whole file is the last bar, to the byte', () => {
  const slimBytes = 180_000;
  const written = totalsOf(model, layers, slimBytes);
  const ladder = ladderOf(layers, written);
  const step = stepOf(ladder, 'slim');
  assert.equal(ladder.steps.at(-1)?.id, 'slim');
  assert.equal(step.bytes, slimBytes);
  assert.equal(step.bits, totals.bits.slim);
  assert.equal(step.withRest, model.bytes / slimBytes);
  assert.match(read(whatIfLine({ layers, totals: written })), /a file of 180 kB \(/);
});

test('layers of several types leave open what the factor is against', () => {
  const [first, ...others] = layers;
  assert.ok(first);
  const mixed = withLayers([{ ...first, dtype: 'f16' }, ...others]);
  assert.equal(ladderOf(mixed.layers, mixed.totals).dtype, null);
  assert.match(conditions(mixed).join('\n'), /against the stored types/);
});

test('the first sentence is true of the file unchanged, the second carries its conditions', () => {
  assert.equal(
    read(asIsLine(reportFixture)),
    '0.232 % zeros; lossless coding 1.46 MB (1.18x; weights alone 1.19x), of 4 of 5 layers',
  );
  assert.equal(
    read(whatIfLine(reportFixture)),
    'If pruned to 28.7 % (1 std), shared and coded: about 144 kB (12.0x; weights alone 12.2x), of 4 of 5 layers; one-shot, accuracy unknown',
  );
});

test('the second sentence names what is done and nothing else', () => {
  const change = (over: (layer: LayerReport) => Partial<LayerReport>): string =>
    read(whatIfLine(withLayers(layers.map((layer) => ({ ...layer, ...over(layer) })))));
  const rule = (text: string) => change(({ prune }) => ({ prune: prune && { ...prune, rule: text } }));
  assert.match(rule('none'), /^If shared and coded: /);
  assert.match(rule('density=0.287'), /^If pruned to 28\.7 %, shared and coded: /);
  assert.match(rule('threshold=0.05'), /^If pruned to 28\.7 % \(\|w\| ≥ 0\.0500\), shared/);
  assert.match(rule('std=1.25'), /\(1\.25 std\)/);
  assert.match(
    change(() => ({ share: null })),
    /^If pruned to 28\.7 % \(1 std\) and coded: /,
  );
  const mixed = layers.map((layer, i) => ({
    ...layer,
    prune: layer.prune && { ...layer.prune, rule: `std=${(i + 1).toString()}` },
  }));
  assert.match(read(whatIfLine(withLayers(mixed))), /\(by several rules\)/);
});

test('the recipe is named by its preset and what was added to it', () => {
  const { recipe } = reportFixture;
  assert.equal(recipeLine(recipe), 'deep-compression');
  assert.equal(
    recipeLine({ ...setLayerRule(recipe, 'ip1', { share: '4' }), lossless: true }),
    'deep-compression, lossless, with 1 rule of its own',
  );
});

test('a recipe that changes no weight gives no what-if and no word about retraining', () => {
  const report = withLayers(layers.map(exact));
  assert.equal(whatIfLine(report), null);
  const text = reportText(report, { color: false, width: 100 });
  assert.doesNotMatch(text, /one-shot|retrain/);
});

test('wherever 49x is printed, the retraining that it took is too', () => {
  assert.match(retrainingNote, /49x .* retraining/);
  assert.ok(conditions(reportFixture).some((line) => line.includes(retrainingNote)));
});

test('a file whose weights cannot be read says so, and one without weights too', () => {
  assert.equal(asIsLine(withLayers(layers.slice(4))), 'no weights could be read');
  assert.equal(asIsLine(withLayers([])), 'no weights in this file');
  for (const report of [withLayers(layers.slice(4)), withLayers([])]) {
    assert.equal(whatIfLine(report), null);
    assert.doesNotMatch(reportText(report, { color: false, width: 80 }), /NaN|null|undefined|infinity/);
  }
});

test('the header line says what was assumed and what is unknown about MACs', () => {
  assert.equal(
    read(fileLine(model, totals)),
    'ONNX · opset 13 · 431 124 parameters · 1.73 MB · 2 files · 2.29 MMAC (batch taken as 1, unknown for 1 layer)',
  );
  assert.equal(
    read(fileLine({ ...model, files: ['a.onnx'] }, null)),
    'ONNX · opset 13 · 431 124 parameters · 1.73 MB',
  );
});

test('a text from a file loses what hides, moves or reverses, and keeps its letters', () => {
  assert.equal(plain('conv1.weight\u202Egnp.\u0000\nexe\u2066'), 'conv1.weightgnp.exe');
  assert.equal(plain('a\u200bb\u00adc\u{e0041}d\ufeffe\u2028f\ud800g'), 'abcdefg');
  assert.equal(plain('重み ß é 𝛼'), '重み ß é 𝛼');
  assert.equal(plain('a'.repeat(100_000)).length, 200);
});

test('a report of 150 000 layers is printed, with its first and its last', () => {
  const one = layers[4];
  assert.ok(one);
  const many = Array.from({ length: 150_000 }, (_, index) => ({
    ...one,
    index,
    name: `layer${index.toString()}`,
  }));
  const text = reportText(withLayers(many), { color: false, width: 80 });
  assert.match(text, /^layer0 /m);
  assert.match(text, /^layer149999 /m);
});

test('problems of the file and of its layers are one list, none twice, the gravest first', () => {
  const [first] = layers;
  assert.ok(first);
  const at = { file: null, tensor: 'conv1.weight', offset: null };
  const note = { severity: 'note', code: 'analysis/dead-units', message: 'Two rows are dead.', at } as const;
  const report = withLayers([{ ...first, problems: [note] }, ...layers.slice(1)]);
  assert.deepEqual(
    allProblems({ ...report, problems: [note, ...report.problems] }).map(({ code }) => code),
    ['onnx/external-data-missing', 'analysis/dead-units'],
  );
  assert.match(reportText(report, { color: false, width: 80 }), /Two rows are dead/);
});

test('a terminal shows twenty problems and counts the others', () => {
  const [missing] = reportFixture.problems;
  assert.ok(missing);
  const problems = Array.from({ length: 500 }, (_, i) => ({
    ...missing,
    message: `Trouble ${i.toString()}.`,
  }));
  const text = reportText({ ...reportFixture, problems }, { color: false, width: 80 });
  assert.match(text, /501 problems\nthe 20 gravest/);
  assert.equal(text.match(/Trouble/g)?.length, 20);
});

test('a long name is cut in the middle, since names often begin alike', () => {
  assert.equal(cutMiddle('model/encoder/layer_11/kernel', 16), 'model…_11/kernel');
  assert.equal(cutMiddle('conv1', 16), 'conv1');
});

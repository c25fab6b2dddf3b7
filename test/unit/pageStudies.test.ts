import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  CodebookPoint,
  CodebookStudy,
  CoderStudy,
  Sensitivity,
} from '../../analyzers/report/studies.ts';
import { slimFileText, typedTarget } from '../../webview/budgetTarget.ts';
import { coderGroups, escapeGain } from '../../webview/charts/coderScene.ts';
import {
  linearScale,
  logScale,
  nearestPoint,
  placeOn,
  powerText,
  type Plot,
} from '../../webview/charts/plotScene.ts';
import { rateRows, rateScene } from '../../webview/charts/rateScene.ts';
import { heightAt, sensitivityScene, studiedPoint } from '../../webview/charts/sensitivityScene.ts';
import { createStudies } from '../../webview/studies.ts';
import { indexForms, pruneForms, ruleParts, shareForms } from '../../webview/views/ruleParts.ts';
import { finished } from '../../webview/session.ts';
import type { State } from '../../webview/store.ts';
import type { LayerStudy } from '../../analyzers/rpc/contracts.ts';
import { reportFixture } from '../support/reportFixture.ts';

const layer = reportFixture.layers[2]!;

test('every tick of an axis lies on it, and its ends are 0 and 1', () => {
  for (const values of [[3], [1, 9], [0.002, 0.9], [5, 5_000_000], [0, 1]])
    for (const scale of [
      linearScale(values, 4, String),
      linearScale(values, 4, String, 0),
      logScale(values, 4, String),
    ]) {
      assert.equal(placeOn(scale, scale.from), 0);
      assert.ok(Math.abs((placeOn(scale, scale.to) ?? 0) - 1) < 1e-12);
      for (const { at } of scale.ticks) {
        const place = placeOn(scale, at)!;
        assert.ok(place > -1e-6 && place < 1 + 1e-6, `${at.toString()} of ${values.join()}`);
      }
    }
  assert.equal(placeOn(logScale([1, 10], 4, String), 0), null);
  assert.equal(powerText(1e-6), '10⁻⁶');
  assert.equal(powerText(3e-5), '3·10⁻⁵');
});

test('the nearest point within reach is picked, and none beyond it', () => {
  const scale = linearScale([0, 10], 4, String, 0);
  const plot: Plot = {
    title: '',
    x: scale,
    y: scale,
    marks: [],
    lines: [
      {
        points: [
          [0, 0],
          [10, 10],
        ],
        dash: 'solid',
        ink: 'mark',
      },
      { points: [[5, 10]], dash: 'solid', ink: 'mark' },
    ],
  };
  const size = { width: 100, height: 100 };
  assert.deepEqual(nearestPoint(plot, size, [99, 2], 10), { line: 0, point: 1 });
  assert.deepEqual(nearestPoint(plot, size, [52, 3], 10), { line: 1, point: 0 });
  assert.equal(nearestPoint(plot, size, [50, 50], 10), null);
});

const codebook = (
  k: number,
  mse: number,
  codedBits: number,
  more: Partial<CodebookPoint> = {},
): CodebookPoint => ({
  method: 'optimal',
  k,
  bits: Math.ceil(Math.log2(k)),
  mse,
  sqnrDb: 10,
  codedBits,
  empty: 0,
  per: 'layer',
  ...more,
});

const codebooks: CodebookStudy = {
  optimal: [codebook(1, 1, 800), codebook(2, 0.1, 1600), codebook(31, 0.001, 8000), codebook(40, 0, 9000)],
  rate: [
    codebook(31, 0.05, 2000, { method: 'rate' }),
    codebook(31, 0.002, 6000, { method: 'rate' }),
    codebook(31, 0.0009, 7900, { method: 'rate' }),
  ],
  published: [
    codebook(31, 0.003, 7000, { method: 'linear' }),
    codebook(31, 0.004, 7500, { method: 'density', empty: 2 }),
  ],
  uniform: [codebook(256, 0.0001, 12_000, { method: 'uniform-symmetric', per: 'row' })],
  current: codebook(31, 0.001, 8000),
};

test('error against bytes has the optimum and the rate codebooks as lines, without what has no error', () => {
  const { plot, points } = rateScene(codebooks);
  assert.deepEqual(
    plot.lines.map((line) => line.points.length),
    [3, 3],
  );
  assert.deepEqual(
    points.map((line) => line.length),
    [3, 3],
  );
  assert.equal(plot.marks.filter(({ look }) => look === 'now').length, 1);
  for (const line of plot.lines)
    for (const [x, y] of line.points) {
      const place = [placeOn(plot.x, x)!, placeOn(plot.y, y)!];
      assert.ok(place.every((at) => at > -1e-9 && at < 1 + 1e-9));
    }
});

test('the table names the smallest rate codebook at no more error than the linear start, and what is set', () => {
  const rows = rateRows(codebooks);
  const rate = rows.find(({ name }) => name === 'rate');
  assert.equal(rate?.point.codedBits, 6000);
  assert.deepEqual(
    rows.filter(({ isNow }) => isNow).map(({ name }) => name),
    ['optimal'],
  );
  assert.equal(rows.at(-1)?.name, 'uniform-symmetric, per row');
});

const coders: CoderStudy = {
  sizes: [
    {
      id: 'padding-huffman',
      label: 'Huffman, padding',
      of: 'streams',
      bits: layer.encode!.bits.coded,
      basis: 'encoded',
    },
    {
      id: 'escape-huffman',
      label: 'Huffman, escape',
      of: 'streams',
      bits: layer.encode!.bits.coded - 80,
      basis: 'encoded',
    },
    { id: 'limit', label: 'limit', of: 'streams', bits: 8, basis: 'bound' },
    { id: 'csr', label: 'CSR', of: 'matrix', bits: 100 * layer.encode!.bits.coded, basis: 'encoded' },
  ],
  interleaved: null,
  notes: [],
};

test('coders stand from small to large within their kind; a bound is never the least, and long bars are cut', () => {
  const [streams, matrix] = coderGroups(coders, layer);
  assert.deepEqual(
    streams?.rows.map(({ label }) => label),
    ['limit', 'Huffman, escape', 'Huffman, padding'],
  );
  assert.deepEqual(
    streams?.rows.map(({ signs }) => signs),
    [[], ['least'], ['coded', 'in .slim']],
  );
  assert.equal(matrix?.rows[0]?.isCut, true);
  assert.equal(matrix?.rows[0]?.share, 1);
  assert.deepEqual(escapeGain(coders), {
    padding: layer.encode!.bits.coded,
    escape: layer.encode!.bits.coded - 80,
  });
});

const at = (density: number, bits: number | null, sqnrDb: number | null) => ({
  density,
  bits,
  keptL2: density,
  sqnrDb,
  distortion: 1 - density,
  codedBits: 1000 * density * (bits ?? 32),
});

const sensitivity: Sensitivity = {
  basis: 'data-free',
  mask: 'open',
  byDensity: [at(1, 5, null), at(0.5, 5, 12), at(0.1, 5, 3)],
  byBits: [at(0.3, null, 40), at(0.3, 8, 30), at(0.3, 2, 6)],
  at: { density: 0.3, bits: 5 },
  suggestedDensity: 0.2,
};

test('every data-free curve is dashed, and marks what is set and what is proposed on the line', () => {
  const byDensity = sensitivityScene(sensitivity, 'density');
  assert.deepEqual(
    byDensity.plots.map(({ title }) => title),
    ['kept L2 norm', 'SQNR, dB', 'coded bytes'],
  );
  for (const plot of [...byDensity.plots, ...sensitivityScene(sensitivity, 'bits').plots])
    for (const { dash } of plot.lines) assert.equal(dash, 'dashed');
  const [norm, sqnr] = byDensity.plots;
  assert.deepEqual(
    norm?.marks.map(({ look }) => look),
    ['now', 'offer'],
  );
  assert.ok(Math.abs((norm?.marks[0]?.at[1] ?? 0) - 0.3) < 1e-12);
  // The exact point has no place among decibels; the others keep theirs.
  assert.equal(sqnr?.lines[0]?.points.length, 2);
  assert.equal(studiedPoint(byDensity, 'density', { plot: 1, line: 0, point: 1 })?.density, 0.5);
  assert.equal(
    heightAt(
      [
        [0, 0],
        [2, 4],
      ],
      3,
    ),
    null,
  );
});

const rule = (text: string): string => {
  const typed = typedTarget(text);
  return typed.kind === 'right' ? typed.rule : typed.kind;
};

test('a target is bytes with any unit, or a factor', () => {
  assert.equal(rule('70 kB'), 'bytes=70000');
  assert.equal(rule('70\u202f000'), 'bytes=70000');
  assert.equal(rule('0,5 MiB'), 'bytes=524288');
  assert.equal(rule('30x'), 'factor=30');
  assert.equal(rule('1.5 ×'), 'factor=1.5');
  assert.equal(rule(''), 'none');
  for (const text of ['x', '-5', '0', '5 furlongs', '1e300', 'kB', '1.5', '30x5'])
    assert.equal(rule(text), 'wrong', text);
});

test('every form of a rule is one that the recipe reads, and comes back as it was', () => {
  for (const [key, forms] of [
    ['prune', pruneForms],
    ['share', shareForms],
    ['index', indexForms],
  ] as const)
    for (const { id, value } of forms) {
      const text = ruleParts[key].join({ id, value: value ?? '' });
      assert.equal(ruleParts[key].split(text).id, id);
      assert.equal(ruleParts[key].join(ruleParts[key].split(text)), text);
    }
  assert.deepEqual(ruleParts.share.split('k=24:rate/rows=64'), { id: 'rate', value: 'k=24/rows=64' });
  assert.equal(ruleParts.share.join({ id: 'rate', value: 'k=24/rows=64' }), 'k=24:rate/rows=64');
  assert.throws(() => ruleParts.prune.join({ id: 'nm', value: '4:2' }));
});

const state = {
  ...finished(reportFixture),
  run: { kind: 'done', told: null },
  stubs: [],
} as unknown as State;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('a study is asked for once while it is looked at, given up when nobody looks, and asked again after a failure', async () => {
  const asked: {
    what: string;
    signal: AbortSignal;
    answer: (study: LayerStudy) => void;
    fail: (e: Error) => void;
  }[] = [];
  let changes = 0;
  const studies = createStudies(
    {
      study: (_, what, { signal }) =>
        new Promise((answer, fail) => {
          asked.push({ what, signal, answer, fail });
        }),
    },
    () => {
      changes += 1;
    },
  );
  studies.look({ what: 'coders', layer }, state);
  studies.look({ what: 'coders', layer }, state);
  assert.equal(asked.length, 1);
  assert.equal(studies.of('coders', layer).kind, 'running');
  studies.look(null, state);
  assert.equal(asked[0]!.signal.aborted, true);
  studies.look({ what: 'coders', layer }, state);
  asked[1]!.answer({ coders });
  await settled();
  assert.equal(changes, 1);
  assert.deepEqual(studies.of('coders', layer), { kind: 'done', value: coders });
  // Back again: it is still known.
  studies.look(null, state);
  studies.look({ what: 'coders', layer }, state);
  assert.equal(asked.length, 2);
  studies.look({ what: 'sensitivity', layer }, state);
  asked[2]!.fail(new Error('no'));
  await settled();
  assert.equal(studies.of('sensitivity', layer).kind, 'failed');
  studies.again();
  studies.look({ what: 'sensitivity', layer }, state);
  assert.equal(asked.length, 4);
  // While a run goes on there are no figures to study.
  studies.look({ what: 'sensitivity', layer }, { ...state, run: { kind: 'opening' } });
  assert.equal(asked[3]!.signal.aborted, true);
  assert.equal(studies.of('sensitivity', layer).kind, 'waits');
});

test('what the whole file comes to stands beside a budget of the coded weights', () => {
  assert.equal(
    slimFileText({ slimBytes: 127_920, fileFactor: 2.48 }),
    'the .slim file: 127\u202f920 bytes (2.48x)',
  );
  assert.equal(slimFileText({ slimBytes: null, fileFactor: null }), null);
});

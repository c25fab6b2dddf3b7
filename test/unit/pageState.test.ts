import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { presets } from '../../analyzers/report/presets.ts';
import { problemsText } from '../../webview/bands/problems.ts';
import { readKept } from '../../webview/kept.ts';
import { ended, finished, takeAll } from '../../webview/session.ts';
import { createStore, isBusy, type State } from '../../webview/store.ts';
import { reportFixture } from '../support/reportFixture.ts';

const report = reportFixture;
const blank: State = {
  title: 'model.onnx',
  presets: [],
  restricted: false,
  recipe: null,
  run: { kind: 'opening' },
  slow: true,
  summary: null,
  stubs: [],
  layers: new Map(),
  waiting: new Set(),
  totals: null,
  problems: [],
  budget: null,
  refused: null,
  writing: null,
  studied: 0,
  stale: null,
  kept: readKept(null),
  theme: 0,
};
const opened = {
  kind: 'opened',
  summary: report.model,
  layers: report.layers,
  problems: [],
} as const;

test('rows stand there as soon as the file is open, and fill one by one', () => {
  let state: State = { ...blank, ...takeAll(blank, [opened]) };
  assert.equal(state.stubs.length, report.layers.length);
  assert.equal(state.layers.size, 0);
  report.layers.forEach((layer, i) => {
    state = {
      ...state,
      ...takeAll(state, [{ kind: 'layer', layer, done: i + 1, of: report.layers.length }]),
    };
    assert.equal(state.layers.size, i + 1);
  });
  assert.deepEqual(state.totals, report.totals);
  assert.deepEqual(state.run, { kind: 'running', done: report.layers.length, of: report.layers.length });
});

test('a rerun keeps the figures of the same rows until theirs come anew', () => {
  const done: State = { ...blank, ...finished(report) };
  const again: State = { ...done, ...takeAll(done, [opened]) };
  assert.equal(again.layers.size, report.layers.length);
  assert.equal(again.waiting.size, report.layers.length);
  const [layer] = report.layers;
  const next: State = { ...again, ...takeAll(again, [{ kind: 'layer', layer: layer!, done: 1, of: 5 }]) };
  assert.equal(next.waiting.has(layer!.index), false);
  assert.equal(next.waiting.size, report.layers.length - 1);
});

test('steps taken in at once and one by one come to the same', () => {
  const steps = [
    opened,
    ...report.layers.map((layer, i) => ({ kind: 'layer', layer, done: i + 1, of: 5 }) as const),
  ];
  const singly = steps.reduce<State>((state, step) => ({ ...state, ...takeAll(state, [step]) }), blank);
  assert.deepEqual({ ...blank, ...takeAll(blank, steps) }, singly);
});

test('another file under the same name leaves no figure of the one before', () => {
  const done: State = { ...blank, ...finished(report) };
  const [first, ...rest] = report.layers;
  const changed = { ...opened, layers: [{ ...first!, weights: first!.weights + 1 }, ...rest] };
  const again: State = { ...done, ...takeAll(done, [changed]) };
  assert.equal(again.layers.size, 0);
  assert.equal(again.totals?.weights, 0);
});

test('a run that is cancelled keeps what was read; one that fails says why', () => {
  const running: State = { ...blank, ...takeAll(blank, [opened]) };
  const [layer] = report.layers;
  const one: State = { ...running, ...takeAll(running, [{ kind: 'layer', layer: layer!, done: 1, of: 5 }]) };
  assert.deepEqual(ended(one, new DOMException('cancelled', 'AbortError')), {
    run: { kind: 'cancelled', done: 1, of: report.layers.length },
  });
  const failed = ended(blank, Object.assign(new Error('gone'), { code: 'file/missing' }));
  assert.deepEqual(failed, { run: { kind: 'failed', failure: { code: 'file/missing', message: 'gone' } } });
});

test('a rerun that is cancelled gives way to the figures of the run before', () => {
  const done: State = { ...blank, ...finished(report) };
  const edited = { ...report.recipe, lossless: !report.recipe.lossless };
  const again: State = {
    ...done,
    ...takeAll(done, [opened]),
    recipe: edited,
    kept: { ...done.kept, recipe: edited, undo: [presets.eie, report.recipe] },
  };
  const after: State = { ...again, ...ended(again, new DOMException('cancelled', 'AbortError'), report) };
  assert.deepEqual(after.run, { kind: 'done', told: 'cancelled' });
  assert.equal(after.waiting.size, 0);
  assert.deepEqual([after.recipe, after.kept.recipe], [report.recipe, report.recipe]);
  assert.deepEqual(after.kept.undo, [presets.eie]);
});

test('a burst of changes is drawn once, with the newest state', () => {
  const later: (() => void)[] = [];
  const store = createStore(blank, (task) => later.push(task));
  const seen: State[] = [];
  store.subscribe((state) => seen.push(state));
  store.set({ title: 'a' });
  store.set({ title: 'b' });
  store.keep({ twin: true });
  assert.equal(later.length, 1);
  later[0]!();
  assert.deepEqual(
    seen.map(({ title, kept }) => [title, kept.twin]),
    [['b', true]],
  );
  assert.ok(isBusy(store.get()));
});

test('what the page kept comes back, and whatever else stood there does not', () => {
  const kept = {
    ...readKept(null),
    selected: 3,
    tab: 'streams',
    recipe: presets.eie,
    undo: [presets['as-is']],
  };
  assert.deepEqual(readKept(structuredClone(kept)), kept);
  const odd = readKept({
    selected: -1,
    tab: 'nowhere',
    sash: 1e9,
    columns: ['name', 'hack'],
    recipe: { preset: 'x' },
  });
  assert.equal(odd.selected, null);
  assert.equal(odd.tab, 'sparsity');
  assert.equal(odd.sash, 640);
  assert.deepEqual(odd.columns, ['name']);
  assert.equal(odd.recipe, null);
});

test('no stored value, however odd, stops the page from opening', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const kept = readKept(value);
      assert.ok(Array.isArray(kept.columns));
      assert.deepEqual(readKept(structuredClone(kept)), kept);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('notes are not counted as problems', () => {
  for (const [severities, words] of [
    [['note', 'note'], '2 notes'],
    [['error', 'warning'], '2 problems'],
    [['error', 'note'], '1 problem, 1 note'],
  ] as const)
    assert.equal(problemsText(severities.map((severity) => ({ severity }))), words);
});

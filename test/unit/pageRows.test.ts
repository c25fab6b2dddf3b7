import assert from 'node:assert/strict';
import test from 'node:test';
import { fitting, shownColumns } from '../../webview/layers/columns.ts';
import { arrange, commonPrefix, nextSort, opsOf, rowsOf, typeAhead } from '../../webview/layers/rows.ts';
import { scrollTo, sliceOf } from '../../webview/layers/virtual.ts';
import { nameParts } from '../../webview/ui/name.ts';
import { reportFixture } from '../support/reportFixture.ts';

const report = reportFixture;
const state = { stubs: report.layers, layers: new Map(report.layers.map((layer) => [layer.index, layer])) };
const rows = rowsOf(state);
const all = { filter: '', op: null, sort: null } as const;
const names = (arranged: ReturnType<typeof arrange>): string[] => arranged.map(({ stub }) => stub.name);

test('rows stand in the order of first use until a column sorts them', () => {
  assert.deepEqual(
    names(arrange(rows, all)),
    report.layers.map(({ name }) => name),
  );
  const weights = arrange(rows, { ...all, sort: { by: 'weights', down: true } }).map(
    ({ stub }) => stub.weights,
  );
  assert.deepEqual(
    weights,
    weights.toSorted((a, b) => b - a),
  );
});

test('layers whose figure is not known stand last, whichever way a column is sorted', () => {
  const unread = report.layers.filter(({ prune }) => prune === null).map(({ name }) => name);
  assert.ok(unread.length > 0);
  for (const down of [true, false]) {
    const sorted = names(arrange(rows, { ...all, sort: { by: 'density', down } }));
    assert.deepEqual(sorted.slice(-unread.length), unread);
  }
});

test('shares of weights sum to one', () => {
  const sum = rows.reduce((total, { weightShare }) => total + weightShare, 0);
  assert.ok(Math.abs(sum - 1) < 1e-12);
});

test('the filter looks in names and ops, small and capital letters alike', () => {
  const [first] = report.layers;
  assert.ok(names(arrange(rows, { ...all, filter: first!.name.toUpperCase() })).includes(first!.name));
  for (const { stub } of arrange(rows, { ...all, filter: ' dense ' })) assert.equal(stub.op, 'dense');
  assert.equal(arrange(rows, { ...all, filter: 'no such layer' }).length, 0);
  for (const op of opsOf(state)) assert.ok(arrange(rows, { ...all, op }).every(({ stub }) => stub.op === op));
});

test('a column head sorts figures from the largest, words from the first, then the other way, then not at all', () => {
  const once = nextSort(null, 'weights');
  assert.deepEqual(once, { by: 'weights', down: true });
  assert.deepEqual(nextSort(once, 'weights'), { by: 'weights', down: false });
  assert.equal(nextSort({ by: 'weights', down: false }, 'weights'), null);
  assert.deepEqual(nextSort(once, 'name'), { by: 'name', down: false });
});

test('typing finds the next name that begins so, round the end of the list', () => {
  const first = rows[0]!.stub.name;
  assert.equal(typeAhead(rows, first, 1), 0);
  assert.equal(typeAhead(rows, 'zzz', 0), -1);
});

test('what all names begin with is left out of the list, by whole parts', () => {
  assert.equal(commonPrefix(['model.conv1', 'model.conv2']), 'model.');
  assert.equal(commonPrefix(['/m/a/w', '/m/a/v']), '/m/a/');
  assert.equal(commonPrefix(['conv1', 'conv2']), '');
  assert.equal(commonPrefix(['model.conv1']), '');
  assert.equal(commonPrefix([]), '');
});

test('only the rows in sight are drawn, and the list is as high as all of them', () => {
  const slice = sliceOf({ rows: 100_000, rowHeight: 22, scrollTop: 22_000, viewHeight: 220, spare: 5 });
  assert.deepEqual(slice, { from: 995, count: 20, height: 2_200_000, above: 21_890 });
  assert.deepEqual(sliceOf({ rows: 3, rowHeight: 22, scrollTop: 500, viewHeight: 220, spare: 5 }), {
    from: 0,
    count: 3,
    height: 66,
    above: 0,
  });
  assert.equal(sliceOf({ rows: 0, rowHeight: 22, scrollTop: 0, viewHeight: 220, spare: 5 }).count, 0);
});

test('a row is scrolled to only as far as it needs', () => {
  assert.equal(scrollTo(3, 22, 0, 220), 0);
  assert.equal(scrollTo(10, 22, 0, 220), 22);
  assert.equal(scrollTo(2, 22, 220, 220), 44);
});

test('a narrow list leaves out the columns that say least, and never the name or the factor', () => {
  const chosen = shownColumns(['weights', 'share', 'density', 'bits', 'coded', 'factor']);
  const ids = (em: number): string =>
    fitting(chosen, em)
      .map(({ id }) => id)
      .join(' ');
  assert.equal(ids(0), 'name weights share density bits coded factor');
  assert.equal(ids(36), ids(0));
  assert.equal(ids(30), 'name weights density bits coded factor');
  assert.equal(ids(10), 'name weights density factor');
});

test('a long name is cut in its middle: its last parts stay in sight', () => {
  assert.deepEqual(nameParts('backbone.model3.conv1.conv2'), ['backbone.model3', '.conv1.conv2']);
  assert.deepEqual(nameParts('conv2.weight'), ['conv2.weight', '']);
  assert.deepEqual(nameParts('W'.repeat(40)), ['W'.repeat(30), 'W'.repeat(10)]);
  assert.equal(nameParts(`a.${'x'.repeat(30)}`)[1].length, 10);
  for (const name of ['', '.', 'a/b', '/features/features.3/conv/conv.0/weight', '😀'.repeat(20)])
    assert.equal(nameParts(name).join(''), name);
});

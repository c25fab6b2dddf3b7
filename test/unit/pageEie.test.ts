import assert from 'node:assert/strict';
import test from 'node:test';
import { syntheticStudy } from '../../analyzers/analyses/eieSynthetic.ts';
import { eieAxes, plainEie } from '../../analyzers/report/eieStudy.ts';
import { publishedEie } from '../../analyzers/report/eie.ts';
import { peCell, peGrid, steppedCell } from '../../webview/charts/eiePesScene.ts';
import {
  axisNames,
  platformBars,
  platformLabel,
  sweepPlots,
  waterfallBars,
} from '../../webview/charts/eieScene.ts';
import {
  eieFacts,
  isModelled,
  lossesOf,
  platformsOf,
  savingsOf,
  whyMissing,
  whySlow,
} from '../../webview/views/eieWords.ts';
import { reportFixture } from '../support/reportFixture.ts';

const fixture = reportFixture.layers.find(({ eie }) => eie !== null)!;
/** As fc8 of AlexNet: it has a benchmark. */
const layer = { ...fixture, rows: 1000, cols: 4096, weights: 4_096_000 };
const study = await syntheticStudy(
  { name: 'fc8', rows: layer.rows, cols: layer.cols, density: 0.25, activation: 0.375, seed: 1 },
  { ...plainEie, axes: eieAxes },
  { signal: new AbortController().signal, progress: () => {}, breathe: () => Promise.resolve() },
);
assert.ok(isModelled(study));

test('every figure names what it stands on, and padding has its numerator and denominator', () => {
  const facts = eieFacts(layer, study);
  for (const { what, value, terms } of facts) assert.ok(value !== '' && terms !== '', what);
  const text = facts.map(({ what, value, terms }) => `${what} ${value} ${terms}`).join('\n');
  assert.match(text, /cycles .*simulated; by the work alone/);
  assert.match(text, /entries .* non-zeros \+ .* padding \(/);
  assert.match(text, /energy, published power .*Table II \(paper\)/);
  assert.match(text, /energy, counted events .*Table I \(paper\)/);
  assert.match(text, /fits yes/);
  const tight = {
    ...study,
    estimate: { ...study.estimate, fits: { spmat: false, pointers: true, activations: false } },
  };
  assert.match(
    eieFacts(layer, tight)
      .map(({ terms }) => terms)
      .join(),
    /entries and activations must be split/,
  );
});

test('the causes sum to the cycles, and the largest loss is told first', () => {
  const losses = lossesOf(study);
  const sum = losses.reduce((all, { cycles }) => all + cycles, 0);
  assert.ok(Math.abs(sum - study.estimate.cycles) < 1e-6);
  const worst = losses.find(({ cause }) => cause !== 'work')!;
  assert.ok(whySlow(study).includes('most of all by'));
  assert.ok(losses.every(({ cause, cycles }) => cause === 'work' || cycles <= worst.cycles));
});

test('a sweep marks the machine as it is, and only what is assumed is dashed', () => {
  assert.deepEqual(
    study.sweeps.map(({ axis }) => axis),
    eieAxes,
  );
  for (const sweep of study.sweeps) {
    const plots = sweepPlots(sweep, publishedEie);
    assert.equal(plots.length, 2);
    for (const { title, lines, marks, x } of plots) {
      assert.equal(lines[0]?.dash, title.includes('assumed') ? 'dashed' : 'solid');
      assert.equal(lines[0]?.points.length, sweep.points.length);
      assert.deepEqual(
        marks.map(({ at, look }) => [at[0], look]),
        [[publishedEie[axisNames[sweep.axis].key], 'now']],
      );
      assert.ok(x.ticks.length >= 4 && x.ticks.every(({ at }) => at >= x.from && at <= x.to));
    }
    assert.equal(
      sweep.energyBasis === 'assumed',
      plots.some(({ title }) => title.includes('assumed')),
    );
  }
});

test('bars beside the paper are of the same benchmark, and the layer itself is the only one simulated', () => {
  const times = platformsOf(layer, study);
  assert.equal(times.benchmark, 'Alex-8');
  for (const of of ['speedup', 'energyEfficiency'] as const) {
    const { rows, ticks } = platformBars(times.rows, of);
    assert.equal(rows.filter(({ basis }) => basis === 'simulated').length, 1);
    assert.ok(rows.length > 8 && ticks.length >= 2 && ticks.length <= 5);
    const one = rows.find(({ label }) => label === 'CPU, dense')!.bar;
    assert.ok(one.from === one.to, 'bars begin at 1x');
    for (const { bar, value } of rows) {
      assert.ok(bar.from >= 0 && bar.to <= 1);
      assert.equal(value < 1 ? bar.to : bar.from, one.from);
    }
    for (const { text } of ticks) assert.doesNotMatch(text, /^0x/);
  }
  assert.equal(new Set(times.rows.map(platformLabel)).size, times.rows.length);
});

test('a waterfall goes from the dense read to what is left, each step from where the last one ended', () => {
  const falls = savingsOf({ ...layer, prune: { ...layer.prune!, kept: 1_024_000 } }, study)!;
  const { rows, dense } = waterfallBars(falls);
  let left = dense.to;
  for (const { bar, isCost, saving, paper } of rows) {
    assert.ok(Math.abs((isCost ? bar.from : bar.to) - left) < 1e-9, saving.id);
    left = isCost ? bar.to : bar.from;
    assert.equal(isCost, saving.factor !== null && saving.factor < 1);
    assert.equal(paper === null, saving.paper === null);
    for (const at of [bar.from, bar.to, paper?.from ?? 0]) assert.ok(at >= 0 && at <= 1, saving.id);
  }
});

test('the grid of PEs is walked by arrows, with the whole run behind its last bin', () => {
  const pes = study.pes!;
  for (const of of ['work', 'starved'] as const) {
    const grid = peGrid(pes, of);
    assert.equal(grid.shares.length, grid.pes * grid.bins);
    assert.ok(grid.shares.every((share) => share >= 0 && share <= 1));
  }
  const grid = peGrid(pes, 'work');
  const first = steppedCell(grid, null, 'ArrowRight');
  assert.deepEqual(first, { pe: 0, bin: 0 });
  assert.deepEqual(steppedCell(grid, first, 'ArrowDown'), { pe: 1, bin: 0 });
  assert.deepEqual(steppedCell(grid, first, 'ArrowUp'), first);
  const end = steppedCell(grid, { pe: 3, bin: grid.bins - 1 }, 'ArrowRight');
  assert.deepEqual(end, { pe: 3, bin: null });
  assert.deepEqual(steppedCell(grid, end, 'ArrowLeft'), { pe: 3, bin: grid.bins - 1 });
  assert.equal(steppedCell(grid, null, 't'), null);
  let work = 0;
  for (let bin = 0; bin < grid.bins; bin += 1) work += peCell(pes, 3, bin).work;
  assert.equal(work <= peCell(pes, 3, null).work, true);
});

test('the bar of a PE is its non-zeros, its padding and its waiting', () => {
  const { bars } = peGrid(
    { work: [6, 8], padding: [2, 0], starved: [4, 0], bins: 0, broadcast: [], binWork: [], binStarved: [] },
    'work',
  );
  assert.deepEqual(bars, [
    { work: 0.4, padding: 0.2, starved: 0.4 },
    { work: 0.8, padding: 0, starved: 0 },
  ]);
});

test('a layer that is not modelled says why', () => {
  assert.equal(whyMissing(fixture), null);
  const not = { ...fixture, eie: null };
  assert.match(whyMissing({ ...not, op: 'conv' })!, /convolution/);
  assert.match(whyMissing({ ...not, op: 'embedding', operator: 'Gather' })!, /Gather is not one product/);
  assert.match(whyMissing({ ...not, encode: null })!, /could not be read/);
});

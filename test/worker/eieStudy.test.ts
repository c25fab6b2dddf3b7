import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { publishedEie } from '../../analyzers/report/eie.ts';
import { eieAxes, plainEie, type EieAsk } from '../../analyzers/report/eieStudy.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { countedThreads } from '../support/threads.ts';

const source = { kind: 'file', path: path.resolve('samples/lenet-synthetic.onnx') } as const;
const signal = new AbortController().signal;

test('a study tells what the report tells, and every sweep meets it at the machine as published', async (t) => {
  const pool = new Pool(countedThreads().spawn, 2);
  try {
    const analysed = await pool.analyze(source, presets.eie, { signal });
    const told = analysed.report.layers.map(({ op, eie }) => [op, eie !== null] as const);
    assert.ok(told.some(([, has]) => has));
    for (const [op, has] of told) assert.equal(has, op === 'dense', op);
    const at = told.findIndex(([, has]) => has);
    const shares: number[] = [];
    const { eie } = await pool.study(source, analysed, at, 'eie', {
      signal,
      progress: (share) => shares.push(share),
    });
    assert.ok(eie?.estimate);
    const { estimate } = eie;
    assert.deepEqual(estimate, analysed.report.layers[at]!.eie);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.equal(shares.at(-1), 1);
    t.diagnostic(
      `${estimate.cycles.toString()} cycles: ${eie.losses.map(({ cause, cycles }) => `${cause} ${cycles.toFixed(1)}`).join(', ')}`,
    );
    assert.ok(Math.abs(eie.losses.reduce((sum, { cycles }) => sum + cycles, 0) - estimate.cycles) < 1e-6);
    assert.ok(eie.losses.every(({ cycles }) => cycles >= 0));
    assert.deepEqual(
      eie.sweeps.map(({ axis }) => axis),
      eieAxes,
    );
    const published = {
      fifo: 'fifo',
      pes: 'pes',
      width: 'sramBits',
      index: 'indexBits',
      code: 'codeBits',
    } as const;
    for (const { axis, points, energyBasis, how } of eie.sweeps) {
      const same = points.find(({ value }) => value === publishedEie[published[axis]]);
      assert.ok(same, axis);
      const { cycles, timeUs, loadBalance, spmatReads, pointerReads, entries } = estimate;
      const { value: _value, energyUj, ...rest } = same;
      assert.deepEqual(rest, { cycles, timeUs, loadBalance, spmatReads, pointerReads, entries });
      assert.ok(Math.abs(energyUj - estimate.energyUj) < 1e-9);
      assert.equal(energyBasis === 'assumed', ['width', 'index', 'code'].includes(axis));
      assert.equal(/assumed/i.test(how), energyBasis === 'assumed');
    }
    const [fifo] = eie.sweeps;
    assert.equal(fifo!.points.length, 9);
    for (const [i, { cycles }] of fifo!.points.entries())
      assert.ok(i === 0 || cycles <= fifo!.points[i - 1]!.cycles, 'a deeper queue never takes longer');
    const { pes } = eie;
    assert.ok(pes);
    assert.equal(
      pes.work.reduce((a, b) => a + b, 0),
      estimate.activeEntries,
    );
    assert.equal(
      pes.binWork.reduce((a, b) => a + b, 0),
      estimate.activeEntries,
    );
    assert.equal(pes.broadcast.length, pes.bins);
    assert.equal(pes.binWork.length, pes.bins * publishedEie.pes);
    assert.ok(eie.notes.includes('Ring 8 = 7 queued + 1 in the pointer register.'));
  } finally {
    await pool.close();
  }
});

test('exactly the asked share of columns is active; convolutions are projected when asked', async (t) => {
  const pool = new Pool(countedThreads().spawn, 2);
  try {
    const analysed = await pool.analyze(source, presets.eie, { signal });
    const { layers } = analysed.report;
    const ask: EieAsk = { ...plainEie, activations: { kind: 'density', density: 0.3, seed: 7 } };
    const dense = layers.findIndex(({ op }) => op === 'dense');
    const { eie } = await pool.study(source, analysed, dense, 'eie', { signal, eie: ask });
    const cols = layers[dense]!.cols;
    assert.equal(eie!.estimate!.activeColumns, Math.round(0.3 * cols));
    assert.equal(eie!.activations.active, Math.round(0.3 * cols));
    assert.ok(Math.abs(eie!.activations.savedWork - 0.7) < 0.1);

    const conv = layers.findIndex(({ op }) => op === 'conv');
    const without = await pool.study(source, analysed, conv, 'eie', { signal, eie: ask });
    assert.equal(without.eie!.estimate, null);
    assert.match(without.eie!.notes.join(' '), /projection/);
    const { eie: projected } = await pool.study(source, analysed, conv, 'eie', {
      signal,
      eie: { ...plainEie, convolutions: true },
    });
    const { estimate, products, usefulShare, losses } = projected!;
    assert.ok(estimate);
    assert.ok(estimate.projection);
    assert.equal(products, layers[conv]!.macs! / layers[conv]!.weights);
    assert.equal(estimate.activeColumns, products * layers[conv]!.cols);
    assert.ok(usefulShare > 0 && usefulShare < 1);
    assert.ok(Math.abs(losses.reduce((sum, { cycles }) => sum + cycles, 0) - estimate.cycles) < 1e-6);
    t.diagnostic(
      `${layers[conv]!.name}: ${products.toString()} products, ${estimate.cycles.toString()} cycles, useful ${(100 * usefulShare).toFixed(1)} %`,
    );
  } finally {
    await pool.close();
  }
});

test('a study that is cancelled ends as such, and the next one is answered', async () => {
  const pool = new Pool(countedThreads().spawn, 1);
  try {
    const analysed = await pool.analyze(source, presets.eie, { signal });
    const at = analysed.report.layers.findIndex(({ op }) => op === 'dense');
    for (const wait of [0, 3, 10]) {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), wait);
      const run = pool.study(source, analysed, at, 'eie', { signal: stop.signal });
      await run.catch((error: Error) => assert.equal(error.name, 'AbortError'));
    }
    const { eie } = await pool.study(source, analysed, at, 'eie', { signal });
    assert.deepEqual(eie!.estimate, analysed.report.layers[at]!.eie);
  } finally {
    await pool.close();
  }
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { reportJson } from '../../analyzers/report/json.ts';
import { noContext } from '../../analyzers/report/context.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import { tileMask } from '../../analyzers/report/tile.ts';
import { Caller } from '../../analyzers/rpc/channel.ts';
import type { AnalyzerContract, RunProgress } from '../../analyzers/rpc/contracts.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { denseModel, seeded } from '../support/denseModel.ts';
import { withFolder } from '../support/folder.ts';
import { waitFor } from '../support/waitFor.ts';
import { countedThreads, trappedWorker } from '../support/threads.ts';

const calm = () => new AbortController().signal;
const recipe = presets['deep-compression'];

/** A model file, a pool of real threads over it, and an end to both. */
function withPool(
  bytes: Uint8Array,
  threads: number,
  use: (at: {
    pool: Pool;
    source: { kind: 'file'; path: string };
    workers: ReturnType<typeof countedThreads>;
  }) => Promise<void>,
  trapped = false,
): Promise<void> {
  return withFolder(async (folder) => {
    const file = path.join(folder, 'm.onnx');
    await writeFile(file, bytes);
    const workers = countedThreads(trapped ? await trappedWorker(folder) : undefined);
    const pool = new Pool(workers.spawn, threads);
    try {
      await use({ pool, source: { kind: 'file', path: file }, workers });
    } finally {
      await pool.close();
      assert.equal(workers.living.size, 0, 'no thread is left');
    }
  });
}

const small = denseModel([20, 30, 25, 10, 40]);

test('a run tells the file first, then each layer once as it is done, then answers with all of them', () =>
  withPool(small, 2, async ({ pool, source }) => {
    const told: RunProgress[] = [];
    const { report } = await pool.analyze(source, recipe, {
      signal: calm(),
      progress: (step) => void told.push(step),
    });
    const count = told.length;
    const [opened, ...layers] = told;
    assert.ok(opened?.kind === 'opened');
    assert.deepEqual(
      opened.layers.map(({ name, rows, cols, weights }) => [name, rows, cols, weights]),
      [
        ['fc1', 30, 20, 600],
        ['fc2', 25, 30, 750],
        ['fc3', 10, 25, 250],
        ['fc4', 40, 10, 400],
      ],
    );
    assert.equal(opened.summary.fingerprint, null);
    assert.deepEqual(
      layers.map((step) => step.kind === 'layer' && [step.done, step.of]),
      [1, 2, 3, 4].map((n) => [n, 4]),
    );
    const seen = layers.map((step) => (step.kind === 'layer' ? step.layer : assert.fail()));
    assert.deepEqual(
      seen.toSorted((a, b) => a.index - b.index),
      report.layers,
    );
    assert.equal(report.totals.weights, 2000);
    assert.equal(report.totals.parameters, 2105);
    assert.match(report.model.fingerprint ?? '', /^[0-9a-f]{64}$/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told.length, count, 'nothing is told after the answer');
  }));

test('one thread, two threads and the straight line give the same report, byte for byte', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'm.onnx');
    await writeFile(file, denseModel([50, 200, 100, 300, 40]));
    const source = { kind: 'file', path: file } as const;
    const straight = await analyze(source, recipe, { open: openFile, digest: sha256, signal: calm() });
    for (const threads of [1, 2, 3]) {
      const workers = countedThreads();
      const pool = new Pool(workers.spawn, threads);
      const { report } = await pool.analyze(source, recipe, { signal: calm() });
      await pool.close();
      assert.equal(reportJson(report), reportJson(straight), `${threads} threads`);
    }
  }));

test('a rerun computes only the layers whose rule changed, and equals a run from the start', () =>
  withPool(small, 2, async ({ pool, source, workers }) => {
    const first = await pool.analyze(source, recipe, { signal: calm() });
    workers.asked.length = 0;
    const changed = setLayerRule(recipe, 'fc2', { prune: 'density=0.2', share: '3:linear' });
    const told: RunProgress[] = [];
    const again = await pool.analyze(source, changed, {
      signal: calm(),
      reuse: first,
      progress: (step) => void told.push(step),
    });
    const settled = workers.asked.filter((method) => method !== 'deadUnits');
    assert.deepEqual(settled, ['layer'], 'neither opened, nor counted, nor other layers');
    assert.equal(told.length, 5);
    assert.equal(again.report.layers[1]?.prune?.rule, 'density=0.2');
    const fresh = await pool.analyze(source, changed, { signal: calm() });
    assert.equal(reportJson(again.report), reportJson(fresh.report));
    const back = await pool.analyze(source, recipe, { signal: calm(), reuse: again });
    assert.equal(reportJson(back.report), reportJson(first.report));
  }));

test('a run of an earlier pool may be reused by a later one, which never mixes up their models', () =>
  withPool(denseModel([20, 30]), 1, ({ pool: first, source: a }) =>
    withPool(denseModel([20, 30], undefined, 500), 1, async ({ pool: second, source: b }) => {
      const changed = setLayerRule(recipe, 'fc1', { prune: 'density=0.3' });
      const before = await first.analyze(a, recipe, { signal: calm() });
      const other = await second.analyze(b, recipe, { signal: calm() });
      assert.notEqual(other.report.layers[0]?.profile?.max, before.report.layers[0]?.profile?.max);
      const reused = await second.analyze(a, changed, { signal: calm(), reuse: before });
      const fresh = await first.analyze(a, changed, { signal: calm() });
      assert.equal(reportJson(reused.report), reportJson(fresh.report));
    }),
  ));

test('bytes in memory give the report of the file', () =>
  withPool(small, 2, async ({ pool, source }) => {
    const shared = new SharedArrayBuffer(small.length);
    new Uint8Array(shared).set(small);
    const bytes = { kind: 'bytes', name: 'm.onnx', bytes: shared } as const;
    const fromBytes = await pool.analyze(bytes, recipe, { signal: calm() });
    const fromFile = await pool.analyze(source, recipe, { signal: calm() });
    assert.equal(reportJson(fromBytes.report), reportJson(fromFile.report));
    const picture = { rows: [0, 30], cols: [0, 20], width: 20, height: 30 } as const;
    assert.deepEqual(
      await pool.tile(bytes, 0, null, picture, calm()),
      await pool.tile(source, 0, null, picture, calm()),
    );
  }));

test('a tile shows as many kept weights as the report says, whether or not the model was opened before', () =>
  withPool(small, 1, async ({ pool, source }) => {
    const cold = await pool.tile(
      source,
      1,
      0.05,
      { rows: [0, 25], cols: [0, 30], width: 30, height: 25 },
      calm(),
    );
    const exact = setLayerRule(recipe, 'fc2', { prune: 'threshold=0.05' });
    const { report } = await pool.analyze(source, exact, { signal: calm() });
    const kept = cold.density.reduce((sum, share) => sum + share, 0);
    assert.equal(kept, report.layers[1]?.prune?.kept);
    assert.equal(cold.values?.length, 750);
    await assert.rejects(
      pool.tile(source, 9, null, { rows: [0, 1], cols: [0, 1], width: 1, height: 1 }, calm()),
    );
  }));

test('errors keep their code and place across the thread: missing, empty, not a model', () =>
  withFolder(async (folder) => {
    const workers = countedThreads();
    const pool = new Pool(workers.spawn, 1);
    const cases = [
      ['none.onnx', null, { code: 'file/missing', file: 'none.onnx' }],
      ['empty.onnx', '', { code: 'file/empty', file: 'empty.onnx', offset: 0 }],
      ['page.onnx', '<!DOCTYPE html><html></html>', { code: 'file/not-a-model', offset: 0 }],
    ] as const;
    for (const [name, text, expected] of cases) {
      const file = path.join(folder, name);
      if (text !== null) await writeFile(file, text);
      await assert.rejects(pool.analyze({ kind: 'file', path: file }, recipe, { signal: calm() }), {
        name: 'ReadError',
        ...expected,
      });
    }
    await pool.close();
    assert.equal(workers.started(), 1, 'a file that is no model costs no worker');
  }));

test('a rule that means nothing is refused before a worker is asked', () =>
  withPool(small, 1, async ({ pool, source, workers }) => {
    const bad = { ...recipe, layers: [...recipe.layers, { match: 'nobody', prune: 'most' }] };
    await assert.rejects(pool.analyze(source, bad, { signal: calm() }), { code: 'recipe/invalid' });
    assert.deepEqual(workers.asked, []);
  }));

test('ending a worker in the middle of calls fails every open call', () =>
  withPool(denseModel([300, 3000]), 1, async ({ source, workers }) => {
    const worker = workers.spawn();
    const caller = new Caller<AnalyzerContract>(worker.port);
    const { layers, sources } = await caller.call('open', { source });
    const layer = layers[0] ?? assert.fail();
    const calls = [
      caller.call('census', { source }),
      caller.call('layer', { model: 1, sources, layer, recipe, context: noContext, profile: null }),
      caller.call('open', { source }),
    ];
    const ended = calls.map((call) => assert.rejects(call, { code: 'analysis/worker-died' }));
    await worker.terminate();
    await Promise.all(ended);
    assert.equal(caller.open, 0);
  }));

test('a layer that kills its worker is tried once more and then told as a problem; the others go on', () =>
  withPool(
    denseModel([20, 30, 25, 10], ['a', 'exit', 'b']),
    2,
    async ({ pool, source, workers }) => {
      const { report } = await pool.analyze(source, recipe, { signal: calm() });
      assert.deepEqual(
        report.layers.map(({ name, encode, problems }) => [name, encode !== null, problems[0]?.code]),
        [
          ['a', true, report.layers[0]?.problems[0]?.code],
          ['exit', false, 'analysis/worker-died'],
          ['b', true, report.layers[2]?.problems[0]?.code],
        ],
      );
      assert.equal(report.totals.weightsUnread, 750);
      assert.equal(report.totals.weights, 850);
      assert.ok(report.model.fingerprint !== null);
      assert.ok(workers.started() <= 4);
    },
    true,
  ));

test('an uncaught error and a full heap end the worker, not the process', () =>
  withPool(
    denseModel([20, 30, 25, 10], ['throw', 'heap', 'b']),
    1,
    async ({ pool, source }) => {
      const { report } = await pool.analyze(source, recipe, { signal: calm() });
      const [thrown, heap, good] = report.layers;
      assert.match(thrown?.problems[0]?.message ?? '', /out of the blue/);
      assert.match(heap?.problems[0]?.message ?? '', /ran out of memory/);
      assert.ok(good?.encode);
    },
    true,
  ));

test('a model whose every layer kills workers ends the run after a bounded number of them', () =>
  withPool(
    denseModel(
      Array.from({ length: 31 }, () => 4),
      Array.from({ length: 30 }, (_, i) => `exit${i}`),
    ),
    2,
    async ({ pool, source, workers }) => {
      await assert.rejects(pool.analyze(source, recipe, { signal: calm() }), {
        code: 'analysis/worker-died',
      });
      assert.ok(workers.started() < 50, `${workers.started()} workers`);
    },
    true,
  ));

test('a worker that hangs is ended by a cancel, and the next run has a new one', () =>
  withPool(
    denseModel([20, 30, 25], ['a', 'hang']),
    1,
    async ({ pool, source, workers }) => {
      const stop = new AbortController();
      let layers = 0;
      const run = pool.analyze(source, recipe, {
        signal: stop.signal,
        progress: (step) => {
          if (step.kind === 'opened') setTimeout(() => stop.abort(), 100);
          else layers += 1;
        },
      });
      await assert.rejects(run, { name: 'AbortError' });
      // The tile waits until the place is free: the run's worker must be gone first.
      await pool.tile(source, 0, null, { rows: [0, 30], cols: [0, 20], width: 2, height: 3 }, calm());
      assert.equal(workers.started(), 2);
      assert.ok(layers <= 1);
    },
    true,
  ));

test('a run that is cancelled rejects before its layers are done, and the pool serves the next one', () =>
  withPool(denseModel([800, 800, 800, 800, 800]), 2, async ({ pool, source }) => {
    const stop = new AbortController();
    let done = 0;
    await assert.rejects(
      pool.analyze(source, recipe, {
        signal: stop.signal,
        progress: (step) => {
          if (step.kind === 'layer') {
            done = step.done;
            stop.abort();
          }
        },
      }),
      { name: 'AbortError' },
    );
    assert.equal(done, 1);
    const { report } = await pool.analyze(source, presets['as-is'], { signal: calm() });
    assert.equal(report.layers.length, 4);
  }));

test('two hundred runs cancelled at random moments leave no thread and no half answer', () =>
  withPool(denseModel([100, 300, 100, 200]), 2, async ({ pool, source, workers }) => {
    const random = seeded(77);
    const full = reportJson((await pool.analyze(source, recipe, { signal: calm() })).report);
    let finished = 0;
    for (let i = 0; i < 200; i += 1) {
      const stop = new AbortController();
      const run = pool.analyze(source, recipe, { signal: stop.signal }).then(
        ({ report }) => {
          finished += 1;
          assert.equal(reportJson(report), full);
        },
        (error: Error) => assert.equal(error.name, 'AbortError'),
      );
      setTimeout(() => stop.abort(), 60 * random());
      await run;
      // One that is ended in the middle of its work takes a moment to go, on a busy machine a long one.
      await waitFor('two threads at most', () => workers.living.size <= 2);
    }
    assert.ok(finished < 200);
    const { report } = await pool.analyze(source, recipe, { signal: calm() });
    assert.equal(reportJson(report), full);
  }));

test('a pool that was closed takes no more work', () =>
  withPool(small, 1, async ({ pool, source }) => {
    const run = pool.analyze(source, recipe, { signal: calm() });
    const failed = assert.rejects(run, { code: 'closed' });
    await pool.close();
    await failed;
    await assert.rejects(pool.analyze(source, recipe, { signal: calm() }), { code: 'closed' });
  }));

const pruned = (prune: string): typeof recipe => ({
  ...presets['as-is'],
  layers: [{ match: '*', prune, share: '4', index: 'best' }],
});

test('a threshold over all layers is the same on one thread, on several and on the straight line, and follows the recipe', () =>
  withPool(denseModel([20, 30, 25, 10, 40]), 2, async ({ pool, source }) => {
    const asked = pruned('global=0.2');
    const straight = await analyze(source, asked, { open: openFile, digest: sha256, signal: calm() });
    const run = await pool.analyze(source, asked, { signal: calm() });
    assert.equal(reportJson(run.report), reportJson(straight));
    const thresholds = new Set(straight.layers.map((layer) => layer.prune!.threshold));
    assert.equal(thresholds.size, 1);
    assert.equal(straight.totals.kept, Math.round(0.2 * straight.totals.weights));
    const again = await pool.analyze(source, pruned('global=0.4'), { signal: calm(), reuse: run });
    assert.equal(again.report.totals.kept, Math.round(0.4 * straight.totals.weights));
  }));

test('a picture of a pattern shows what the report says is kept', () =>
  withPool(denseModel([16, 24]), 1, async ({ pool, source }) => {
    for (const rule of ['nm=1:4', 'block=3x5:0.25', 'filters=0.5', 'density=0.3']) {
      const { report } = await pool.analyze(source, pruned(rule), { signal: calm() });
      const { prune } = report.layers[0]!;
      const window = { rows: [0, 24], cols: [0, 16], width: 16, height: 24 } as const;
      const { density } = await pool.tile(source, 0, tileMask(prune), window, calm());
      assert.equal(
        density.reduce((sum, share) => sum + share, 0),
        prune!.kept,
        rule,
      );
    }
  }));

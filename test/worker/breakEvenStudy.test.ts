import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { countedThreads } from '../support/threads.ts';

const source = { kind: 'file', path: path.resolve('samples/lenet-synthetic.onnx') } as const;
const calm = new AbortController().signal;

test('a worker measures dense, sparse and decoding, says on what, and stops when it is told to', async (t) => {
  const pool = new Pool(countedThreads().spawn, 1);
  try {
    const analysed = await pool.analyze(source, presets['deep-compression'], { signal: calm });
    const dense = analysed.report.layers.filter(({ op }) => op === 'dense');
    const { index, encode } = dense.toSorted((a, b) => a.weights - b.weights)[0] ?? assert.fail();
    const { breakEven } = await pool.study(source, analysed, index, 'breakEven', { signal: calm });
    assert.ok(breakEven !== undefined);
    assert.match(breakEven.machine.runtime, /^Node \d+\.\d+\.\d+, V8 /);
    assert.equal(breakEven.machine.threads, 1);
    assert.deepEqual(
      breakEven.batches.map(({ batch }) => batch),
      [1, 8, 64],
    );
    for (const { batch, outcome, density, here, points } of breakEven.batches) {
      t.diagnostic(
        `batch ${batch.toString()}: ${outcome}, ${String(density)}; here ${String(here?.speedup)}`,
      );
      assert.equal(density === null, outcome !== 'between');
      assert.ok(points.every(({ dense: { minMs, medianMs } }) => minMs > 0 && minMs <= medianMs));
    }
    assert.equal(breakEven.decoding?.entries, encode?.slim.entries);
    t.diagnostic(`decoding ${String(breakEven.decoding?.nsPerWeight)} ns a weight`);

    const stop = new AbortController();
    const given = pool.study(source, analysed, index, 'breakEven', {
      signal: stop.signal,
      progress: (share) => share > 0.35 && stop.abort(),
    });
    await assert.rejects(given, { name: 'AbortError' });
  } finally {
    await pool.close();
  }
});

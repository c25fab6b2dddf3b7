import assert from 'node:assert/strict';
import test from 'node:test';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import { unreadLayer } from '../../analyzers/analyses/unreadLayer.ts';
import { losslessHeader } from '../../analyzers/kernels/lossless.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { Tensor } from '../../analyzers/model/tensor.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { errorOf, leastErrorOfMany } from '../support/codebookTwin.ts';
import { denseLayer, normals, passOf, recipeOf, reportOn, seeded } from '../support/layerFixture.ts';

const scaleOf = (places: number): Tensor => ({
  name: 'scale',
  dtype: 'f32',
  shape: places === 1 ? [] : [places],
  place: 'initializer',
  data: { kind: 'raw', extents: [] },
});

/** Fails on NaN and infinities anywhere in a report. */
function assertFinite(value: unknown, path = 'report'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value.toString()}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) assertFinite(inner, `${path}.${key}`);
}

test('density keeps the largest magnitudes and what ties with the last of them', async () => {
  const values = Float32Array.of(4, -3, 2, -2, 2, 1, 0, 0);
  const report = await reportOn(denseLayer(2, 4), values, { prune: 'density=0.375' });
  const { threshold, kept, ties, density, rule } = report.prune!;
  assert.deepEqual(
    { threshold, kept, ties, density, rule },
    { threshold: 2, kept: 5, ties: 3, density: 0.625, rule: 'density=0.375' },
  );
});

test('a density that reaches into the zeros keeps every non-zero', async () => {
  const report = await reportOn(denseLayer(2, 4), Float32Array.of(4, 0, 0, 0, 0, 0, 1, 0), {
    prune: 'density=0.5',
  });
  assert.equal(report.prune!.threshold, 0);
  assert.equal(report.prune!.kept, 2);
  assert.equal(report.prune!.ties, 0);
});

test('density 0 keeps nothing, and every figure is still a number', async () => {
  for (const share of ['none', '4']) {
    const report = await reportOn(denseLayer(2, 4), Float32Array.of(4, 3, 2, 1, 1, 2, 3, -4), {
      prune: 'density=0',
      share,
    });
    assert.equal(report.prune!.kept, 0);
    assert.ok(report.prune!.threshold! > 4);
    assert.equal(report.sqnrDb, 0);
    assert.equal(report.encode!.bits.coded, 0);
    assert.deepEqual([report.prune!.deadRows, report.prune!.deadCols], [2, 4]);
    assertFinite(report);
  }
});

test('the std rule multiplies the deviation of the non-zero weights about zero', async () => {
  const report = await reportOn(denseLayer(2, 4), Float32Array.of(3, -3, 1, -1, 0, 0, 0, 0), {
    prune: 'std=1',
  });
  assert.equal(report.prune!.threshold, Math.sqrt(5));
  assert.equal(report.prune!.kept, 2);
});

test('the reported threshold, applied to the values again, gives the same mask', async () => {
  const values = normals(3000, 2, 0.1);
  for (const prune of ['density=0.1', 'density=0.777', 'std=0.5', 'threshold=0.1']) {
    const { threshold, kept } = (await reportOn(denseLayer(30, 100), values, { prune })).prune!;
    assert.equal(values.filter((value) => value !== 0 && Math.abs(value) >= threshold!).length, kept);
  }
});

test("without pruning and sharing a layer stays as it is: exact, with the layer's own zeros apart", async () => {
  const report = await reportOn(denseLayer(2, 4), Float32Array.of(1, 2, 3, 0, 5, 6, 7, 8));
  assert.equal(report.prune!.kept, 7);
  assert.equal(report.prune!.threshold, null);
  assert.equal(report.share, null);
  assert.equal(report.exact, true);
  assert.equal(report.sqnrDb, null);
});

test('as many centroids as distinct weights are the weights themselves', async () => {
  const random = seeded(4);
  const values = Float32Array.from(
    { length: 4000 },
    () => [0.1, -0.2, 0.3, -0.7, 1][Math.floor(random() * 5)]!,
  );
  const report = await reportOn(denseLayer(40, 100), values, { share: '3' });
  assert.deepEqual(report.share!.centroids, Array.from(Float32Array.of(-0.7, -0.2, 0.1, 0.3, 1)));
  assert.equal(report.share!.mse, 0);
  assert.equal(report.share!.sqnrDb, null);
  assert.equal(report.exact, true);
});

test('code 0 is kept for pruned weights and padding; only a layer that keeps all weights has 2^b centroids', async () => {
  const values = normals(1000, 5);
  const all = (await reportOn(denseLayer(10, 100), values, { share: '4' })).share!;
  assert.deepEqual([all.k, all.zeroReserved, all.paddingLength], [16, false, null]);
  const some = await reportOn(denseLayer(10, 100), values, { share: '4', prune: 'density=0.1' });
  assert.deepEqual([some.share!.k, some.share!.zeroReserved], [15, true]);
  assert.equal(some.encode!.form, 'relative');
  const dense = await reportOn(denseLayer(10, 100), values, {
    share: '4',
    prune: 'density=0.1',
    index: 'none',
  });
  assert.deepEqual([dense.share!.k, dense.encode!.form, dense.encode!.indexBits], [15, 'dense', null]);
  assert.equal(dense.encode!.entries, 1000);
  assert.ok(dense.share!.paddingLength! > 0);
});

test("centroids are never zero, ascend, and can be stored in the layer's own type", async () => {
  const symmetric = Float32Array.of(-1, 1, -1, 1, -1, 1, 0, 0);
  const one = (await reportOn(denseLayer(2, 4), symmetric, { share: '1' })).share!;
  assert.equal(one.k, 1);
  assert.ok(one.centroids[0] !== 0);
  const halves = normals(2000, 6, 0.1).map((value) => Math.round(value * 2 ** 12) / 2 ** 12);
  for (const dtype of ['f16', 'bf16'] as const) {
    const { centroids } = (
      await reportOn(denseLayer(20, 100, { dtype }), halves, { share: '5', prune: 'density=0.5' })
    ).share!;
    assert.deepEqual(
      centroids,
      centroids.toSorted((a, b) => a - b),
    );
    const steps = dtype === 'f16' ? 10 : 7;
    for (const centroid of centroids) {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(centroid))) - steps);
      assert.ok(Number.isInteger(centroid / unit), `${dtype} ${centroid.toString()}`);
    }
  }
});

const bytesLayer = (places: number): Layer =>
  denseLayer(40, 100, {
    dtype: 'i8',
    quantisation: { scale: scaleOf(places), zeroPoint: null, axis: places === 1 ? null : 0 },
  });

test('centroids of integers with one scale lie on its grid; with a scale for each channel they are steps of it', async () => {
  const scale = Math.fround(0.017);
  const random = seeded(8);
  const stored = Float32Array.from({ length: 4000 }, () => Math.round((random() + random() - 1) * 120));
  const values = stored.map((value) => value * scale);
  const grid = await reportOn(bytesLayer(1), values, { share: '4', prune: 'density=0.5' });
  for (const centroid of grid.share!.centroids) {
    const steps = centroid / scale;
    assert.ok(Math.abs(steps - Math.round(steps)) < 1e-4, steps.toString());
  }
  assert.equal(grid.encode!.bits.dense, 4000 * 8);
  const scales = Float64Array.from({ length: 40 }, (_, row) => Math.fround(0.01 * (1 + row)));
  const scaled = stored.map((value, i) => value * scales[Math.floor(i / 100)]!);
  const report = await analyzeLayer(
    bytesLayer(40),
    recipeOf({ share: '4', prune: 'density=0.5' }),
    passOf(scaled),
    {
      signal: new AbortController().signal,
      profile: null,
      progress: () => {},
      steps: () => Promise.resolve({ scales, zeroPoints: new Float64Array(40), inner: 100 }),
    },
  );
  const { centroids, k, mse } = report.share!;
  assert.equal(k, 15);
  for (const centroid of centroids) assert.ok(Number.isInteger(centroid) && Math.abs(centroid) < 128);
  assert.equal(report.encode!.bits.shared - report.encode!.entries * (4 + report.encode!.indexBits!), 15 * 8);
  let error = 0;
  for (const [i, value] of scaled.entries()) {
    if (Math.abs(value) < report.prune!.threshold!) continue;
    const nearest = Math.min(...centroids.map((centroid) => Math.abs(centroid - stored[i]!)));
    error += (nearest * scales[Math.floor(i / 100)]!) ** 2;
  }
  assert.ok(Math.abs(mse - error / report.prune!.kept) < 1e-6 * mse);
  assert.ok(report.problems.some(({ code }) => code === 'analysis/steps'));
});

test('centroids of integers with one scale may lie between the values that are kept', async () => {
  const values = Float32Array.from({ length: 4000 }, (_, i) => (i % 3 === 0 ? 0 : i % 2 === 0 ? 50 : -46));
  const report = await analyzeLayer(bytesLayer(1), recipeOf({ share: '1' }), passOf(values), {
    signal: new AbortController().signal,
    profile: null,
    progress: () => {},
    steps: () => Promise.resolve({ scales: Float64Array.of(1), zeroPoints: Float64Array.of(0), inner: 1 }),
  });
  assert.deepEqual(report.share!.centroids, [2]);
  assert.equal(report.share!.mse, 48 ** 2);
});

test('lossless coding of a quantised layer is of its stored numbers', async () => {
  const stored = new Float32Array(4000).fill(7);
  const layer = denseLayer(40, 100, {
    dtype: 'u8',
    quantisation: { scale: scaleOf(1), zeroPoint: null, axis: null },
  });
  const options = { signal: new AbortController().signal, profile: null, progress: () => {} };
  const pass = passOf(stored.map((value) => value * 0.5));
  const raw = async function* () {
    await Promise.resolve();
    yield { first: 0, count: 4000, bytes: Uint8Array.from(stored) };
  };
  const known = await analyzeLayer(layer, recipeOf(), pass, { ...options, raw });
  assert.ok(known.encode!.bits.lossless < 4000 + 100);
  const unknown = await analyzeLayer(layer, recipeOf(), pass, options);
  assert.equal(unknown.encode!.bits.lossless, 4000 * 8 + losslessHeader);
});

test('a layer with NaN or infinities is neither pruned nor shared, and told with their number', async () => {
  const values = Float32Array.of(1, NaN, 2, Infinity, 3, 6, -Infinity, 5);
  for (const share of ['none', '2']) {
    const report = await reportOn(denseLayer(2, 4), values, { share });
    assert.equal(report.profile!.nonFinite, 3);
    assert.equal(report.prune!.kept, 5);
    assert.equal(report.exact, true);
    assert.equal(report.share, null);
    assert.equal(report.encode!.bits.coded, report.encode!.bits.lossless);
    assert.deepEqual(
      report.problems.map((problem) => [problem.code, problem.severity]),
      [['weights/non-finite', 'warning']],
    );
    assertFinite(report);
  }
});

test('doubles near the ends of their range give no infinite figure', async () => {
  const values = Float64Array.of(1e300, -1e300, 1e308, 5e-324, -5e-324, 1e-310, 0, 1);
  for (const rule of [
    {},
    { share: '1' },
    { share: '2', prune: 'density=0.5' },
    { share: '1:linear', prune: 'std=1' },
  ])
    assertFinite(await reportOn(denseLayer(2, 4, { dtype: 'f64' }), values, rule));
});

test('rows and columns that lose their last weight are counted and told', async () => {
  const values = Float32Array.of(5, 0.1, 0.1, 0.1, 0.1, 6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
  const report = await reportOn(denseLayer(3, 4), values, { prune: 'threshold=1' });
  assert.deepEqual([report.prune!.deadRows, report.prune!.deadCols], [1, 2]);
  assert.equal(report.problems.length, 1);
  assert.equal(report.problems[0]!.code, 'analysis/dead-units');
  assert.match(report.problems[0]!.message, /1 of 3 outputs.*2 of 4 inputs/);
});

test('a layer without elements, and one of zeros, have reports', async () => {
  for (const [rows, cols] of [
    [0, 5],
    [3, 4],
  ] as const)
    for (const rule of [{}, { share: '5', prune: 'density=0.1' }, { share: '8:forgy', prune: 'std=1' }]) {
      const report = await reportOn(denseLayer(rows, cols), new Float32Array(rows * cols), rule);
      assert.equal(report.prune!.kept, 0);
      assert.equal(report.exact, true);
      assertFinite(report);
    }
});

test('chunks of any size give the same report', async () => {
  const values = normals(6000, 12, 0.1);
  const rule = { prune: 'density=0.2', share: '5', index: '4' };
  const whole = await reportOn(denseLayer(60, 100), values, rule);
  for (const chunk of [7, 1000, 5999]) {
    const parts = await reportOn(denseLayer(60, 100), values, rule, chunk);
    assert.deepEqual(parts.share, whole.share);
    assert.deepEqual(parts.encode, whole.encode);
    assert.deepEqual(parts.prune, whole.prune);
    assert.equal(parts.sqnrDb, whole.sqnrDb);
  }
});

test('a layer of more values than are counted one by one has exact counts and errors all the same', async () => {
  for (const [dtype, values] of [
    ['f32', normals(150_000, 17, 0.1)],
    ['f64', Float64Array.from(normals(150_000, 18, 0.1), (value) => value * 1.0000001)],
  ] as const) {
    const report = await reportOn(denseLayer(300, 500, { dtype }), values, {
      share: '4',
      prune: 'density=0.9',
    });
    const { centroids, counts, mse } = report.share!;
    const kept = values.filter((value) => Math.abs(value) >= report.prune!.threshold!);
    assert.equal(kept.length, 135_000);
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      kept.length,
    );
    const error = errorOf(kept, centroids);
    assert.ok(Math.abs(mse * kept.length - error) <= 1e-9 * error);
    const least = leastErrorOfMany(Float64Array.from(kept).toSorted(), 15);
    assert.ok(error <= least * (1 + 1e-6), `${(error / least - 1).toString()} above`);
  }
});

test('a known profile is used and gives the same report', async () => {
  const values = normals(6000, 13, 0.1);
  const layer = denseLayer(60, 100);
  const recipe = presets['deep-compression'];
  const options = { signal: new AbortController().signal, progress: () => {} };
  const first = await analyzeLayer(layer, recipe, passOf(values), { ...options, profile: null });
  const again = await analyzeLayer(layer, recipe, passOf(values), { ...options, profile: first.profile });
  assert.deepEqual(again, first);
  assert.equal(again.profile, first.profile);
});

test('progress rises to 1 and an abort ends a pass between chunks', async () => {
  const values = normals(5000, 14);
  const shares: number[] = [];
  const controller = new AbortController();
  const run = (progress: (share: number) => void): Promise<unknown> =>
    analyzeLayer(denseLayer(50, 100), recipeOf({ prune: 'density=0.1', share: '4' }), passOf(values, 500), {
      signal: controller.signal,
      profile: null,
      progress,
    });
  await run((share) => shares.push(share));
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares.at(-1), 1);
  await assert.rejects(
    run((share) => {
      if (share > 0.3) controller.abort(new Error('enough'));
    }),
    /enough/,
  );
});

test('lossless recipes leave every weight, and what is coded is the lossless coding', async () => {
  const values = normals(4000, 15).map((value, i) => (i % 3 === 0 ? value : 0));
  const options = { signal: new AbortController().signal, profile: null, progress: () => {} };
  const report = await analyzeLayer(
    denseLayer(40, 100),
    recipeOf({ prune: 'std=1', share: '4' }, { lossless: true }),
    passOf(values),
    options,
  );
  assert.equal(report.exact, true);
  assert.equal(report.encode!.bits.coded, report.encode!.bits.lossless);
});

test('the best index width is the one with the fewest coded bits, and sizes keep their order', async () => {
  const values = normals(20_000, 16);
  const at = async (index: string): Promise<number> =>
    (await reportOn(denseLayer(100, 200), values, { prune: 'density=0.05', share: '5', index })).encode!.bits
      .coded;
  const all = await Promise.all(Array.from({ length: 16 }, (_, i) => at((i + 1).toString())));
  assert.equal(await at('best'), Math.min(...all));
  const { bits, indexWidths, indexBitsPruned } = (
    await reportOn(denseLayer(100, 200), values, { prune: 'density=0.05', share: '5' })
  ).encode!;
  assert.ok(bits.order0 <= bits.codedPaper && bits.codedPaper < bits.coded && bits.coded < bits.pruned);
  assert.ok(bits.survivors < bits.pruned && bits.pruned < bits.csr && bits.csr < bits.dense);
  // Values and column indices of the kept weights, and a row pointer more than rows: 2a + n + 1 numbers of 32 bits.
  assert.equal(bits.csr, (2 * 1000 + 100 + 1) * 32);
  const pruned = indexWidths.map(({ bits: width, entries }) => entries * (32 + width));
  assert.equal(bits.pruned, Math.min(...pruned));
  assert.equal(indexBitsPruned, pruned.indexOf(bits.pruned) + 1);
});

test('a layer that cannot be read is listed with its shape and no figures', () => {
  const problem = {
    severity: 'error',
    code: 'file/truncated',
    message: 'cut off',
    at: { file: null, tensor: null, offset: null },
  } as const;
  const report = unreadLayer(denseLayer(3, 4), [problem]);
  assert.deepEqual(
    [report.weights, report.rows, report.profile, report.prune, report.share, report.encode, report.exact],
    [12, 3, null, null, null, null, false],
  );
  assert.deepEqual(report.problems, [problem]);
});

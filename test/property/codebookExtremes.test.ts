import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { drawGrid, levelsOf, levelValue, uniformMethods } from '../../analyzers/kernels/uniformGrid.ts';
import { layerReportOf } from '../../analyzers/analyses/analyzeLayer.ts';
import { codebookStudy } from '../../analyzers/analyses/codebookStudy.ts';
import { sweepsOf } from '../../analyzers/analyses/sweeps.ts';
import { codebookMethods, shareMethods } from '../../analyzers/report/rules.ts';
import { codedLayerOf, decoded, settled as settledLayer, streamsOf, whole } from '../support/codedLayers.ts';
import { denseLayer, normals, reportOn } from '../support/layerFixture.ts';

const { signal } = new AbortController();

/** Magnitudes whose squares, or whose sums of squares, are beyond doubles or below them. */
const scales = [1e307, 1e200, 1e154, 1, 1e-30, 1e-154, 1e-200, 2 ** -1022, 2 ** -1070] as const;

const draws = {
  normal: (n: number, seed: number) => Float64Array.from(normals(n, seed)),
  'one value': (n: number) => new Float64Array(n).fill(0.75),
  'two values': (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? -0.5 : 0.625)),
  'and zeros': (n: number, seed: number) =>
    Float64Array.from(normals(n, seed), (value, i) => (i % 4 === 0 ? 0 : value)),
  'far apart': (n: number, seed: number) =>
    Float64Array.from(normals(n, seed), (value, i) => (i === 0 ? 5 : value * 2 ** -(i % 40))),
} as const satisfies Record<string, (n: number, seed: number) => Float64Array>;

const drawn = (name: keyof typeof draws, n: number, seed: number): Float64Array => {
  const draw: (n: number, seed: number) => Float64Array = draws[name];
  return draw(n, seed);
};
const names = Object.keys(draws) as (keyof typeof draws)[];
const finiteNumbers = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(finiteNumbers);

const cases = fc.record({
  dtype: fc.constantFrom('f64' as const, 'f32' as const),
  draw: fc.constantFrom(...names),
  scale: fc.constantFrom(...scales),
  n: fc.integer({ min: 1, max: 300 }),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  share: fc.oneof(
    fc
      .tuple(fc.constantFrom('1', '4', '16', 'k=2', 'k=300', 'k=65536'), fc.constantFrom(...codebookMethods))
      .map((of) => of.join(':')),
    fc.constantFrom(
      '2:uniform-symmetric',
      '8:uniform-symmetric',
      '4:uniform-asymmetric',
      '8:fp8-e4m3',
      '8:fp8-e5m2',
    ),
  ),
  per: fc.constantFrom('', '', '/rows=1', '/columns=7'),
});

test('weights of any magnitude, and more centroids than values, give finite figures and streams that come back', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ dtype, draw, scale, n, seed, share, per }) => {
      // Singles keep to their range.
      const factor = dtype === 'f32' ? Math.min(1e37, Math.max(2 ** -148, scale)) : scale;
      const values = drawn(draw, n, seed).map((value) => value * factor);
      const stored = dtype === 'f32' ? Float32Array.from(values) : values;
      const bytes = new Uint8Array(stored.buffer);
      const { settled, passes } = await settledLayer(
        { dtype, rows: 1, cols: n, bytes },
        { share: `${share}${per}` },
      );
      const { counts, error, centroids, empty } = settled.codebook!;
      assert.ok(!Number.isNaN(error) && error >= 0);
      assert.ok(empty >= 0 && centroids.every((value) => value !== 0 && Number.isFinite(value)));
      assert.equal(
        counts.reduce((all, one) => all + one, 0),
        stored.filter((value) => value !== 0).length,
      );
      assert.ok(finiteNumbers(layerReportOf(settled, [], null)));
      const streams = await streamsOf(settled, passes);
      const wanted = await whole(passes.newWeights(signal), n, dtype === 'f32' ? 32 : 64);
      assert.deepEqual(await decoded(codedLayerOf(settled), streams), wanted);
      const found = dtype === 'f32' ? new Float32Array(wanted.buffer) : new Float64Array(wanted.buffer);
      const distinct = new Set(stored.filter((value) => value !== 0)).size;
      const { share: rule } = settled.rule;
      if (rule.kind === 'codebook' && per === '' && /^(16|k=300|k=65536)/.test(share) && distinct <= 300)
        assert.deepEqual(
          found,
          stored.map((value) => value + 0),
          'exact: no fewer centroids than values',
        );
    }),
    { numRuns: 400 },
  );
});

/** What stands for the zero of a grid is the smallest number, whatever the grid. */
const orZero = (value: number): number => (Math.abs(value) === Number.MIN_VALUE ? 0 : value);

test('weights times a power of two have the codebook times that power', async () => {
  const values = Float64Array.from(normals(2000, 12));
  for (const share of [
    '4:optimal',
    '4:rate',
    '4:linear',
    '8:uniform-asymmetric',
    '8:fp8-e5m2',
    'k=9:forgy/rows=2',
  ]) {
    const plain = await reportOn(denseLayer(8, 250, { dtype: 'f64' }), values, { share });
    for (const exponent of [-900, -40, 40, 900]) {
      const factor = 2 ** exponent;
      const scaled = await reportOn(
        denseLayer(8, 250, { dtype: 'f64' }),
        values.map((value) => value * factor),
        { share },
      );
      assert.deepEqual(scaled.share!.counts, plain.share!.counts, `${share}, 2^${exponent.toString()}`);
      assert.deepEqual(
        scaled.share!.centroids.map(orZero),
        plain.share!.centroids.map((value) => orZero(value) * factor),
      );
    }
  }
});

test('the study of weights of extreme magnitudes has no figure that is none', async () => {
  for (const scale of scales) {
    const values = Float64Array.from(normals(600, 4), (value) => value * scale);
    const bytes = new Uint8Array(values.buffer);
    const { settled, passes } = await settledLayer(
      { dtype: 'f64', rows: 6, cols: 100, bytes },
      { share: '4:rate' },
    );
    const study = await codebookStudy(
      settled,
      sweepsOf(passes.weights, 600, 1, { signal, progress: () => {} }),
      {
        signal,
        progress: () => {},
        breathe: () => Promise.resolve(),
      },
    );
    assert.ok(study.optimal.length > 0 && finiteNumbers(study), scale.toString());
  }
});

test('uniform grids hold zero and the largest magnitude, at equal steps', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...uniformMethods),
      fc.integer({ min: 2, max: 8 }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      (method, width, low, span) => {
        const bits = method.startsWith('fp8') ? 8 : width;
        const high = low + span;
        const levels = levelsOf(method, 2 ** bits);
        const one = drawGrid(method, levels, { low, high }, true);
        const grid = Array.from({ length: levels }, (_, level) => levelValue(method, levels, one, level));
        assert.ok(grid.length <= 2 ** bits);
        assert.ok(grid.some((value) => value === 0));
        assert.ok(grid.every((value, i) => i === 0 || value > grid[i - 1]!));
        const largest = Math.max(Math.abs(low), Math.abs(high));
        const near = (got: number, wanted: number): boolean => Math.abs(got - wanted) <= 1e-12 * largest;
        if (method !== 'uniform-asymmetric') {
          assert.ok(near(grid.at(-1)!, largest));
          assert.ok(
            grid.every((value, i) => near(value, -grid[grid.length - 1 - i]!)),
            'the same both ways',
          );
        }
        if (method.startsWith('uniform'))
          for (let i = 1; i < grid.length; i += 1)
            assert.ok(near(grid[i]! - grid[i - 1]!, grid[1]! - grid[0]!));
        if (method === 'uniform-asymmetric') {
          const half = (grid[1]! - grid[0]!) / 2;
          assert.ok(
            grid[0]! <= Math.min(0, low) + half * 1.001 && grid.at(-1)! >= Math.max(0, high) - half * 1.001,
          );
        }
      },
    ),
  );
});

test('no grid and no start of Lloyd has less error than the optimal codebook with as many values', async () => {
  const values = normals(5000, 6, 0.1);
  for (const method of shareMethods) {
    const bits = method.startsWith('fp8') ? 8 : 4;
    const { share } = await reportOn(denseLayer(10, 500), values, {
      prune: 'density=0.6',
      share: `${bits.toString()}:${method}`,
    });
    const best = await reportOn(denseLayer(10, 500), values, {
      prune: 'density=0.6',
      share: `k=${share!.k.toString()}:optimal`,
    });
    assert.ok(best.share!.mse <= share!.mse * (1 + 1e-9), method);
  }
});

test('centroids that lose their weights are left out and counted as empty, and none is moved to others', async () => {
  // From -1 to 1 in equal steps; between the two clusters no start has a weight.
  const values = Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? -1 : 1) + (i % 20) * 1e-3);
  const { share } = await reportOn(denseLayer(20, 20), values, { share: '4:linear' });
  assert.ok(share!.empty > 0);
  assert.equal(share!.k + share!.empty, 16);
  assert.ok(share!.counts.every((count) => count > 0));
  const grid = await reportOn(denseLayer(20, 20), values, { share: '4:uniform-symmetric' });
  assert.ok(grid.share!.k < 15, 'values of a grid that no weight takes are no centroids');
});

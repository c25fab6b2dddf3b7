import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { denseLayer, passOf, recipeOf, seeded } from '../support/layerFixture.ts';

const { signal } = new AbortController();

const rules = [
  'density=0.3',
  'density=1',
  'density=0',
  'std=1',
  'threshold=0.5',
  'nm=2:4',
  'block=2x3:0.5',
  'filters=0.5',
  'columns=0.5',
];

function report(
  values: Float64Array | Float32Array,
  rows: number,
  prune: string,
  factors: Float64Array | null,
  batchNorm: 'as-stored' | 'folded' = 'folded',
): Promise<LayerReport> {
  const dtype = values instanceof Float64Array ? 'f64' : 'f32';
  const layer = denseLayer(rows, values.length / rows, { dtype });
  return analyzeLayer(layer, recipeOf({ prune, batchNorm }), passOf(values, 7), {
    signal,
    profile: null,
    progress: () => {},
    factors: () => Promise.resolve(factors),
  });
}

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 8 }),
  cols: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  rule: fc.constantFrom(...rules),
});

test('folding keeps what pruning the folded weights themselves keeps, and stores them as they were', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, cols, seed, rule }) => {
      const draw = seeded(seed);
      const factors = Float64Array.from({ length: rows }, () => 2 ** Math.floor(8 * draw() - 4));
      const values = Float64Array.from({ length: rows * cols }, () =>
        draw() < 0.2 ? 0 : Math.round(16 * draw() - 8) / 8,
      );
      const folded = values.map((value, i) => value * factors[Math.floor(i / cols)]!);
      const got = (await report(values, rows, rule, factors)).prune!;
      const wanted = (await report(folded, rows, rule, null)).prune!;
      for (const key of ['kept', 'ties', 'threshold', 'prunedBelow', 'deadRows', 'deadCols'] as const)
        assert.deepEqual(got[key], wanted[key], `${rule} ${key}`);
      assert.deepEqual(got.pattern, wanted.pattern);
      assert.equal(got.saliency, 'folded-magnitude');
      assert.equal(wanted.saliency, 'magnitude');
      const alone = (await report(values, rows, rule, null)).prune!;
      const ones = (await report(values, rows, rule, new Float64Array(rows).fill(1))).prune!;
      assert.deepEqual({ ...ones, saliency: 'magnitude' }, alone, 'a batch norm of ones changes nothing');
    }),
    { numRuns: 300 },
  );
});

test('a row that the batch norm multiplies by 0 keeps nothing under any rule', async () => {
  const values = Float32Array.of(9, 8, 7, 6, 1, 1, 1, 1);
  for (const rule of rules) {
    const { prune } = await report(values, 2, rule, Float64Array.of(0, 1));
    assert.ok(prune!.kept <= 4, rule);
  }
});

test('recipes that rank as stored never ask for the batch norm', async () => {
  const values = Float32Array.of(3, 2, 1, 4);
  const { prune } = await report(values, 2, 'density=0.5', Float64Array.of(100, 1), 'as-stored');
  assert.equal(prune!.threshold, 3);
});

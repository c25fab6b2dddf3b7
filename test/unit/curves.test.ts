import assert from 'node:assert/strict';
import test from 'node:test';
import { curvesOf } from '../../analyzers/analyses/curves.ts';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import type { Pass } from '../../analyzers/model/chunk.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { LayerCurves } from '../../analyzers/report/curves.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { heavyTailed } from '../support/heavyTailed.ts';
import { denseLayer, passOf, recipeOf } from '../support/layerFixture.ts';

const calm = { signal: new AbortController().signal, profile: null, progress: () => {} };

const curves = (layer: Layer, pass: Pass, rule: Omit<RecipeRule, 'match'>): Promise<LayerCurves> =>
  curvesOf(layer, recipeOf(rule), pass, calm);

async function valuesOf(pass: Pass, count: number): Promise<Float32Array> {
  const all = new Float32Array(count);
  for await (const { first, values } of pass(calm.signal)) all.set(values, first);
  return all;
}

/** Rows of very different sizes, some of them all zeros. */
async function unevenRows(rows: number, cols: number, seed: number): Promise<Float32Array> {
  const values = await valuesOf(heavyTailed(rows * cols, seed), rows * cols);
  for (let row = 0; row < rows; row += 1)
    for (let col = 0; col < cols; col += 1)
      values[row * cols + col]! *= row % 7 === 3 ? 0 : 2 ** (row % 5) / 3;
  return values;
}

/** The definition: mean over rows that are not all zeros of ||w - w'||^2 / ||w||^2, from the weights themselves. */
function distortionOf(values: Float32Array, rows: number, { prune, share }: LayerReport): number {
  const cols = values.length / rows;
  const centroids = share?.centroids ?? null;
  let sum = 0;
  let used = 0;
  for (let row = 0; row < rows; row += 1) {
    let norm = 0;
    let error = 0;
    for (const value of values.subarray(row * cols, (row + 1) * cols)) {
      norm += value * value;
      const kept = value !== 0 && Math.abs(value) >= (prune!.threshold ?? 0);
      const told = !kept ? 0 : centroids === null ? value : nearestOf(centroids, value);
      error += (value - told) ** 2;
    }
    if (norm === 0) continue;
    sum += error / norm;
    used += 1;
  }
  return used === 0 ? 0 : sum / used;
}

const nearestOf = (centroids: readonly number[], value: number): number =>
  centroids.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));

const near = (a: number, b: number, share: number): boolean => Math.abs(a - b) <= share * Math.abs(b) + 1e-12;

for (const [rows, cols, share] of [
  [60, 200, 1e-9],
  [300, 1000, 0.01],
] as const)
  test(`each point of the curves is what the analysis tells: ${rows.toString()} x ${cols.toString()}`, async (t) => {
    const values = await unevenRows(rows, cols, 5);
    const layer = denseLayer(rows, cols);
    const rule = { prune: 'density=0.3', share: '5:optimal', index: '5' };
    const { points, mask } = await curves(layer, passOf(values), rule);
    assert.equal(mask, 'open');
    assert.equal(points.length, 11 * 8);
    let worst = 0;
    for (const { density, bits, codedBits, distortion } of points.filter((_, i) => i % 9 === 0)) {
      const report = await analyzeLayer(
        layer,
        recipeOf({
          prune: `density=${density!.toString()}`,
          share: bits === null ? 'none' : `${bits.toString()}:optimal`,
          index: '5',
        }),
        passOf(values),
        calm,
      );
      const at = `density ${density!.toString()}, bits ${String(bits)}`;
      const told = report.encode!.bits.coded;
      worst = Math.max(worst, Math.abs(codedBits / told - 1));
      assert.ok(near(codedBits, told, share), `${at}: ${codedBits.toString()} of ${told.toString()}`);
      const own = distortionOf(values, rows, report);
      assert.ok(near(distortion, own, 10 * share), `${at}: ${distortion.toString()} of ${own.toString()}`);
    }
    t.diagnostic(`coded bits off by ${(100 * worst).toFixed(4)} % at most`);
  });

for (const [rows, cols] of [
  [40, 100],
  [300, 400],
] as const)
  test(`a power of two on all weights changes no figure: ${rows.toString()} x ${cols.toString()}`, async () => {
    const values = await unevenRows(rows, cols, 9);
    const layer = denseLayer(rows, cols);
    const rule = { prune: 'density=0.3', share: '4:optimal', index: 'best' };
    const plain = await curves(layer, passOf(values), rule);
    for (const power of [-7, 5])
      assert.deepEqual(
        (await curves(layer, passOf(values.map((value) => value * 2 ** power)), rule)).points,
        plain.points,
      );
  });

test('what a rule fixes stays: no density where nothing is pruned, no bits where nothing is shared', async () => {
  const values = await unevenRows(10, 20, 3);
  const layer = denseLayer(10, 20);
  const one = await curves(layer, passOf(values), { prune: 'none', share: 'none' });
  assert.deepEqual(
    one.points.map(({ density, bits, distortion }) => ({ density, bits, distortion })),
    [{ density: null, bits: null, distortion: 0 }],
  );
  const fixed = await curves(layer, passOf(values), { prune: 'threshold=0.01', share: '3:optimal' });
  assert.equal(fixed.mask, 'fixed');
  assert.equal(fixed.points.length, 8);
});

test('a pattern keeps its mask, and the curve is of the weights that it keeps', async () => {
  const values = await unevenRows(30, 64, 4);
  const layer = denseLayer(30, 64);
  const rule = { prune: 'nm=2:4', index: 'best' };
  const { points, mask } = await curves(layer, passOf(values), { ...rule, share: '4:optimal' });
  assert.equal(mask, 'fixed');
  for (const { density, bits, codedBits, distortion } of points) {
    assert.equal(density, null);
    const share = bits === null ? 'none' : `${bits.toString()}:optimal`;
    const report = await analyzeLayer(layer, recipeOf({ ...rule, share }), passOf(values), calm);
    assert.equal(codedBits, report.encode!.bits.coded);
    assert.ok(distortion > 0 && distortion < 1);
  }
});

test('folded batch norm ranks by what it makes of the rows', async () => {
  const values = await unevenRows(30, 64, 6);
  const layer = denseLayer(30, 64);
  const perRow = Float64Array.from({ length: 30 }, (_, row) => 1 + (row % 4));
  const rule = { prune: 'density=0.3', share: '4:optimal', index: '5', batchNorm: 'folded' } as const;
  const options = { ...calm, factors: () => Promise.resolve(perRow) };
  const { points } = await curvesOf(layer, recipeOf(rule), passOf(values), options);
  const point = points.find(({ density, bits }) => density === 0.25 && bits === 4)!;
  const recipe = recipeOf({ ...rule, prune: 'density=0.25' });
  const report = await analyzeLayer(layer, recipe, passOf(values), options);
  assert.equal(report.prune!.saliency, 'folded-magnitude');
  assert.equal(point.codedBits, report.encode!.bits.coded);
});

test('layers of zeros and of one value have finite figures', async () => {
  for (const value of [0, 0.25, NaN]) {
    const { points } = await curves(denseLayer(4, 6), passOf(new Float32Array(24).fill(value)), {
      prune: 'std=1',
      share: '5:optimal',
    });
    for (const { codedBits, distortion } of points) assert.ok(Number.isFinite(codedBits + distortion));
  }
});

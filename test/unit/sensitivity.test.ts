import assert from 'node:assert/strict';
import test from 'node:test';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import { sensitivityOf, suggestDensities } from '../../analyzers/analyses/sensitivityStudy.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import type { Sensitivity } from '../../analyzers/report/studies.ts';
import { heavyTailed } from '../support/heavyTailed.ts';
import { denseLayer, passOf, recipeOf } from '../support/layerFixture.ts';

const calm = { signal: new AbortController().signal, profile: null, progress: () => {} };
const rows = 50;
const cols = 80;

async function weights(seed: number, factor = 1): Promise<Float32Array> {
  const all = new Float32Array(rows * cols);
  for await (const { first, values } of heavyTailed(rows * cols, seed)(calm.signal)) all.set(values, first);
  return all.map((value) => value * factor);
}

const study = (values: Float32Array, rule: Omit<RecipeRule, 'match'>): Promise<Sensitivity> =>
  sensitivityOf(denseLayer(rows, cols), recipeOf(rule), passOf(values), calm);

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

test('the points of both curves are what the analysis tells', async () => {
  const values = await weights(3);
  const rule = { prune: 'std=1', share: '5:optimal', index: '5' };
  const { at, byDensity, byBits, basis, mask } = await study(values, rule);
  assert.equal(basis, 'data-free');
  assert.equal(mask, 'open');
  const layer = denseLayer(rows, cols);
  const told = (more: Omit<RecipeRule, 'match'>) =>
    analyzeLayer(layer, recipeOf({ ...rule, ...more }), passOf(values), calm);
  const own = await told({});
  assert.deepEqual(at, { density: own.prune!.density, bits: 5 });
  for (const point of byBits) {
    const share = point.bits === null ? 'none' : `${point.bits.toString()}:optimal`;
    const { encode, sqnrDb, prune } = await told({ share });
    assert.equal(point.codedBits, encode!.bits.coded);
    assert.ok(near(point.sqnrDb!, sqnrDb!));
    assert.ok(near(point.keptL2!, prune!.keptL2!));
    assert.equal(point.density, at.density);
  }
  for (const point of byDensity) {
    const { encode, sqnrDb, prune } = await told({ prune: `density=${point.density.toString()}` });
    assert.equal(prune!.density, point.density);
    assert.equal(point.codedBits, encode!.bits.coded);
    assert.ok(near(point.sqnrDb!, sqnrDb!));
    assert.ok(near(point.keptL2!, prune!.keptL2!));
  }
  assert.ok(byDensity.some(({ density }) => density === at.density));
  for (const curve of [byDensity, byBits])
    for (let i = 1; i < curve.length; i += 1) assert.ok(curve[i]!.distortion <= curve[i - 1]!.distortion);
});

test('a rule that names how many values there are is told with as many', async () => {
  const values = await weights(4);
  const rule = { prune: 'density=0.3', share: 'k=32:optimal', index: 'best' };
  const { at, byBits } = await study(values, rule);
  const { share, encode } = await analyzeLayer(denseLayer(rows, cols), recipeOf(rule), passOf(values), calm);
  assert.equal(at.bits, share!.bits);
  assert.equal(byBits.find(({ bits }) => bits === at.bits)!.codedBits, encode!.bits.coded);
});

test('densities are suggested where the recipe leaves them open; powers of two change none', async () => {
  const open = { prune: 'density=0.2', share: '5:optimal', index: 'best' };
  const studies = (first: number, second: number) =>
    Promise.all([
      weights(3, first).then((values) => study(values, open)),
      weights(8, second).then((values) => study(values, open)),
      weights(5).then((values) => study(values, { ...open, prune: 'none' })),
      weights(6).then((values) => study(values, { ...open, prune: 'nm=2:4' })),
      weights(7).then((values) => study(values.fill(NaN, 3, 4), open)),
    ]);
  const plain = await studies(1, 1);
  const suggested = suggestDensities(plain);
  assert.deepEqual(suggested.slice(2), [null, null, null]);
  for (const density of suggested.slice(0, 2)) assert.ok(density! > 0.1 && density! < 0.4);
  assert.deepEqual(await studies(2 ** 9, 2 ** -9), plain);
});

test('layers of zeros and without weights have finite curves', async () => {
  for (const values of [new Float32Array(rows * cols), new Float32Array(rows * cols).fill(-0.5)]) {
    const { byDensity, byBits } = await study(values, { prune: 'density=0.5', share: '3:optimal' });
    for (const { distortion, codedBits } of [...byDensity, ...byBits])
      assert.ok(Number.isFinite(distortion + codedBits));
  }
});

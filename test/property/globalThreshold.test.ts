import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import { magnitudesOf } from '../../analyzers/analyses/magnitudes.ts';
import type { DType } from '../../analyzers/model/dtype.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import type { Dealer } from '../../analyzers/run/dealer.ts';
import { globalThresholds } from '../../analyzers/run/globalThresholds.ts';
import { denseLayer, passOf, recipeOf } from '../support/layerFixture.ts';

const { signal } = new AbortController();

interface Stored {
  readonly layer: Layer;
  readonly values: Float32Array | Float64Array;
}

/** Layers in memory, each asked as a worker is. */
function dealerOf(all: readonly Stored[], asked: { calls: number }): Dealer {
  return {
    call: (method, { index }, args) => {
      assert.equal(method, 'magnitudes');
      asked.calls += 1;
      const { layer, values } = all[index]!;
      const { recipe, profile, digits } = args as unknown as {
        recipe: Parameters<typeof magnitudesOf>[1];
        profile: null;
        digits: readonly number[];
      };
      return magnitudesOf(layer, recipe, passOf(values, 11), digits, { signal, profile });
    },
    ask: (method) => assert.fail(`${method} is not asked for`),
  };
}

const thresholdsOf = (all: readonly Stored[], layers: readonly RecipeRule[], asked = { calls: 0 }) =>
  globalThresholds(recipeOf({}, { layers }), {
    layers: all.map(({ layer }) => layer),
    dealer: dealerOf(all, asked),
    profileOf: () => null,
    signal,
    progress: () => {},
  });

const special = [0, -0, 2 ** -149, 1, -1, 1.5];
const list = (doubles: boolean) =>
  fc.array(
    fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(...special, ...(doubles ? [1 + 2 ** -52, 5e-324, Number.MAX_VALUE] : [])),
    ),
    { minLength: 1, maxLength: 40 },
  );
const layerArb = fc.boolean().chain((doubles) =>
  list(doubles).map((numbers) => ({
    dtype: (doubles ? 'f64' : 'f32') as DType,
    values: doubles ? Float64Array.from(numbers) : Float32Array.from(numbers),
  })),
);

const stored = (all: readonly { dtype: DType; values: Float32Array | Float64Array }[]): Stored[] =>
  all.map(({ dtype, values }, index) => ({
    layer: denseLayer(1, values.length, { dtype, index, name: `l${index.toString()}` }),
    values,
  }));

/** The twin: sort all magnitudes. */
function sortedThreshold(all: readonly Stored[], density: number): number {
  const sorted = all.flatMap(({ values }) => Array.from(values, Math.abs)).toSorted((a, b) => b - a);
  return sorted[Math.round(density * sorted.length) - 1]!;
}

test('the threshold over layers of mixed types is the one that sorting all of them gives', async () => {
  const densities = fc.constantFrom(0.05, 0.1, 0.5, 0.9, 1);
  await fc.assert(
    fc.asyncProperty(fc.array(layerArb, { minLength: 1, maxLength: 5 }), densities, async (made, density) => {
      const all = stored(made);
      const n = all.reduce((sum, { values }) => sum + values.length, 0);
      fc.pre(Math.round(density * n) > 0);
      const rule = `global=${density.toString()}`;
      const found = await thresholdsOf(all, [{ match: '*', prune: rule }]);
      assert.deepEqual(found, { [rule]: sortedThreshold(all, density) });
      let kept = 0;
      let ties = 0;
      for (const { layer, values } of all) {
        const { prune } = await analyzeLayer(layer, recipeOf({ prune: rule }), passOf(values), {
          signal,
          profile: null,
          progress: () => {},
          context: { globals: found },
        });
        assert.equal(prune!.threshold, found[rule]);
        kept += prune!.kept;
        ties += prune!.ties;
      }
      const wanted = Math.round(density * n);
      const nonZeros = all.reduce((sum, { values }) => sum + values.filter((w) => w !== 0).length, 0);
      if (found[rule] === 0) assert.equal(kept, nonZeros);
      else assert.ok(kept >= wanted && kept - ties < wanted, 'exact but for ties, which are counted');
    }),
    { numRuns: 50 },
  );
});

test('each rule has its own layers, and a layer without one or with NaN takes no part', async () => {
  const all = stored([
    { dtype: 'f32', values: Float32Array.of(1, 2, 3, 4) },
    { dtype: 'f32', values: Float32Array.of(10, 20, 30, 40) },
    { dtype: 'f32', values: Float32Array.of(100, 200, 300, 400) },
    { dtype: 'f32', values: Float32Array.of(1000, Number.NaN) },
  ]);
  const asked = { calls: 0 };
  const found = await thresholdsOf(
    all,
    [
      { match: '*', prune: 'global=0.25' },
      { match: 'l1', prune: 'global=0.5' },
      { match: 'l2', prune: 'density=0.5' },
    ],
    asked,
  );
  assert.deepEqual(found, { 'global=0.25': 4, 'global=0.5': 30 });
  // Three passes over singles for each of two layers; the third is not asked, the fourth only once.
  assert.equal(asked.calls, 7);
});

test('nothing is kept at a density of 0, every non-zero where there are too few, and nobody is asked without a rule', async () => {
  const all = stored([{ dtype: 'f32', values: Float32Array.of(0, 0, -2, 1) }]);
  const nothing = await thresholdsOf(all, [{ match: '*', prune: 'global=0' }]);
  assert.ok(nothing['global=0']! > 2 && nothing['global=0']! < 2.000001);
  assert.deepEqual(await thresholdsOf(all, [{ match: '*', prune: 'global=1' }]), { 'global=1': 0 });
  const asked = { calls: 0 };
  assert.deepEqual(await thresholdsOf(all, [{ match: '*', prune: 'std=1' }], asked), {});
  assert.equal(asked.calls, 0);
});

test('a rule over all layers is refused where its threshold was not found before', async () => {
  const { layer, values } = stored([{ dtype: 'f32', values: Float32Array.of(1) }])[0]!;
  await assert.rejects(
    analyzeLayer(layer, recipeOf({ prune: 'global=0.5' }), passOf(values), {
      signal,
      profile: null,
      progress: () => {},
    }),
    /the threshold of global=0.5 was not found before/,
  );
});

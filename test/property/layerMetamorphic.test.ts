import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { denseLayer, normals, reportOn, seeded } from '../support/layerFixture.ts';

const rules: fc.Arbitrary<Omit<RecipeRule, 'match'>> = fc.record({
  prune: fc.constantFrom('none', 'density=0.07', 'density=0.4', 'std=0.8'),
  share: fc.constantFrom('none', '3', '5', '4:linear', '4:density', '4:forgy'),
  index: fc.constantFrom('4', 'best', 'none'),
});

const seeds = fc.integer({ min: 1, max: 10_000 });
const layer = denseLayer(24, 40);

/** Weights with a quarter of exact zeros. */
const weightsOf = (seed: number): Float32Array =>
  normals(960, seed, 0.1).map((value, i) => ((i * seed) % 4 === 0 ? 0 : value));

function shuffled(values: Float32Array, seed: number): Float32Array {
  const random = seeded(seed);
  const mixed = values.slice();
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

const near = (a: number | null, b: number | null): boolean =>
  a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

test('moving weights to other places keeps the threshold, the codebook and the code counts', async () => {
  await fc.assert(
    fc.asyncProperty(rules, seeds, async (rule, seed) => {
      const values = weightsOf(seed);
      const a = await reportOn(layer, values, rule);
      const b = await reportOn(layer, shuffled(values, seed), rule);
      // The std rule adds in another order: its threshold may differ in the last digits.
      assert.ok(near(a.prune!.threshold, b.prune!.threshold));
      assert.equal(a.prune!.kept, b.prune!.kept);
      assert.deepEqual(a.share?.centroids, b.share?.centroids);
      assert.deepEqual(a.share?.counts, b.share?.counts);
      assert.equal(a.encode!.bits.survivors, b.encode!.bits.survivors);
      assert.ok(near(a.encode!.bits.limit, b.encode!.bits.limit));
      assert.ok(near(a.sqnrDb, b.sqnrDb));
    }),
    { numRuns: 60 },
  );
});

/** Lossless coding is of the stored bits, exponents included; a layer that is not changed has no other streams. */
const sizesWithoutLossless = ({ encode }: LayerReport): unknown => {
  const unchanged = ['lossless', 'raw'].includes(encode!.slim.form);
  return {
    ...encode,
    bits: { ...encode!.bits, lossless: 0, ...(unchanged ? { slim: 0 } : {}) },
    slim: unchanged ? null : encode!.slim,
  };
};

test('weights times a power of two scale the threshold and the centroids, and leave masks, codes and sizes', async () => {
  await fc.assert(
    fc.asyncProperty(rules, seeds, fc.integer({ min: -20, max: 20 }), async (rule, seed, power) => {
      const values = weightsOf(seed);
      const factor = 2 ** power;
      const a = await reportOn(layer, values, rule);
      const b = await reportOn(
        layer,
        values.map((value) => value * factor),
        rule,
      );
      const scaled = a.prune!.threshold === null ? null : a.prune!.threshold * factor;
      assert.equal(b.prune!.threshold, scaled);
      assert.deepEqual({ ...b.prune, threshold: 0 }, { ...a.prune, threshold: 0 });
      assert.deepEqual(
        b.share?.centroids,
        a.share?.centroids.map((centroid) => centroid * factor),
      );
      assert.deepEqual(b.share?.counts, a.share?.counts);
      assert.deepEqual(sizesWithoutLossless(b), sizesWithoutLossless(a));
      assert.ok(near(b.sqnrDb, a.sqnrDb));
    }),
    { numRuns: 60 },
  );
});

test("turning every sign keeps the mask and mirrors an optimal codebook's error", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const values = weightsOf(seed);
      const rule = { prune: 'density=0.2', share: '4' };
      const a = await reportOn(layer, values, rule);
      const b = await reportOn(
        layer,
        values.map((value) => -value),
        rule,
      );
      assert.deepEqual(b.prune, a.prune);
      assert.ok(Math.abs(b.share!.mse - a.share!.mse) <= 1e-6 * a.share!.mse);
    }),
    { numRuns: 40 },
  );
});

test('no codebook has a lower error than the optimal one, and more codes never have a higher one', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.constantFrom('linear', 'density', 'forgy'), async (seed, method) => {
      const values = weightsOf(seed);
      const mse = async (share: string): Promise<number> =>
        (await reportOn(layer, values, { prune: 'density=0.5', share })).share!.mse;
      const optimal = await mse('4');
      assert.ok(optimal <= (await mse(`4:${method}`)) * (1 + 1e-6));
      assert.ok((await mse('5')) <= optimal * (1 + 1e-6));
    }),
    { numRuns: 40 },
  );
});

test('sizes keep their order whatever the rule: entropy below the coded streams, lossless at most a header above dense', async () => {
  await fc.assert(
    fc.asyncProperty(rules, seeds, async (rule, seed) => {
      const { encode, prune } = await reportOn(layer, weightsOf(seed), rule);
      const { bits, form, entries, padding } = encode!;
      assert.ok(bits.order0 <= bits.codedPaper + 1e-6);
      assert.ok(bits.codedPaper <= bits.coded);
      assert.ok(bits.survivors <= bits.pruned);
      assert.ok(bits.lossless <= bits.dense + 16);
      assert.equal(entries, form === 'dense' ? 960 : prune!.kept + padding);
      for (const size of Object.values(bits)) assert.ok(size >= 0 && Number.isFinite(size));
    }),
    { numRuns: 80 },
  );
});

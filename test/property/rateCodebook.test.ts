import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { pointsOfDistinct, spread } from '../../analyzers/kernels/points.ts';
import { ratePath, type RatePrice } from '../../analyzers/kernels/ratePath.ts';
import { codebookMethods } from '../../analyzers/report/rules.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { studentQuantile } from '../support/heavyTailed.ts';
import { denseLayer, normals, reportOn, seeded } from '../support/layerFixture.ts';

const draws: Readonly<Record<string, (n: number, seed: number) => Float32Array>> = {
  normal: (n, seed) => normals(n, seed, 0.05),
  laplace: (n, seed) => {
    const random = seeded(seed);
    return Float32Array.from({ length: n }, () => {
      const u = random() - 0.5;
      return -0.03 * Math.sign(u) * Math.log(1 - 2 * Math.abs(u) + 1e-9);
    });
  },
  'student t': (n, seed) => {
    const random = seeded(seed);
    return Float32Array.from({ length: n }, () => 0.02 * studentQuantile(0.999999 * random() + 5e-7));
  },
  'a few values': (n, seed) => {
    const random = seeded(seed);
    return Float32Array.from({ length: n }, () => Math.round(40 * random() ** 2) - 9);
  },
  'one far value': (n, seed) => normals(n, seed, 0.01).with(0, 3),
};

const layers = fc.record({
  draw: fc.constantFrom(...Object.keys(draws)),
  rows: fc.integer({ min: 1, max: 60 }),
  cols: fc.integer({ min: 1, max: 120 }),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
  density: fc.constantFrom(0.04, 0.1, 0.35, 1),
  bits: fc.integer({ min: 1, max: 8 }),
  index: fc.constantFrom('best', 'none', '4', '5'),
});

test('`rate` is never larger than a published codebook or the optimal one at no more error', async () => {
  let smaller = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(layers, async ({ draw, rows, cols, seed, density, bits, index }) => {
      const values = draws[draw]!(rows * cols, seed);
      const reports: LayerReport[] = [];
      for (const method of codebookMethods)
        reports.push(
          await reportOn(denseLayer(rows, cols), values, {
            prune: `density=${density.toString()}`,
            share: `${bits.toString()}:${method}`,
            index,
          }),
        );
      const of = (method: string): LayerReport => reports.find(({ share }) => share?.method === method)!;
      const [rate, linear, optimal] = [of('rate'), of('linear'), of('optimal')];
      const scale = 1e-9 * linear.share!.mse + Number.MIN_VALUE;
      assert.ok(rate.share!.mse <= linear.share!.mse);
      for (const { share, encode } of reports) {
        // Rounding to singles comes after the search, and may cost the optimal codebook its last digits.
        assert.ok(optimal.share!.mse <= share!.mse * (1 + 1e-4) + scale, share!.method);
        if (share!.mse <= linear.share!.mse)
          assert.ok(rate.encode!.bits.coded <= encode!.bits.coded, share!.method);
      }
      runs += 1;
      if (rate.encode!.bits.coded < linear.encode!.bits.coded) smaller += 1;
    }),
    { numRuns: 150 },
  );
  assert.ok(smaller > runs / 10, `smaller than linear in ${smaller.toString()} of ${runs.toString()}`);
});

/** The least cost over all ways to cut, each tried. */
function leastCost(
  weights: { values: Float64Array; counts: Float64Array },
  { lambda, code, zeros }: RatePrice,
): number {
  const points = pointsOfDistinct(weights.values, weights.counts);
  const n = weights.values.length;
  const all = points.count[n]! + zeros;
  let least = Infinity;
  for (let mask = 0; mask < 2 ** (n - 1); mask += 1) {
    let cost = 0;
    let from = 0;
    for (let to = 1; to <= n; to += 1) {
      if (to < n && ((mask >> (to - 1)) & 1) === 0) continue;
      const count = points.count[to]! - points.count[from]!;
      cost += spread(points, from, to) + lambda * count * Math.log2(all / count) + code;
      from = to;
    }
    least = Math.min(least, cost);
  }
  return least;
}

test('the entropy-constrained path costs as little as the best of all ways to cut', () => {
  const lists = fc.record({
    values: fc.uniqueArray(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 9 }),
    counts: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 9, maxLength: 9 }),
    lambda: fc.double({ min: 0, max: 200, noNaN: true }),
    code: fc.double({ min: 0, max: 2000, noNaN: true }),
    zeros: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(lists, ({ values, counts, ...price }) => {
      const sorted = Float64Array.from(values).toSorted();
      const weights = { values: sorted, counts: Float64Array.from(counts.slice(0, sorted.length)) };
      const points = pointsOfDistinct(sorted, weights.counts);
      const cuts = ratePath(points, price);
      const all = points.count.at(-1)! + price.zeros;
      let cost = 0;
      for (let run = 1; run < cuts.length; run += 1) {
        const count = points.count[cuts[run]!]! - points.count[cuts[run - 1]!]!;
        cost +=
          spread(points, cuts[run - 1]!, cuts[run]!) +
          price.lambda * count * Math.log2(all / count) +
          price.code;
      }
      const least = leastCost(weights, price);
      assert.ok(cost <= least + 1e-9 * (1 + least), `${cost.toString()} for ${least.toString()}`);
    }),
    { numRuns: 300 },
  );
});

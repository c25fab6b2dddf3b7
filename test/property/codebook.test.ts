import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { centroidsBy } from '../../analyzers/analyses/codeTable.ts';
import { assignPoints, assigner, movedCentroids, nearest } from '../../analyzers/kernels/assign.ts';
import {
  addBuckets,
  addCoarse,
  emptyBuckets,
  emptyCoarse,
  pointsOfBuckets,
} from '../../analyzers/kernels/buckets.ts';
import { densityStart, forgyStart, linearStart, lloyd } from '../../analyzers/kernels/lloyd.ts';
import { errorOfCuts } from '../../analyzers/kernels/linkPath.ts';
import { groupsFor, optimalCuts } from '../../analyzers/kernels/optimalCuts.ts';
import { pointsOfDistinct, type Points } from '../../analyzers/kernels/points.ts';
import { errorOf, leastError, leastErrorOfMany } from '../support/codebookTwin.ts';
import { normals, seeded } from '../support/layerFixture.ts';

/** Sorted points of weights that may repeat. */
function pointsOfWeights(weights: Iterable<number>): Points {
  const counts = new Map<number, number>();
  for (const weight of weights) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  const values = Float64Array.from(counts.keys()).toSorted();
  return pointsOfDistinct(
    values,
    values.map((value) => counts.get(value)!),
  );
}

function pointsInBuckets(weights: Float32Array, k: number): Points {
  const all = Uint32Array.from(weights.keys());
  const coarse = emptyCoarse();
  addCoarse(coarse, weights, all, all.length);
  const buckets = emptyBuckets(coarse, groupsFor(k));
  addBuckets(buckets, weights, all, all.length);
  return pointsOfBuckets(buckets);
}

const near = (got: number, wanted: number, scale: number): boolean =>
  Math.abs(got - wanted) <= 1e-6 * wanted + 1e-12 * scale;

const weightLists = fc.oneof(
  fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 1, maxLength: 40 }),
  fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
  // Equal steps: no price gives every k, so ways must be spliced.
  fc.integer({ min: 1, max: 40 }).map((n) => Array.from({ length: n }, (_, i) => i)),
);

test('the optimal codebook has the error of the full dynamic programme, for every k, ties included', () => {
  fc.assert(
    fc.property(weightLists, fc.integer({ min: 1, max: 20 }), (weights, k) => {
      const sorted = weights.toSorted((a, b) => a - b);
      const points = pointsOfWeights(sorted);
      const cuts = optimalCuts(points, k);
      assert.ok(cuts.length - 1 <= k);
      const scale = sorted.reduce((sum, value) => sum + value * value, 0);
      const wanted = leastError(sorted, k);
      assert.ok(near(errorOfCuts(points, cuts), wanted, scale), `k ${k.toString()}`);
    }),
    { numRuns: 400 },
  );
});

/** Squared error of neighbours at steps of 1 about their mean. */
const errorOfSteps = (length: number): number => (length * (length * length - 1)) / 12;

test('256 values at equal steps are cut optimally for every k up to 100', () => {
  const points = pointsOfWeights(Array.from({ length: 256 }, (_, i) => i));
  for (let k = 1; k <= 100; k += 1) {
    // Runs of m and of m + 1 neighbours.
    const m = Math.floor(256 / k);
    const larger = 256 - m * k;
    const wanted = larger * errorOfSteps(m + 1) + (k - larger) * errorOfSteps(m);
    const error = errorOfCuts(points, optimalCuts(points, k));
    assert.ok(near(error, wanted, 1), `k ${k.toString()}: ${error.toString()} for ${wanted.toString()}`);
  }
});

const heavy = (n: number, seed: number): Float32Array => {
  const random = seeded(seed);
  return Float32Array.from({ length: n }, () => Math.tan(Math.PI * (random() - 0.5)) * 0.01);
};

for (const [name, weights] of [
  ['normal', normals(20_000, 3, 0.05)],
  ['pruned normal', normals(60_000, 4, 0.05).filter((value) => Math.abs(value) > 0.06)],
  ['heavy-tailed', heavy(20_000, 5)],
] as const) {
  test(`many ${name} weights: within a millionth of the optimum, and below every start of Lloyd's algorithm`, () => {
    const points = pointsOfWeights(weights);
    const sorted = Float64Array.from(weights).toSorted();
    for (const k of [2, 15, 31, 255]) {
      const optimal = assignPoints(points, centroidsBy('optimal', points, k)).error;
      const least = leastErrorOfMany(sorted, k);
      assert.ok(
        optimal <= least * (1 + 1e-6),
        `k ${k.toString()}: ${(optimal / least - 1).toString()} above`,
      );
      for (const start of [linearStart, densityStart, forgyStart]) {
        const { centroids } = lloyd(points, start(points, k), 5000);
        assert.ok(
          optimal <= assignPoints(points, centroids).error * (1 + 1e-9),
          `${start.name}, k ${k.toString()}`,
        );
      }
    }
  });
}

test('buckets of near values, and a round on the weights, come within a millionth of the weights themselves', () => {
  const weights = normals(200_000, 9, 0.05).filter((value) => value !== 0);
  const exact = pointsOfWeights(weights);
  for (const k of [15, 31, 255]) {
    const bucketed = pointsInBuckets(weights, k);
    assert.equal(bucketed.count.at(-1), weights.length);
    assert.ok(bucketed.values.length < exact.values.length / 3);
    const wanted = assignPoints(exact, centroidsBy('optimal', exact, k)).error;
    const start = centroidsBy('optimal', bucketed, k);
    const moved = movedCentroids(start, assignPoints(exact, start));
    const got = assignPoints(exact, moved).error;
    assert.ok(got <= wanted * (1 + 1e-6), `k ${k.toString()}: ${(got / wanted - 1).toString()} above`);
  }
});

test('every weight takes a nearest centroid, the lower one midway, and counts and error follow', () => {
  const lists = fc.tuple(
    fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 }),
    fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 }),
  );
  fc.assert(
    fc.property(lists, ([weights, set]) => {
      const centroids = Float64Array.from(set).toSorted();
      const by = assigner(centroids);
      const counts = new Float64Array(centroids.length);
      for (const weight of weights) {
        const code = nearest(by, weight);
        counts[code]! += 1;
        const distances = Array.from(centroids, (centroid) => Math.abs(centroid - weight));
        assert.equal(code, distances.indexOf(Math.min(...distances)));
      }
      const assigned = assignPoints(pointsOfWeights(weights), centroids);
      assert.deepEqual(assigned.counts, counts);
      assert.equal(assigned.error, errorOf(weights, centroids));
    }),
  );
});

test('a start of Lloyd that loses all its weights is dropped at the end', () => {
  const points = pointsOfWeights([-1, -0.99, 0.99, 1]);
  const { centroids } = lloyd(points, linearStart(points, 7));
  assert.ok(centroids.length < 7);
  assert.equal(
    assignPoints(points, centroids).counts.reduce((a, b) => a + b, 0),
    4,
  );
});

test('a codebook of 65,535 values for more weights than that ends, and is no worse than a smaller one', () => {
  const weights = normals(100_000, 11);
  const points = pointsOfWeights(weights);
  const error = (k: number): number => errorOfCuts(points, optimalCuts(points, k));
  const large = error(65_535);
  assert.ok(large < error(16_383) / 8 && large >= 0);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  addBuckets,
  addCoarse,
  emptyBuckets,
  emptyCoarse,
  pointsOfBuckets,
} from '../../analyzers/kernels/buckets.ts';
import { addDistinct, emptyDistinct, sortedDistinct } from '../../analyzers/kernels/distinct.ts';
import { keptRange } from '../../analyzers/kernels/kept.ts';
import { addLive, emptyLive } from '../../analyzers/kernels/liveUnits.ts';
import { groupsUpTo } from '../../analyzers/kernels/points.ts';
import type { View } from '../../analyzers/model/layer.ts';
import { axisMapOf } from '../../analyzers/model/view.ts';

const everyPlace = (values: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: values.length }, (_, i) => i);
const nonZero = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const lists = fc.array(
  nonZero.filter((value) => value !== 0),
  { maxLength: 3000 },
);

test('distinct values are counted as a map does, up to the cap', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 2000 }), (list, cap) => {
      const values = Float64Array.from(list);
      const table = emptyDistinct(cap);
      for (let from = 0; from < values.length; from += 100) {
        const part = values.subarray(from, from + 100);
        addDistinct(table, part, everyPlace(part), part.length);
      }
      const wanted = new Map<number, number>();
      for (const value of values) wanted.set(value, (wanted.get(value) ?? 0) + 1);
      assert.equal(table.overflow, wanted.size > cap);
      if (table.overflow) return;
      const { values: keys, counts } = sortedDistinct(table);
      assert.deepEqual(keys, Float64Array.from(wanted.keys()).toSorted());
      assert.deepEqual(
        Array.from(keys, (key, i) => [key, counts[i]]),
        Array.from(keys, (key) => [key, wanted.get(key)]),
      );
    }),
    { numRuns: 60 },
  );
});

test('buckets lose no weight, and hold runs of neighbours', () => {
  const reals = fc.array(
    fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -1e150, max: 1e150 }),
      fc.float({ min: -1, max: 1, noNaN: true }),
    ),
    { minLength: 1, maxLength: 400 },
  );
  fc.assert(
    fc.property(reals, fc.integer({ min: 1, max: 3000 }), (list, wanted) => {
      const values = Float64Array.from(list);
      const coarse = emptyCoarse();
      addCoarse(coarse, values, everyPlace(values), values.length);
      const buckets = emptyBuckets(coarse, wanted);
      addBuckets(buckets, values, everyPlace(values), values.length);
      const points = pointsOfBuckets(buckets);
      assert.equal(points.count.at(-1), values.length);
      // Each bucket is a run of the sorted weights, with their mean.
      const sorted = values.toSorted();
      for (let i = 0; i < points.values.length; i += 1) {
        const run = sorted.subarray(points.count[i], points.count[i + 1]);
        const mean = run.reduce((sum, value) => sum + value, 0) / run.length;
        const largest = run.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        assert.ok(Math.abs(points.values[i]! - mean) <= 1e-12 * largest);
      }
      assert.equal(groupsUpTo(points.values, Number.MAX_VALUE), points.values.length);
    }),
    { numRuns: 80 },
  );
});

test('live rows and columns are those of a naive look at every weight, in any storage order', () => {
  const views: readonly { view: View; at: (i: number) => readonly [number, number] }[] = [
    {
      view: { shape: [6, 10], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 },
      at: (i) => [Math.floor(i / 10), i % 10],
    },
    {
      view: { shape: [10, 6], rowAxes: [1], colAxes: [0], reductionAxis: 0, positions: 1 },
      at: (i) => [i % 6, Math.floor(i / 6)],
    },
    {
      view: { shape: [2, 6, 5], rowAxes: [1], colAxes: [0, 2], reductionAxis: 0, positions: 5 },
      at: (i) => [Math.floor(i / 5) % 6, Math.floor(i / 30) * 5 + (i % 5)],
    },
  ];
  const weights = fc.array(fc.constantFrom(0, 0, 0, 0, 0.5, 2, -3, Number.NaN, Infinity), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.constantFrom(...views), weights, fc.integer({ min: 1, max: 60 }), (form, list, chunk) => {
      const values = Float32Array.from(list);
      const live = emptyLive(6, 10);
      const map = axisMapOf(form.view);
      for (let from = 0; from < 60; from += chunk)
        addLive(live, map, { kind: 'range', range: keptRange(1) }, values.subarray(from, from + chunk), from);
      const kept = Array.from(values.keys()).filter(
        (i) => Number.isFinite(values[i]!) && Math.abs(values[i]!) >= 1,
      );
      assert.equal(live.liveRows, new Set(kept.map((i) => form.at(i)[0])).size);
      assert.equal(live.liveCols, new Set(kept.map((i) => form.at(i)[1])).size);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogram, shownHistogram } from '../../analyzers/kernels/histogram.ts';

const shape = { rows: 1, cols: 1 };

function shown(values: readonly number[], wide = false) {
  const state = histogram.empty(shape);
  histogram.add(state, wide ? Float64Array.from(values) : Float32Array.from(values), 0);
  return shownHistogram(state, values.filter((v) => v === 0 || !Number.isFinite(v)).length);
}

/** Bins by comparison alone: the outermost border that a magnitude reaches. */
function naiveBins(values: readonly number[], limit: number, bars: number): number[] {
  const counts = new Array<number>(bars).fill(0);
  const side = (bars - 1) / 2;
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    let distance = 0;
    while (distance < side && Math.abs(value) >= ((2 * distance + 1) * limit) / bars) distance += 1;
    counts[side + Math.sign(value) * distance]! += 1;
  }
  return counts;
}

/** Numbers about zero with many small and few large ones, always the same. */
const spread = Array.from({ length: 4000 }, (_, i) =>
  Math.fround(Math.tan(((i * 7919) % 4000) / 1300 - 1.5) / 40),
);

test('every finite non-zero stands in the bin whose borders hold it, a value on a border in the outer one', () => {
  for (const values of [
    spread,
    spread.map((v) => v * 1e-30),
    [1, -1, 0.5, 0, -0, Number.NaN, Number.POSITIVE_INFINITY],
    Array.from({ length: 161 }, (_, i) => (i - 80) / 80),
    [3.4e38, -3.4e38, 1],
  ]) {
    const found = shown(values);
    assert.ok(found !== null);
    assert.deepEqual(found.counts, naiveBins(values.map(Math.fround), found.limit, found.counts.length));
  }
});

test('the limit is the largest magnitude, rounded up by at most one percent', () => {
  for (let i = 1; i <= 200; i += 1) {
    const largest = Math.fround(1.07 ** i / 1000);
    // Not on a grid: an irrational share of the largest beside it.
    const found = shown([largest / Math.PI, largest / Math.E, largest / 1000, -largest]);
    assert.ok(found !== null);
    assert.ok(found.limit > largest && found.limit <= largest * 1.01, `${largest}: ${found.limit}`);
    assert.equal(found.counts[0], 1);
  }
});

test('evenly spread weights show even bars, whatever their limit', () => {
  for (const limit of [0.9, 1, 1.1, 1.3, 1.55, 1.9]) {
    const count = 400_000;
    const found = shown(
      Array.from({ length: count }, (_, i) => ((2 * i + 1) / count - 1) * limit),
      true,
    );
    assert.ok(found !== null);
    const inner = found.counts.slice(1, -1);
    assert.ok(Math.max(...inner) - Math.min(...inner) <= 2, `limit ${limit}: ${inner.join(' ')}`);
  }
});

test('integers times a scale get one bar a level, or the same number of levels in every bar', () => {
  for (const [most, each] of [
    [1, 1],
    [7, 1],
    [127, 1],
    [255, 3],
  ] as const)
    for (const scale of [1, 0.003_921_6, 1.7e-5, 3.3]) {
      const values = Array.from({ length: 2 * most + 1 }, (_, i) => Math.fround((i - most) * scale));
      const found = shown(values);
      assert.ok(found !== null);
      const { counts, limit } = found;
      const side = (counts.length - 1) / 2;
      assert.deepEqual([side, counts[side]], [Math.round(most / each), each - 1], `${most} x ${scale}`);
      // The last of 85 bars would hold level 256 as well.
      const full = counts.slice(1, -1);
      assert.ok(full.every((count, i) => i === side - 1 || count === each));
      assert.deepEqual(counts, naiveBins(values, limit, counts.length));
    }
});

test('narrow floats show even bars where their steps are widest', () => {
  // bfloat16: 256 steps of 2^-8 in the upper half of the range, and a continuum below.
  const values = Array.from({ length: 65_536 }, (_, i) => {
    const value = (i + 0.5) / 65_536;
    const step = 2 ** (Math.floor(Math.log2(value)) - 7);
    return Math.round(value / step) * step;
  }).filter((value) => value < 1);
  const found = shown(values);
  assert.ok(found !== null);
  const { counts } = found;
  const side = (counts.length - 1) / 2;
  const upper = counts.slice(side + Math.ceil(side / 2) + 1, -1);
  assert.ok(upper.length > 20);
  assert.ok(Math.max(...upper) - Math.min(...upper) <= 2, upper.join(' '));
  assert.deepEqual(counts, naiveBins(values, found.limit, counts.length));
});

test('small values first or large ones first makes no difference', () => {
  const parts = [[1e-6, -2e-6], [1e-3], [-7], [0], [40, -41]];
  const inOrder = (order: readonly number[]) => {
    const state = histogram.empty(shape);
    for (const i of order) histogram.add(state, Float32Array.from(parts[i]!), 0);
    return state;
  };
  assert.deepEqual(inOrder([4, 3, 2, 1, 0]), inOrder([0, 1, 2, 3, 4]));
});

test('there is no histogram of nothing but zeros and NaN', () => {
  assert.equal(shown([]), null);
  assert.equal(shown([0, -0, Number.NaN, Number.NEGATIVE_INFINITY]), null);
  assert.equal(shown([0, -0, Number.NaN], true), null);
});

test('doubles beyond the range of a float32 are counted too', () => {
  for (const values of [
    [1e300, -1e300, 5e299],
    [1e-300, 5e-324, 0],
    [1e-300, 1e200],
  ]) {
    const found = shown(values, true);
    assert.equal(
      found?.counts.reduce((a, b) => a + b, 0),
      values.filter((v) => v !== 0).length,
    );
  }
});

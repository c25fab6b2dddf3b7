import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { syntheticActive, syntheticSlices } from '../../analyzers/kernels/syntheticSlices.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 0, max: 200 }),
  cols: fc.integer({ min: 0, max: 30 }),
  pes: fc.integer({ min: 1, max: 70 }),
  indexBits: fc.integer({ min: 0, max: 6 }),
  seed: fc.integer(),
});

test('a full matrix has every row in its slice and no padding, an empty one nothing', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const full = syntheticSlices({ ...shape, density: 1 });
      assert.equal(full.padding, 0);
      assert.equal(full.nonZeros, shape.rows * shape.cols);
      full.slices.entries.forEach((count, slice) => {
        const pe = slice % shape.pes;
        assert.equal(count, Array.from({ length: shape.rows }).filter((_, i) => i % shape.pes === pe).length);
      });
      const empty = syntheticSlices({ ...shape, density: 0 });
      assert.deepEqual([empty.nonZeros, empty.padding], [0, 0]);
      assert.ok(empty.slices.entries.every((count) => count === 0));
    }),
  );
});

test('entries are non-zeros and padding, as many as the densities say, and the same for the same seed', () => {
  fc.assert(
    fc.property(shapes, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (shape, density) => {
      const one = syntheticSlices({ ...shape, density });
      const entries = one.slices.entries.reduce((sum, count) => sum + count, 0);
      assert.equal(entries, one.nonZeros + one.padding);
      const all = shape.rows * shape.cols;
      const spread = Math.sqrt(all * density * (1 - density));
      assert.ok(Math.abs(one.nonZeros - all * density) <= 6 * spread + 2);
      assert.deepEqual(syntheticSlices({ ...shape, density }), one);
    }),
  );
});

test('padding is what runs of zeros longer than the index can say take', () => {
  const { padding, nonZeros } = syntheticSlices({
    rows: 64 * 64,
    cols: 2000,
    pes: 64,
    density: 0.04,
    indexBits: 4,
    seed: 1,
  });
  // In a slice without end a non-zero has q / (1 - q) pads before it, q = 0.96^16; a slice of 64 places has fewer.
  const endless = 0.96 ** 16 / (1 - 0.96 ** 16);
  assert.ok(padding / nonZeros < endless && padding / nonZeros > endless / 2);
});

test('exactly round(activation x columns) are active, ascending, each column as likely as another', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (cols, activation, seed) => {
        const active = syntheticActive(cols, activation, seed);
        assert.equal(active.length, Math.round(activation * cols));
        active.forEach((column, at) => assert.ok(column < cols && (at === 0 || column > active[at - 1]!)));
      },
    ),
  );
  const seen = new Float64Array(20);
  for (let seed = 0; seed < 4000; seed += 1)
    for (const column of syntheticActive(20, 0.3, seed)) seen[column]! += 1;
  for (const count of seen) assert.ok(Math.abs(count - 1200) < 180, count.toString());
});

test('what is no size or no density is refused by name', () => {
  const good = { rows: 4, cols: 4, pes: 2, density: 0.5, indexBits: 4, seed: 1 };
  assert.throws(() => syntheticSlices({ ...good, pes: 0 }), /pes/);
  assert.throws(() => syntheticSlices({ ...good, rows: 1.5 }), /rows/);
  assert.throws(() => syntheticSlices({ ...good, density: Number.NaN }), /density/);
  assert.throws(() => syntheticActive(4, 1.1, 1), /activation/);
});

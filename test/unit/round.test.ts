import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { midpoints } from '../../analyzers/kernels/assign.ts';
import { decode, valuesFor } from '../../analyzers/kernels/decode.ts';
import {
  floatGrid,
  integerGrid,
  roundIntervals,
  stepGrid,
  valuesGrid,
  type Grid,
} from '../../analyzers/kernels/round.ts';

/** Every finite value of a type of at most 16 bits, ascending. */
function allValues(
  dtype: 'f16' | 'bf16' | 'f8e4m3fn' | 'f8e5m2' | 'f8e4m3fnuz' | 'f8e5m2fnuz' | 'f8e8m0',
): Float64Array {
  const wide = dtype === 'f16' || dtype === 'bf16';
  const codes = Array.from({ length: wide ? 65_536 : 256 }, (_, code) => code);
  const bytes = Uint8Array.from(wide ? codes.flatMap((code) => [code & 255, code >> 8]) : codes);
  const values = valuesFor(dtype, codes.length);
  decode(dtype, bytes, values);
  return Float64Array.from(new Set(values.map((value) => value + 0)))
    .filter((value) => Number.isFinite(value))
    .toSorted();
}

for (const dtype of ['f16', 'bf16', 'f8e4m3fn', 'f8e5m2', 'f8e4m3fnuz', 'f8e5m2fnuz', 'f8e8m0'] as const)
  test(`${dtype}: what can be stored stays, everything else takes one of its neighbours, the nearer one`, () => {
    const values = allValues(dtype);
    const { round, smallest } = floatGrid(dtype);
    // Of the two zeros either will do: no codebook has one.
    const rounded = (value: number): number => round(value) + 0;
    for (const value of values) assert.equal(rounded(value), value);
    assert.equal(
      smallest,
      values.find((value) => value > 0),
    );
    for (let i = 1; i < values.length; i += 1) {
      const [low, high] = [values[i - 1]!, values[i]!];
      assert.equal(rounded(low + (high - low) * 0.49), low);
      assert.equal(rounded(low + (high - low) * 0.51), high);
      assert.ok([low, high].includes(rounded((low + high) / 2)));
    }
    assert.equal(rounded(1e300), values.at(-1));
  });

const roundCodebook = (centroids: Float64Array, grid: Grid): Float64Array =>
  roundIntervals(centroids, midpoints(centroids), grid).centroids;

test('halves and singles tie to even, as the machine rounds', () => {
  const half = floatGrid('f16');
  assert.equal(half.round(2049), 2048);
  assert.equal(half.round(2051), 2052);
  assert.equal(half.round(-2049), -2048);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -3e38, max: 3e38 }), (value) => {
      assert.equal(floatGrid('f32').round(value), Math.fround(value));
      assert.equal(floatGrid('f64').round(value), value);
    }),
  );
});

test('a codebook is stored ascending, without zero and without repeats', () => {
  const centroids = Float64Array.of(-1.2, -0.2, 0.1, 0.4, 1.1, 1.3);
  assert.deepEqual(Array.from(roundCodebook(centroids, integerGrid)), [-1, 1]);
  const tiny = roundCodebook(Float64Array.of(-1e-60, 1e-60), floatGrid('f32'));
  assert.deepEqual(Array.from(tiny), [-(2 ** -149), 2 ** -149]);
  const own = valuesGrid(Float64Array.of(-3, 1, 2, 8));
  assert.deepEqual(Array.from(roundCodebook(Float64Array.of(-9, 1.5, 1.6, 5, 5.1, 99), own)), [-3, 1, 2, 8]);
});

test('centroids of dequantised integers are whole steps that the type can hold, and none is zero', () => {
  const bytes = stepGrid(0.5, -100, 155, true);
  assert.deepEqual(
    Array.from(roundCodebook(Float64Array.of(-80, -0.1, 0.1, 0.8, 90), bytes)),
    [-50, -0.5, 0.5, 1, 77.5],
  );
  const unsigned = stepGrid(Math.fround(0.1), 0, 255, true);
  assert.deepEqual(Array.from(roundCodebook(Float64Array.of(0.01, 0.31), unsigned)), [
    Math.fround(0.1),
    Math.fround(0.3),
  ]);
});

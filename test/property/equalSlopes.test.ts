import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { equalSlopes, type DensityChoice } from '../../analyzers/kernels/equalSlopes.ts';

/** Convex curves: bits in proportion to density, distortion falling as a power of what is lost. */
const curve = fc
  .record({
    weights: fc.integer({ min: 100, max: 1_000_000 }),
    power: fc.double({ min: 1.5, max: 4, noNaN: true }),
    scale: fc.double({ min: 0.01, max: 10, noNaN: true }),
  })
  .map(({ weights, power, scale }): DensityChoice[] =>
    Array.from({ length: 20 }, (_, i) => {
      const density = (i + 1) / 20;
      return { density, bits: weights * density * 6, distortion: scale * (1 - density) ** power };
    }),
  );
const curves = fc.array(curve, { minLength: 1, maxLength: 6 });

/** Bits of a curve at any density between its ends. */
const bitsAt = (points: readonly DensityChoice[], density: number): number =>
  (points.at(-1)!.bits * density) / points.at(-1)!.density;

test('together the densities take the total, where the curves reach it', () => {
  fc.assert(
    fc.property(curves, fc.double({ min: 0.05, max: 1, noNaN: true }), (layers, share) => {
      const total = layers.reduce((sum, points) => sum + bitsAt(points, share), 0);
      const found = equalSlopes(layers, total);
      const taken = layers.reduce((sum, points, i) => sum + bitsAt(points, found[i]!), 0);
      assert.ok(Math.abs(taken - total) <= 1e-6 * total, `${taken.toString()} of ${total.toString()}`);
    }),
  );
});

test('layers with one curve get one density, and more is never less', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0.06, max: 0.98, noNaN: true }), (points, share) => {
      const all = equalSlopes([points, points, points], 3 * bitsAt(points, share));
      for (const density of all) assert.ok(Math.abs(density - share) < 1e-6);
      const [less] = equalSlopes([points], bitsAt(points, share * 0.9));
      assert.ok(less! <= all[0]! + 1e-9);
    }),
  );
});

test('an equal factor on all distortions changes nothing', () => {
  fc.assert(
    fc.property(curves, fc.integer({ min: -20, max: 20 }), (layers, power) => {
      const total = 0.4 * layers.reduce((sum, points) => sum + points.at(-1)!.bits, 0);
      const scaled = layers.map((points) =>
        points.map((point) => ({ ...point, distortion: point.distortion * 2 ** power })),
      );
      const [a, b] = [equalSlopes(layers, total), equalSlopes(scaled, total)];
      for (const [i, density] of a.entries()) assert.ok(Math.abs(density - b[i]!) < 1e-6);
    }),
  );
});

test('totals out of reach give the ends, and no layers give nothing', () => {
  const points = [
    { density: 0.1, bits: 10, distortion: 1 },
    { density: 0.5, bits: 50, distortion: 0.25 },
    { density: 1, bits: 100, distortion: 0 },
  ];
  assert.deepEqual(equalSlopes([points], 1), [0.1]);
  assert.deepEqual(equalSlopes([points], 1000), [1]);
  assert.deepEqual(equalSlopes([[points[1]!]], 10), [0.5]);
  assert.deepEqual(equalSlopes([], 10), []);
});

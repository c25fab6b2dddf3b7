import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { allocate, BudgetError } from '../../analyzers/kernels/budget.ts';
import { lowerHull, slope, undominated, type Choice } from '../../analyzers/kernels/hull.ts';

const choice = fc.record({
  bits: fc.integer({ min: 0, max: 5000 }),
  distortion: fc.oneof(fc.double({ min: 1e-9, max: 1, noNaN: true }), fc.integer({ min: 0, max: 3 })),
});
const choices = (least: number, most: number): fc.Arbitrary<Choice[]> =>
  fc.array(choice, { minLength: least, maxLength: most });
const threeByEight = fc.tuple(choices(8, 8), choices(8, 8), choices(8, 8));
const target = fc.integer({ min: 0, max: 15_000 });

/** Every way to choose. */
function bruteForce(layers: readonly (readonly Choice[])[], most: number): { best: number; least: number } {
  let best = Infinity;
  let least = Infinity;
  const visit = (layer: number, bits: number, distortion: number): void => {
    const own = layers[layer];
    if (own === undefined) {
      least = Math.min(least, bits);
      if (bits <= most) best = Math.min(best, distortion);
      return;
    }
    for (const each of own) visit(layer + 1, bits + each.bits, distortion + each.distortion);
  };
  visit(0, 0, 0);
  return { best, least };
}

test('three layers of eight choices: never above the target, and within 2 % of trying all', () => {
  fc.assert(
    fc.property(threeByEight, target, (layers, most) => {
      const { best, least } = bruteForce(layers, most);
      if (least > most) {
        assert.throws(
          () => allocate(layers, most),
          (error) => error instanceof BudgetError && error.least === least,
        );
        return;
      }
      const found = allocate(layers, most);
      const chosen = layers.map((own, layer) => own[found.places[layer]!]!);
      assert.equal(
        found.bits,
        chosen.reduce((sum, { bits }) => sum + bits, 0),
      );
      assert.ok(found.bits <= most);
      assert.equal(found.gap, most - found.bits);
      assert.ok(
        found.distortion <= best * 1.02 + 1e-12,
        `${found.distortion.toString()} of ${best.toString()}`,
      );
      assert.ok(found.bits >= found.least && found.least === least);
    }),
    { numRuns: 2000 },
  );
});

test('six layers of seven choices: the best of all', () => {
  fc.assert(
    fc.property(fc.array(choices(1, 7), { minLength: 6, maxLength: 6 }), target, (layers, most) => {
      const { best, least } = bruteForce(layers, most);
      fc.pre(least <= most);
      assert.ok(allocate(layers, most).distortion <= best + 1e-12);
    }),
    { numRuns: 30 },
  );
});

test('with room for the best of every layer nothing is traded', () => {
  fc.assert(
    fc.property(fc.array(choices(1, 8), { minLength: 1, maxLength: 5 }), (layers) => {
      const found = allocate(layers, 1e9);
      assert.equal(found.multiplier, null);
      const best = layers.map((own) => Math.min(...own.map(({ distortion }) => distortion)));
      assert.ok(Math.abs(found.distortion - best.reduce((sum, one) => sum + one, 0)) <= 1e-12);
      assert.equal(found.bits, found.most);
    }),
  );
});

test('an equal factor on all distortions, and the order of choices, change nothing', () => {
  fc.assert(
    fc.property(threeByEight, target, fc.integer({ min: -40, max: 40 }), (layers, most, power) => {
      fc.pre(bruteForce(layers, most).least <= most);
      const scaled = layers.map((own) =>
        own.map(({ bits, distortion }) => ({ bits, distortion: distortion * 2 ** power })),
      );
      assert.deepEqual(allocate(scaled, most).places, allocate(layers, most).places);
      const turned = layers.map((own) => own.toReversed());
      const off = allocate(turned, most).distortion - allocate(layers, most).distortion;
      assert.ok(Math.abs(off) <= 1e-12);
    }),
  );
});

test('what is left beside the hull costs at least the multiplier', () => {
  fc.assert(
    fc.property(choices(1, 30), (list) => {
      const places = undominated(list);
      const hull = lowerHull(list, places);
      assert.equal(hull[0], places[0]);
      assert.equal(hull.at(-1), places.at(-1));
      for (let i = 2; i < hull.length; i += 1)
        assert.ok(
          slope(list[hull[i - 2]!]!, list[hull[i - 1]!]!) > slope(list[hull[i - 1]!]!, list[hull[i]!]!),
        );
    }),
  );
});

test('a hundred layers of eighty choices end within a thousandth of the bound', () => {
  let state = 7;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const layers = Array.from({ length: 100 }, () => {
    const size = 10 ** (3 + 3 * random());
    return Array.from({ length: 80 }, (_, i) => ({
      bits: Math.round(size * (0.02 + i / 20) * (0.9 + 0.2 * random())),
      distortion: Math.exp(-i / 12) * (0.8 + 0.4 * random()),
    }));
  });
  const { least, most } = allocate(layers, 1e12);
  for (const share of [0.001, 0.01, 0.1, 0.5, 0.9]) {
    const at = Math.round(least + share * (most - least));
    const found = allocate(layers, at);
    const price = found.multiplier!;
    const priced = layers.map((own) => Math.min(...own.map((one) => one.distortion + price * one.bits)));
    const bound = priced.reduce((sum, one) => sum + one, 0) - price * at;
    assert.ok(found.bits <= at);
    assert.ok(found.distortion <= bound * 1.001, `${found.distortion.toString()}, bound ${bound.toString()}`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { combined, layerStatistics } from '../../analyzers/kernels/statistics.ts';
import { profileFigures, profileStatistic } from '../../analyzers/kernels/profile.ts';
import type { View } from '../../analyzers/model/layer.ts';
import { formOf } from '../../analyzers/model/view.ts';
import { colsOf, naiveProfile, product, rowsOf } from '../support/naiveProfile.ts';
import { rawTensor } from '../support/numbers.ts';
import { views } from '../support/views.ts';

/** Numbers of about 1, with everything that needs care: both zeros, subnormals, NaN, infinities. */
const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4096, max: 4096 }).map((i) => i / 4095) },
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-0, 2 ** -149, -(2 ** -140), 1, -1) },
);
const anyNumber = fc.oneof(
  { weight: 30, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);

interface Case {
  readonly view: View;
  readonly values: Float32Array | Float64Array;
  /** Places at which the layer is cut. */
  readonly cuts: readonly number[];
}

const cases = (numbers: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
  views(6).chain((view) => {
    const count = product(view.shape);
    return fc.record({
      view: fc.constant(view),
      values: fc
        .tuple(fc.array(numbers, { minLength: count, maxLength: count }), fc.boolean())
        .map(([all, wide]) => (wide ? Float64Array.from(all) : Float32Array.from(all))),
      cuts: fc
        .array(fc.integer({ min: 0, max: count }), { maxLength: 5 })
        .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), count]),
    });
  });

const formFor = (view: View) => formOf({ view, weight: rawTensor('f32', view.shape, 0) });

/** States are equal but for the last bits of sums: numbers here are about 1 and a few hundred. */
function assertAlike(a: unknown, b: unknown, where: string): void {
  if (typeof a === 'number' && typeof b === 'number') {
    if (!Object.is(a, b) && !(Math.abs(a - b) <= 1e-10)) assert.fail(`${where}: ${a} and ${b}`);
  } else if (a instanceof Map && b instanceof Map) {
    assert.deepEqual(new Set(a.keys()), new Set(b.keys()), where);
    for (const [key, value] of a) assertAlike(value, b.get(key), `${where}.${String(key)}`);
  } else if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [a, b] as unknown as [ArrayLike<number>, ArrayLike<number>];
    assert.equal(x.length, y.length, where);
    for (let i = 0; i < x.length; i += 1) if (x[i] !== y[i]) assertAlike(x[i], y[i], `${where}[${i}]`);
  } else if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    assert.deepEqual(Object.keys(a), Object.keys(b), where);
    for (const [key, value] of Object.entries(a))
      assertAlike(value, (b as Record<string, unknown>)[key], `${where}.${key}`);
  } else assert.equal(a, b, where);
}

test('every statistic, split anywhere and merged in order, is that of the whole layer', () => {
  fc.assert(
    fc.property(cases(anyNumber), ({ view, values, cuts }) => {
      const shape = { rows: rowsOf(view), cols: colsOf(view) };
      for (const [name, statistic] of Object.entries(layerStatistics(formFor(view)))) {
        const one = combined({ [name]: statistic });
        const whole = one.empty(shape);
        one.add(whole, values, 0);
        const part = (i: number) => {
          const state = one.empty(shape);
          one.add(state, values.subarray(cuts[i], cuts[i + 1]), cuts[i]!);
          return state;
        };
        const parts = cuts.slice(1).map((_, i) => i);
        // From the left, and from the right: merging is associative.
        const left = parts.map(part).reduce((a, b) => one.merge(a, b), one.empty(shape));
        const right = parts.map(part).reduceRight((b, a) => one.merge(a, b), one.empty(shape));
        assertAlike(left, whole, name);
        assertAlike(right, whole, name);
        // And without merging: chunk after chunk into one state.
        const streamed = one.empty(shape);
        for (const i of parts) one.add(streamed, values.subarray(cuts[i], cuts[i + 1]), cuts[i]!);
        assertAlike(streamed, whole, name);
      }
    }),
    { numRuns: 100 },
  );
});

test('the profile is what its definitions say, for any view', () => {
  fc.assert(
    fc.property(cases(anyNumber), ({ view, values }) => {
      const form = formFor(view);
      const statistic = profileStatistic(form);
      const state = statistic.empty({ rows: rowsOf(view), cols: colsOf(view) });
      statistic.add(state, values, 0);
      const { histogram, nm, ...figures } = profileFigures(state, form);
      const { twoOfFour, ...expected } = naiveProfile(view, [...values]);
      assertAlike(figures, expected, 'profile');
      const told = nm['2:4'];
      if (twoOfFour === null) assert.deepEqual(nm, { '2:4': null });
      else assert.deepEqual(told, { ...twoOfFour, axis: view.reductionAxis });
      const counted = histogram?.counts.reduce((a, b) => a + b, 0) ?? 0;
      assert.equal(counted, values.length - expected.zeros - expected.nonFinite);
    }),
    { numRuns: 300 },
  );
});

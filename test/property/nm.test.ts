import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nmStatistic } from '../../analyzers/kernels/nm.ts';
import { naiveNm, product } from '../support/naiveProfile.ts';

const shape = { rows: 1, cols: 1 };

/** Violations of a tensor of this shape along one axis, streamed in chunks of `chunk`. */
function violations(
  sizes: readonly number[],
  axis: number,
  pattern: { n: number; m: number },
  values: Float32Array,
  chunk: number,
): number {
  const inner = product(sizes.slice(axis + 1));
  const statistic = nmStatistic(pattern, { size: sizes[axis]!, inner });
  const state = statistic.empty(shape);
  for (let at = 0; at < values.length; at += chunk) statistic.add(state, values.subarray(at, at + chunk), at);
  assert.equal(state.open.size, 0, 'no group is left half counted');
  return state.violations;
}

test('any pattern along any axis counts the groups that a walk along it finds, however it is streamed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(),
      fc.integer({ min: 1, max: 50 }),
      fc.integer(),
      (sizes, at, m, n, chunk, seed) => {
        const axis = at % sizes.length;
        const pattern = { n: n % m, m };
        const values = Float32Array.from({ length: product(sizes) }, (_, i) =>
          Math.imul(i + seed, 2_654_435_761) >>> 31 === 0 ? 0 : 1,
        );
        const rest = [...sizes.keys()].filter((a) => a !== axis);
        const view = { shape: sizes, rowAxes: rest, colAxes: [axis], reductionAxis: axis, positions: 1 };
        const expected = naiveNm(view, [...values], pattern.n, m);
        assert.equal(violations(sizes, axis, pattern, values, chunk), expected?.violations);
      },
    ),
    { numRuns: 300 },
  );
});

test('a convolution groups input channels at one kernel position, never the positions of one channel', () => {
  // One output, four input channels of 3 x 3; only the middle position is full.
  const values = Float32Array.from({ length: 36 }, (_, i) => (i % 9 === 4 ? 1 : 0));
  assert.equal(violations([1, 4, 3, 3], 1, { n: 2, m: 4 }, values, 36), 1);
  const oneChannel = Float32Array.from({ length: 36 }, (_, i) => (i < 9 ? 1 : 0));
  assert.equal(violations([1, 4, 3, 3], 1, { n: 2, m: 4 }, oneChannel, 36), 0);
});

test('a group never reaches into the next row', () => {
  // Rows of six: one group each, and two left over.
  const values = Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0);
  assert.equal(violations([2, 6], 1, { n: 2, m: 4 }, values, 12), 0);
});

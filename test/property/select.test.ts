import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { findKept, keptRange } from '../../analyzers/kernels/kept.ts';
import { addNorms, emptyNorms } from '../../analyzers/kernels/norms.ts';
import { addRanks, narrowRank, searchRank } from '../../analyzers/kernels/select.ts';

type Values = Float32Array | Float64Array;

const special = [0, -0, NaN, Infinity, -Infinity, 2 ** -149, -(2 ** -149), 1, -1, 1.5];
const singles = fc
  .array(fc.oneof(fc.float(), fc.constantFrom(...special)), { maxLength: 80 })
  .map((list) => Float32Array.from(list));
const doubles = fc
  .array(fc.oneof(fc.double(), fc.constantFrom(...special, 1 + 2 ** -52, 5e-324)), { maxLength: 80 })
  .map((list) => Float64Array.from(list));

/** The twin: sort the finite magnitudes. */
function largest(values: Values, rank: number): { magnitude: number; ties: number } {
  const sorted = Array.from(values, Math.abs)
    .filter((value) => Number.isFinite(value))
    .toSorted((a, b) => b - a);
  const magnitude = sorted[rank - 1] ?? 0;
  return { magnitude, ties: rank > sorted.length ? 0 : sorted.filter((value) => value === magnitude).length };
}

function counted(values: Values, rank: number, chunk: number): { magnitude: number; ties: number } {
  const search = searchRank(rank);
  for (;;) {
    for (let from = 0; from < values.length; from += chunk)
      addRanks(search, values.subarray(from, from + chunk));
    const step = narrowRank(search);
    if (step.done) return { magnitude: step.magnitude, ties: step.ties };
  }
}

test('counting finds the same K-th largest magnitude as sorting, ties and all', () => {
  fc.assert(
    fc.property(fc.oneof(singles, doubles), fc.integer({ min: 1, max: 90 }), (values, rank) => {
      fc.pre(values.length > 0);
      assert.deepEqual(counted(values, rank, 7), largest(values, rank));
    }),
  );
});

test('a mask keeps exactly the finite non-zeros of at least the threshold', () => {
  const thresholds = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constantFrom(0, 1, 1e-46, 3.5e38, null));
  fc.assert(
    fc.property(fc.oneof(singles, doubles), thresholds, (values, threshold) => {
      const positions = new Uint32Array(values.length);
      const count = findKept(values, keptRange(threshold), positions);
      const kept = (value: number): boolean =>
        Number.isFinite(value) && value !== 0 && Math.abs(value) >= (threshold ?? 0);
      const wanted = Array.from(values.keys()).filter((i) => kept(values[i]!));
      assert.deepEqual(Array.from(positions.subarray(0, count)), wanted);
    }),
  );
});

const sum = (of: number[]): number => of.reduce((total, value) => total + value * value, 0);

test('energy is split between kept and lost weights; what is not finite is in neither', () => {
  const small = fc.array(
    fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(NaN, Infinity, -Infinity)),
  );
  fc.assert(
    fc.property(small, fc.integer({ min: 0, max: 10 }), fc.boolean(), (list, threshold, single) => {
      const values = single ? Float32Array.from(list) : Float64Array.from(list);
      const energy = emptyNorms();
      addNorms(energy, { kind: 'range', range: keptRange(threshold) }, values, 0);
      const finite = list.filter((value) => Number.isFinite(value));
      assert.equal(energy.kept, sum(finite.filter((value) => Math.abs(value) >= threshold)));
      assert.equal(energy.lost, sum(finite.filter((value) => Math.abs(value) < threshold)));
    }),
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sweepsOf } from '../../analyzers/analyses/sweeps.ts';
import { thresholdOf, thresholdsFor } from '../../analyzers/analyses/threshold.ts';
import { findKept, keptRange } from '../../analyzers/kernels/kept.ts';
import { addNorms, emptyNorms } from '../../analyzers/kernels/norms.ts';
import { addRanks, narrowRank, searchRank } from '../../analyzers/kernels/select.ts';
import { addRanksOfAll, narrowRanks, searchRanks, type Ranked } from '../../analyzers/kernels/selectMany.ts';
import { passOf } from '../support/layerFixture.ts';

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

test('a whole list of ranks is found in the passes of one, each as sorting finds it', () => {
  const ranks = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(singles, doubles), ranks, (values, wanted) => {
      fc.pre(values.length > 0);
      const search = searchRanks(wanted);
      let passes = 0;
      let ends: readonly Ranked[] | null = null;
      while (ends === null) {
        for (let from = 0; from < values.length; from += 7)
          addRanksOfAll(search, values.subarray(from, from + 7));
        passes += 1;
        ends = narrowRanks(search);
      }
      assert.ok(passes <= (values instanceof Float32Array ? 2 : 4));
      const finite = Array.from(values, Math.abs).filter((value) => Number.isFinite(value));
      for (const [i, rank] of wanted.entries()) {
        const { magnitude, ties, above }: Ranked = ends[i]!;
        assert.deepEqual({ magnitude, ties }, largest(values, rank));
        const larger = finite.filter((value) => value > magnitude).length;
        assert.equal(above, rank > finite.length ? above : larger);
      }
    }),
    { numRuns: 300 },
  );
});

test('thresholds for a list of densities are those of each density alone, in the same number of passes', async () => {
  const { signal } = new AbortController();
  const densities = [0, 0.02, 0.1, 0.25, 0.5, 0.51, 0.9, 1];
  await fc.assert(
    fc.asyncProperty(fc.oneof(singles, doubles), async (values) => {
      fc.pre(values.length > 0);
      const finite = Array.from(values, Math.abs).filter((value) => Number.isFinite(value));
      const scored = {
        zeros: finite.filter((value) => value === 0).length,
        nonFinite: values.length - finite.length,
        most: Math.max(0, ...finite),
        stdNonZero: 0,
      };
      let passes = 0;
      const sweep = sweepsOf(
        (stop) => {
          passes += 1;
          return passOf(values, 9)(stop);
        },
        values.length,
        4,
        { signal, progress: () => {} },
      );
      const all = await thresholdsFor(densities, values.length, scored, sweep);
      assert.ok(passes <= (values instanceof Float32Array ? 2 : 4));
      for (const [i, density] of densities.entries())
        assert.equal(
          all[i],
          await thresholdOf({ kind: 'density', density }, values.length, scored, sweep),
          density.toString(),
        );
    }),
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { eieCycles, type Slices } from '../../analyzers/kernels/eieCycles.ts';
import { eieTicks } from '../support/eieTicks.ts';

interface Case {
  readonly name: string;
  readonly pes: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly weightPermille: number;
  readonly actPermille: number;
  readonly seed: number;
  readonly active: number;
  readonly paddingZeros: number;
  readonly entries: number;
  readonly activeEntries: number;
  readonly matrixReads: number;
  readonly pointerReads: number;
  readonly cyclesByRing: Readonly<Record<string, number>>;
}
const { cases } = JSON.parse(readFileSync('test/golden/eie/smallCases.json', 'utf8')) as { cases: Case[] };

/** x = 1103515245 x + 12345 modulo 2^31; a draw is the upper half modulo 1000. */
function draws(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(1_103_515_245, x) + 12_345) & 0x7fffffff;
    return (x >> 16) % 1000;
  };
}

/** Entries of each slice with 4-bit runs: a padding zero stands for every sixteenth zero of a longer run. */
function slicesOf({ pes, inputs, outputs, weightPermille, actPermille, seed }: Case) {
  const draw = draws(seed);
  const entries = new Uint32Array((inputs + 1) * pes);
  const last = new Int32Array(inputs * pes).fill(-1);
  let padding = 0;
  for (let row = 0; row < outputs; row += 1)
    for (let col = 0; col < inputs; col += 1) {
      if (draw() >= weightPermille) continue;
      const slice = col * pes + (row % pes);
      const place = Math.floor(row / pes);
      const pads = Math.floor((place - last[slice]! - 1) / 16);
      padding += pads;
      entries[slice]! += 1 + pads;
      last[slice] = place;
    }
  const active: number[] = [];
  for (let col = 0; col < inputs; col += 1) if (draw() < actPermille) active.push(col);
  const slices: Slices = { pes, cols: inputs + 1, entries };
  return { slices, active, padding };
}

for (const one of cases)
  test(`${one.name}: entries, reads and cycles are those of the authors' simulator, for every ring buffer`, () => {
    const { slices, active, padding } = slicesOf(one);
    const bias = Math.ceil(one.inputs / one.pes) * one.pes;
    assert.equal(active.length, one.active);
    assert.equal(padding, one.paddingZeros);
    assert.equal(
      slices.entries.reduce((a, b) => a + b, 0),
      one.entries,
    );
    const columns = Uint32Array.of(...active, one.inputs);
    for (const [ring, cycles] of Object.entries(one.cyclesByRing)) {
      const run = eieCycles(slices, columns, { ring: Number(ring), entriesPerRead: 8 }, (column) =>
        column === one.inputs ? bias : column,
      );
      assert.equal(run.cycles, cycles, `ring ${ring}`);
      assert.equal(run.activeEntries, one.activeEntries);
      assert.equal(run.matrixReads, one.matrixReads);
      assert.equal(run.pointerReads, one.pointerReads);
      assert.equal(
        run.work.reduce((a, b) => a + b, 0),
        one.activeEntries,
      );
    }
  });

test('the recurrence is the machine ticked cycle by cycle', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.constantFrom(0.05, 0.3, 0.9),
      (pes, cols, ring, seed, density) => {
        const draw = draws(seed);
        const entries = Uint32Array.from({ length: cols * pes }, () =>
          draw() < 1000 * density ? draw() % 7 : 0,
        );
        const active = Array.from({ length: cols }, (_, col) => col).filter(() => draw() < 600);
        if (active.length === 0) active.push(cols - 1);
        const run = eieCycles({ pes, cols, entries }, Uint32Array.from(active), { ring, entriesPerRead: 8 });
        const ticks = eieTicks({ pes, cols, entries }, active, active, ring);
        const empty = entries
          .subarray(active.at(-1)! * pes, (active.at(-1)! + 1) * pes)
          .every((n) => n === 0);
        assert.equal(run.cycles - (empty ? 5 : 6), ticks);
      },
    ),
    { numRuns: 300 },
  );
});

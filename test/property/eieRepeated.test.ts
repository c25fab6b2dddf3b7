import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { eieCycles } from '../../analyzers/kernels/eieCycles.ts';
import { eieRepeated } from '../../analyzers/kernels/eieRepeated.ts';
import { seeded } from '../support/layerFixture.ts';

test('products one behind the other take what the recurrence over all their columns takes', () => {
  fc.assert(
    fc.property(
      fc.record({
        pes: fc.constantFrom(1, 2, 3, 4, 8),
        cols: fc.integer({ min: 1, max: 20 }),
        products: fc.integer({ min: 1, max: 40 }),
        ring: fc.integer({ min: 2, max: 9 }),
        entriesPerRead: fc.constantFrom(1, 3, 8),
        most: fc.integer({ min: 0, max: 6 }),
        share: fc.constantFrom(0, 0.2, 0.7, 1),
        bias: fc.boolean(),
        seed: fc.integer({ min: 1, max: 1 << 30 }),
      }),
      ({ pes, cols, products, ring, entriesPerRead, most, share, bias, seed }) => {
        const draw = seeded(seed);
        const all = bias ? cols + 1 : cols;
        const entries = Uint32Array.from({ length: all * pes }, (_, i) =>
          bias && i >= cols * pes ? 0 : Math.floor(draw() * (most + 1)),
        );
        const active = [...Array(cols).keys()].filter(() => draw() < share);
        if (bias) active.push(cols);
        const behind = Math.ceil(cols / pes) * pes;
        const length = bias ? behind + pes : behind;
        const columnAt = (column: number): number => (column === cols ? behind : column);
        const machine = { ring, entriesPerRead };
        const { exact, ...got } = eieRepeated(
          { pes, cols: all, entries },
          Uint32Array.from(active),
          machine,
          {
            products,
            length,
            columnAt,
          },
        );
        const many = new Uint32Array(products * all * pes);
        for (let i = 0; i < products; i += 1) many.set(entries, i * all * pes);
        const columns = Uint32Array.from(
          [...Array(products).keys()].flatMap((i) => active.map((column) => i * all + column)),
        );
        const whole = eieCycles({ pes, cols: products * all, entries: many }, columns, machine, (column) => {
          const own = column % all;
          return ((column - own) / all) * length + columnAt(own);
        });
        assert.ok(exact);
        assert.equal(got.cycles, whole.cycles);
        assert.equal(got.activeEntries, whole.activeEntries);
        assert.equal(got.pointerReads, whole.pointerReads);
        assert.deepEqual(got.work, whole.work);
        assert.deepEqual(got.starved, whole.starved);
        // The weights are read from their first word again at each product.
        if (products === 1) assert.equal(got.matrixReads, whole.matrixReads);
      },
    ),
    { numRuns: 400 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addUnitCounts,
  emptyUnitCounts,
  largestBorderLoss,
  type UnitQuery,
} from '../../analyzers/kernels/unitCounts.ts';
import { axisMapOf } from '../../analyzers/model/view.ts';

/** A convolution's weight as stored, some of it 0, and what is asked of it. */
const convolutions = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    channels: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 3 }),
    chunk: fc.integer({ min: 1, max: 40 }),
  })
  .chain((sizes) => {
    const { rows, channels, height, width } = sizes;
    const some = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -3, max: 3 }));
    return fc.record({
      sizes: fc.constant(sizes),
      values: fc.array(fc.integer({ min: -2, max: 2 }), {
        minLength: rows * channels * height * width,
        maxLength: rows * channels * height * width,
      }),
      constants: fc.array(some, { minLength: channels, maxLength: channels }),
      edges: fc.array(some, { minLength: channels, maxLength: channels }),
      removed: fc.array(fc.constantFrom(0, 1), { minLength: rows, maxLength: rows }),
    });
  });

test('counts of units are those of a plain loop, however the layer is cut into chunks', () => {
  fc.assert(
    fc.property(convolutions, ({ sizes, values, constants, edges, removed }) => {
      const { rows, channels, height, width, chunk } = sizes;
      const positions = height * width;
      const query: UnitQuery = {
        channels,
        positions,
        depthwise: false,
        hidden: null,
        constants: Float64Array.from(constants),
        edges: Float64Array.from(edges),
        moves: null,
        removed: Uint8Array.from(removed),
      };
      const map = axisMapOf({
        shape: [rows, channels, height, width],
        rowAxes: [0],
        colAxes: [1, 2, 3],
        reductionAxis: 1,
        positions,
      });
      const counts = emptyUnitCounts(rows, query);
      for (let first = 0; first < values.length; first += chunk)
        addUnitCounts(counts, map, query, Float32Array.from(values.slice(first, first + chunk)), first);
      const naive = emptyUnitCounts(rows, query);
      for (let row = 0; row < rows; row += 1)
        for (let channel = 0; channel < channels; channel += 1)
          for (let position = 0; position < positions; position += 1) {
            const weight = values[(row * channels + channel) * positions + position]!;
            if (weight === 0) continue;
            naive.rowWeights[row]! += 1;
            naive.channelWeights[channel]! += 1;
            if (removed[row] === 0) naive.channelKept[channel]! += 1;
            if (Number.isNaN(constants[channel]!)) naive.rowKept[row]! += 1;
            else naive.folded![row]! += weight * constants[channel]!;
            if (!Number.isNaN(edges[channel]!))
              naive.edges![row * positions + position]! += weight * edges[channel]!;
          }
      assert.deepEqual(counts, naive);
    }),
  );
});

/** Whether some place has the last kernel position within. */
const sees = (list: readonly (readonly [number, number])[]): boolean => list.some(([, end]) => end === 3);

test('what borders lose is the most that any output place of a padded convolution loses', () => {
  const extents = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      fc.record({
        height: extents,
        width: extents,
        pad: fc.integer({ min: 0, max: 2 }),
        seed: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 18, maxLength: 18 }),
      }),
      ({ height, width, pad, seed }) => {
        // Two rows of a 3 x 3 kernel over ones, padded alike on all sides; places in which it lies partly within.
        const inside = (at: number, extent: number, k: number): boolean =>
          at + k - pad >= 0 && at + k - pad < extent;
        const runs = (extent: number) =>
          Array.from({ length: Math.max(0, extent + 2 * pad - 2) }, (_, at) => {
            const within = [0, 1, 2].filter((k) => inside(at, extent, k));
            return [within[0] ?? 3, (within.at(-1) ?? 2) + 1] as const;
          });
        const [down, along] = [runs(height), runs(width)];
        fc.pre(sees(down) && sees(along));
        let most = 0;
        for (let row = 0; row < 2; row += 1)
          for (let y = 0; y < down.length; y += 1)
            for (let x = 0; x < along.length; x += 1) {
              let lost = 0;
              for (let k = 0; k < 9; k += 1)
                if (!inside(y, height, Math.floor(k / 3)) || !inside(x, width, k % 3))
                  lost += seed[row * 9 + k]!;
              most = Math.max(most, Math.abs(lost));
            }
        assert.equal(largestBorderLoss(Float64Array.from(seed), 9, [down, along]), most);
      },
    ),
  );
});

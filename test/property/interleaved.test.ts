import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  addInterleaved,
  decodeInterleaved,
  emptyInterleaved,
  encodeInterleaved,
  interleavedSize,
  type Interleaving,
} from '../../analyzers/kernels/interleaved.ts';
import { axisMapOf } from '../../analyzers/model/view.ts';
import type { View } from '../../analyzers/model/layer.ts';
import { seeded } from '../support/layerFixture.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  cols: fc.integer({ min: 1, max: 12 }),
  pes: fc.constantFrom(1, 2, 4, 7, 64),
  width: fc.constantFrom(1, 2, 4, 8),
  density: fc.constantFrom(0, 0.03, 0.1, 0.5, 1),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
});

function matrix(rows: number, cols: number, density: number, seed: number, codeBits: number): Uint32Array {
  const draw = seeded(seed);
  return Uint32Array.from({ length: rows * cols }, () =>
    draw() < density ? 1 + Math.floor(draw() * (2 ** codeBits - 1)) : 0,
  );
}

/** Column by column and PE by PE, as the paper tells it. */
function naive(codes: Uint32Array, { rows, cols, pes, width }: Interleaving): [number, number, number] {
  let entries = 0;
  let padding = 0;
  let most = 0;
  for (let pe = 0; pe < pes; pe += 1) {
    const before = entries + padding;
    for (let col = 0; col < cols; col += 1) {
      let zeros = 0;
      for (let row = pe; row < rows; row += pes) {
        if (codes[row * cols + col] === 0) {
          zeros += 1;
          continue;
        }
        for (; zeros >= 2 ** width; zeros -= 2 ** width) padding += 1;
        entries += 1;
        zeros = 0;
      }
    }
    most = Math.max(most, entries + padding - before);
  }
  return [entries + padding, padding, most];
}

/** The matrix as some stored tensor, and the view that reads it as that matrix again. */
function storedAs(
  how: 'rows' | 'columns' | 'groups',
  codes: Uint32Array,
  rows: number,
  cols: number,
): { view: View; stored: Uint32Array } {
  const place = { reductionAxis: null, positions: 1 };
  if (how === 'rows')
    return { view: { shape: [rows, cols], rowAxes: [0], colAxes: [1], ...place }, stored: codes };
  if (how === 'columns') {
    const stored = Uint32Array.from(codes, (_, i) => codes[(i % rows) * cols + Math.floor(i / rows)]!);
    return { view: { shape: [cols, rows], rowAxes: [1], colAxes: [0], ...place }, stored };
  }
  // Two groups, whose channels lie [group, column, output of the group].
  const each = rows / 2;
  const stored = Uint32Array.from(codes, (_, i) => {
    const group = Math.floor(i / (each * cols));
    const col = Math.floor(i / each) % cols;
    return codes[(group * each + (i % each)) * cols + col]!;
  });
  return { view: { shape: [2, cols, each], rowAxes: [0, 2], colAxes: [1], ...place }, stored };
}

function counted(
  view: View,
  stored: Uint32Array,
  of: Interleaving,
  chunk: number,
): ReturnType<typeof interleavedSize> {
  const map = axisMapOf(view);
  const counts = emptyInterleaved(of);
  for (let first = 0; first < stored.length; first += chunk) {
    const part = stored.subarray(first, first + chunk);
    const positions = Uint32Array.from(
      Array.from(part.keys()).filter((i) => part[i] !== 0),
      (i) => i,
    );
    addInterleaved(counts, map, positions, positions.length, first, part.length);
  }
  const perPe = counts.pePadding.reduce((sum, pads) => sum + pads, 0);
  assert.equal(perPe, counts.padding, 'every padding entry is of a PE');
  return interleavedSize(counts, 5);
}

test('entries and padding counted in storage order are those of walking every PE and column', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom('rows' as const, 'columns' as const, 'groups' as const),
      fc.integer({ min: 1, max: 90 }),
      ({ rows: some, cols, pes, width, density, seed }, how, chunk) => {
        const rows = how === 'groups' ? 2 * some : some;
        const of = { rows, cols, pes, width };
        const codes = matrix(rows, cols, density, seed, 5);
        const { view, stored } = storedAs(how, codes, rows, cols);
        const [entries, padding, most] = naive(codes, of);
        assert.deepEqual(counted(view, stored, of, chunk), {
          entries,
          padding,
          most,
          entryBits: entries * (5 + width),
          pointerBits: (cols + 1) * pes * 16,
        });
      },
    ),
    { numRuns: 300 },
  );
});

test('the streams of the PEs decode to the matrix, in as many bits as are counted', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: 1, max: 8 }),
      ({ rows, cols, pes, width, density, seed }, codeBits) => {
        const of = { rows, cols, pes, width };
        const codes = matrix(rows, cols, density, seed, codeBits);
        const streams = encodeInterleaved(codes, of, codeBits);
        assert.deepEqual(decodeInterleaved(streams, of, codeBits), codes);
        const [entries] = naive(codes, of);
        assert.equal(
          streams.reduce((sum, { pointers }) => sum + pointers[cols]!, 0),
          entries,
        );
        for (const { entries: bytes, pointers } of streams)
          assert.equal(bytes.length, Math.ceil((pointers[cols]! * (codeBits + width)) / 8));
      },
    ),
    { numRuns: 200 },
  );
});

test('a run of exactly 2^width zeros takes one padding entry, one less takes none, and trailing zeros take nothing', () => {
  for (const [zeros, padding] of [
    [15, 0],
    [16, 1],
    [31, 1],
    [32, 2],
  ] as const) {
    const rows = zeros + 4;
    const codes = new Uint32Array(rows);
    codes[zeros] = 3;
    const of = { rows, cols: 1, pes: 1, width: 4 };
    assert.equal(counted(storedAs('rows', codes, rows, 1).view, codes, of, 7)!.padding, padding);
    assert.deepEqual(decodeInterleaved(encodeInterleaved(codes, of, 2), of, 2), codes);
  }
});

test('rows that do not come in order are not counted', () => {
  const view: View = { shape: [2, 2], rowAxes: [1, 0], colAxes: [], reductionAxis: null, positions: 1 };
  const of = { rows: 4, cols: 1, pes: 1, width: 4 };
  assert.equal(counted(view, Uint32Array.of(1, 1, 1, 1), of, 4), null);
});

test('more entries of a PE than its pointers can say are refused', () => {
  const of = { rows: 1 << 16, cols: 1, pes: 1, width: 4 };
  assert.throws(() => encodeInterleaved(new Uint32Array(1 << 16).fill(1), of, 4), RangeError);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { tileOf } from '../../analyzers/analyses/tile.ts';
import { keptRange } from '../../analyzers/kernels/kept.ts';
import type { Mask } from '../../analyzers/kernels/mask.ts';
import type { Layer, View } from '../../analyzers/model/layer.ts';
import type { Tile, TileWindow } from '../../analyzers/report/tile.ts';
import { denseLayer, normals, passOf } from '../support/layerFixture.ts';

const signal = new AbortController().signal;

const atLeast = (threshold: number | null): Mask => ({ kind: 'range', range: keptRange(threshold) });

/** 6 x 8 with magnitudes 1 to 48 row by row. */
const ramp = Float32Array.from({ length: 48 }, (_, i) => (i % 2 === 0 ? i + 1 : -(i + 1)));
const tile = (
  window: TileWindow,
  threshold: number | null = null,
  layer: Layer = denseLayer(6, 8),
): Promise<Tile> => tileOf(layer, window, atLeast(threshold), passOf(ramp, 7), signal);

test('a cell is the share of kept weights in its rows and columns', async () => {
  const { density, rowDensity, colDensity, values } = await tile(
    { rows: [0, 6], cols: [0, 8], width: 2, height: 3 },
    21,
  );
  // Rows 0 and 1 hold 1 to 16, rows 2 and 3 hold 17 to 32: 21 to 32 are kept.
  assert.deepEqual(Array.from(density), [0, 0, 0.5, 1, 1, 1]);
  assert.deepEqual(Array.from(rowDensity), [0, 0.75, 1]);
  assert.deepEqual(Array.from(colDensity), [0.5, Math.fround(2 / 3)]);
  assert.equal(values, null);
});

test('a tile of single weights tells them, signs and all', async () => {
  const { density, values } = await tile({ rows: [2, 4], cols: [3, 6], width: 3, height: 2 }, 22);
  assert.deepEqual(Array.from(values!), [-20, 21, -22, -28, 29, -30]);
  assert.deepEqual(Array.from(density), [0, 0, 1, 1, 1, 1]);
});

test('more cells than weights show neighbours of the same weight', async () => {
  const { density, values } = await tile({ rows: [0, 1], cols: [0, 2], width: 6, height: 2 }, 2);
  assert.deepEqual(Array.from(values!), [1, 1, 1, -2, -2, -2, 1, 1, 1, -2, -2, -2]);
  assert.deepEqual(Array.from(density.subarray(0, 6)), [0, 0, 0, 1, 1, 1]);
});

test('a window outside the layer, or without cells, is refused', async () => {
  for (const window of [
    { rows: [0, 7], cols: [0, 8], width: 1, height: 1 },
    { rows: [3, 3], cols: [0, 8], width: 1, height: 1 },
    { rows: [0, 6], cols: [-1, 8], width: 1, height: 1 },
    { rows: [0, 6], cols: [0, 8], width: 0, height: 1 },
  ] as const)
    await assert.rejects(tile(window), RangeError);
});

test('a picture of a mask of bits counts its bits, wherever a chunk begins', async () => {
  // Every third weight of 6 x 8.
  const bits = new Uint32Array(2);
  for (let i = 0; i < 48; i += 3) bits[i >> 5]! |= 1 << (i & 31);
  const window = { rows: [1, 3], cols: [0, 8], width: 8, height: 2 } as const;
  const { density } = await tileOf(denseLayer(6, 8), window, { kind: 'bits', bits }, passOf(ramp, 7), signal);
  assert.deepEqual(
    Array.from(density),
    Array.from({ length: 16 }, (_, i) => ((i + 8) % 3 === 0 ? 1 : 0)),
  );
});

test('an abort ends the pass', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const window = { rows: [0, 6], cols: [0, 8], width: 2, height: 2 } as const;
  await assert.rejects(
    tileOf(denseLayer(6, 8), window, atLeast(null), passOf(ramp), controller.signal),
    /enough/,
  );
});

const range = (n: number): fc.Arbitrary<[number, number]> =>
  fc
    .tuple(fc.nat({ max: n - 1 }), fc.integer({ min: 1, max: n }))
    .map(([from, length]) => [from, Math.min(n, from + length)]);

const bands = (from: number, to: number, cells: number): number[][] => {
  const count = Math.min(to - from, cells);
  return Array.from({ length: cells }, (_, cell) => {
    const band = Math.floor(((cell + 0.5) * count) / cells);
    return Array.from({ length: to - from }, (__, i) => i)
      .filter((i) => Math.floor((i * count) / (to - from)) === band)
      .map((i) => i + from);
  });
};

test('any window at any size has the shares of a naive count, in any storage order', async () => {
  // 12 x 20 stored as it is, transposed, and as 4 groups of columns before the rows.
  const views: readonly { view: View; at: (row: number, col: number) => number }[] = [
    {
      view: { shape: [12, 20], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 },
      at: (row, col) => row * 20 + col,
    },
    {
      view: { shape: [20, 12], rowAxes: [1], colAxes: [0], reductionAxis: 0, positions: 1 },
      at: (row, col) => col * 12 + row,
    },
    {
      view: { shape: [4, 12, 5], rowAxes: [1], colAxes: [0, 2], reductionAxis: 0, positions: 5 },
      at: (row, col) => Math.floor(col / 5) * 60 + row * 5 + (col % 5),
    },
  ];
  const values = normals(240, 21).map((value, i) => (i % 7 === 0 ? Number.NaN : value));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...views),
      range(12),
      range(20),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 250 }),
      async ({ view, at }, rows, cols, width, height, chunk) => {
        const layer = denseLayer(12, 20, { view });
        const got = await tileOf(
          layer,
          { rows, cols, width, height },
          atLeast(0.5),
          passOf(values, chunk),
          signal,
        );
        const share = (someRows: number[], someCols: number[]): number => {
          const all = someRows.flatMap((row) => someCols.map((col) => values[at(row, col)]!));
          return Math.fround(all.filter((value) => Math.abs(value) >= 0.5).length / all.length);
        };
        const rowBands = bands(rows[0], rows[1], height);
        const colBands = bands(cols[0], cols[1], width);
        const wanted = rowBands.flatMap((r) => colBands.map((c) => share(r, c)));
        assert.deepEqual(Array.from(got.density), wanted);
        const allRows = rowBands.flat().filter((row, i, list) => list.indexOf(row) === i);
        const allCols = colBands.flat().filter((col, i, list) => list.indexOf(col) === i);
        assert.deepEqual(
          Array.from(got.rowDensity),
          rowBands.map((r) => share(r, allCols)),
        );
        assert.deepEqual(
          Array.from(got.colDensity),
          colBands.map((c) => share(allRows, c)),
        );
      },
    ),
    { numRuns: 120 },
  );
});

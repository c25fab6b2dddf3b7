import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  denseBatch,
  denseVector,
  panel,
  sparseBatch,
  sparseVector,
  type Batch,
} from '../../analyzers/kernels/gemv.ts';
import { drawRows } from '../../analyzers/kernels/syntheticRows.ts';

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 23 }),
  cols: fc.integer({ min: 1, max: 40 }),
  panels: fc.integer({ min: 0, max: 3 }),
  density: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.integer(),
});

test('dense and sparse products are the plain one, exactly for whole numbers', () => {
  fc.assert(
    fc.property(cases, ({ rows, cols, panels, density, seed }) => {
      const batch = panels === 0 ? 1 : panels * panel;
      const starts = new Uint32Array(rows + 1);
      const columns = new Uint32Array(rows * cols);
      const count = drawRows({ rows, cols, starts, columns }, density, seed);
      const values = Float32Array.from({ length: rows * cols }, (_, i) => (i % 13) - 6);
      const dense = new Float32Array(rows * cols);
      for (let row = 0; row < rows; row += 1)
        for (let at = starts[row]!; at < starts[row + 1]!; at += 1)
          dense[row * cols + columns[at]!] = values[at]!;
      assert.equal(starts[rows], count);
      const x = Float64Array.from({ length: cols * batch }, (_, i) => (i % 7) - 3);
      const lanes = batch === 1 ? 1 : panel;
      const wanted = Float64Array.from({ length: rows * batch }, (_, at) => {
        const lane = at % lanes;
        const row = Math.floor(at / lanes) % rows;
        const of = Math.floor(at / (lanes * rows));
        let sum = 0;
        for (let col = 0; col < cols; col += 1)
          sum += dense[row * cols + col]! * x[(of * cols + col) * lanes + lane]!;
        return sum;
      });
      const byDense: Batch = { batch, x, y: new Float64Array(rows * batch).fill(9) };
      const bySparse: Batch = { batch, x, y: new Float64Array(rows * batch).fill(9) };
      (batch === 1 ? denseVector : denseBatch)({ rows, cols, values: dense }, byDense);
      (batch === 1 ? sparseVector : sparseBatch)({ rows, cols, starts, columns, values }, bySparse);
      // Adding 0 makes -0 a 0.
      assert.deepEqual(
        byDense.y.map((sum) => sum + 0),
        wanted.map((sum) => sum + 0),
      );
      assert.deepEqual(
        bySparse.y.map((sum) => sum + 0),
        wanted.map((sum) => sum + 0),
      );
    }),
  );
});

test('rows are drawn with ascending columns, all of them at density 1', () => {
  fc.assert(
    fc.property(cases, ({ rows, cols, density, seed }) => {
      const starts = new Uint32Array(rows + 1);
      const columns = new Uint32Array(rows * cols);
      drawRows({ rows, cols, starts, columns }, density, seed);
      for (let row = 0; row < rows; row += 1)
        for (let at = starts[row]!; at < starts[row + 1]!; at += 1) {
          assert.ok(columns[at]! < cols);
          if (at > starts[row]!) assert.ok(columns[at]! > columns[at - 1]!);
        }
      assert.equal(drawRows({ rows, cols, starts, columns }, 1, seed), rows * cols);
      assert.equal(drawRows({ rows, cols, starts, columns }, 0, seed), 0);
    }),
  );
});

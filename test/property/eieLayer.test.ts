import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { eieLayerStudy } from '../../analyzers/analyses/eieLayerStudy.ts';
import { layerEie } from '../../analyzers/analyses/eieLayer.ts';
import { settleLayer } from '../../analyzers/analyses/settleLayer.ts';
import { eieCycles } from '../../analyzers/kernels/eieCycles.ts';
import type { Layer, View } from '../../analyzers/model/layer.ts';
import { publishedEie, type EieMachine } from '../../analyzers/report/eie.ts';
import { plainEie, type EieAsk } from '../../analyzers/report/eieStudy.ts';
import { denseLayer, passOf, recipeOf, seeded } from '../support/layerFixture.ts';

const signal = new AbortController().signal;
const calm = { signal, progress: () => {} };
const breathe = (): Promise<void> => Promise.resolve();

type Stored = 'rows' | 'columns' | 'split rows' | 'turned rows';

/** The matrix [rows x cols] as a tensor stored in some way, and the view that reads it as that matrix again. */
function storedAs(
  how: Stored,
  matrix: Float32Array,
  rows: number,
  cols: number,
): { view: View; values: Float32Array } {
  const place = { reductionAxis: null, positions: 1 };
  const at = (row: number, col: number): number => matrix[row * cols + col]!;
  const build = (of: (i: number) => number): Float32Array =>
    Float32Array.from({ length: matrix.length }, (_, i) => of(i));
  const half = rows / 2;
  if (how === 'rows')
    return { view: { shape: [rows, cols], rowAxes: [0], colAxes: [1], ...place }, values: matrix };
  if (how === 'columns')
    return {
      view: { shape: [cols, rows], rowAxes: [1], colAxes: [0], ...place },
      values: build((i) => at(i % rows, Math.floor(i / rows))),
    };
  if (how === 'split rows')
    return {
      view: { shape: [2, cols, half], rowAxes: [0, 2], colAxes: [1], ...place },
      values: build((i) =>
        at(Math.floor(i / (half * cols)) * half + (i % half), Math.floor(i / half) % cols),
      ),
    };
  // The slower axis counts the rows faster: they do not come in their order.
  return {
    view: { shape: [half, cols, 2], rowAxes: [2, 0], colAxes: [1], ...place },
    values: build((i) => at((i % 2) * half + Math.floor(i / (2 * cols)), Math.floor(i / 2) % cols)),
  };
}

/** Entries of each slice of rows from .. from + rows - 1, PE by PE and column by column. */
function slicesOf(
  matrix: Float32Array,
  from: number,
  rows: number,
  cols: number,
  { pes, indexBits }: EieMachine,
) {
  const entries = new Uint32Array(pes * cols);
  let padding = 0;
  for (let col = 0; col < cols; col += 1)
    for (let pe = 0; pe < pes; pe += 1) {
      let zeros = 0;
      for (let row = pe; row < rows; row += pes) {
        zeros += 1;
        if (matrix[(from + row) * cols + col] === 0) continue;
        const pads = Math.floor((zeros - 1) / 2 ** indexBits);
        padding += pads;
        entries[col * pes + pe]! += 1 + pads;
        zeros = 0;
      }
    }
  return { entries, padding };
}

const shapes = fc.record({
  half: fc.integer({ min: 1, max: 80 }),
  cols: fc.integer({ min: 1, max: 20 }),
  density: fc.constantFrom(0, 0.02, 0.1, 0.5, 1),
  chunk: fc.integer({ min: 1, max: 500 }),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
});

const matrixOf = (rows: number, cols: number, density: number, seed: number): Float32Array => {
  const draw = seeded(seed);
  return Float32Array.from({ length: rows * cols }, () => (draw() < density ? draw() + 0.1 : 0));
};

test('however a layer is stored, its cycles are those of the slices that walking PEs and columns gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.constantFrom<Stored[]>('rows', 'columns', 'split rows', 'turned rows'),
      async ({ half, cols, density, chunk, seed }, how) => {
        const rows = 2 * half;
        const matrix = matrixOf(rows, cols, density, seed);
        const { view, values } = storedAs(how, matrix, rows, cols);
        const layer: Layer = { ...denseLayer(rows, cols), view };
        const pass = passOf(values, chunk);
        const settled = await settleLayer(layer, recipeOf(), pass, { ...calm, profile: null });
        const eie = await layerEie(settled, { weights: pass }, signal);
        const { pes } = publishedEie;
        const { entries, padding } = slicesOf(matrix, 0, rows, cols, publishedEie);
        const with1 = new Uint32Array((cols + 1) * pes);
        with1.set(entries);
        const run = eieCycles(
          { pes, cols: cols + 1, entries: with1 },
          Uint32Array.from({ length: cols + 1 }, (_, col) => col),
          { ring: 8, entriesPerRead: 8 },
          (col) => (col === cols ? Math.ceil(cols / pes) * pes : col),
        );
        assert.ok(eie);
        assert.equal(
          eie.entries,
          entries.reduce((a, b) => a + b, 0),
        );
        assert.equal(eie.padding, padding);
        assert.equal(eie.cycles, run.cycles);
        assert.equal(eie.spmatReads, run.matrixReads);
        assert.equal(eie.activeColumns, cols);
      },
    ),
    { numRuns: 120 },
  );
});

test('a grouped convolution takes the sum of its groups, each with rows and inputs of its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      async ({ half, cols, density, chunk, seed }, groups, positions) => {
        const rows = groups * half;
        const matrix = matrixOf(rows, cols, density, seed);
        const layer: Layer = {
          ...denseLayer(rows, cols, { macs: positions * rows * cols }),
          op: 'conv',
          operator: 'Conv',
          groups,
        };
        const machine: EieMachine = { ...publishedEie, pes: 4, fifo: 3, biasColumn: 'none' };
        const ask: EieAsk = { ...plainEie, machine, convolutions: true };
        const pass = passOf(matrix, chunk);
        const settled = await settleLayer(layer, recipeOf(), pass, { ...calm, profile: null });
        const { estimate, products } = await eieLayerStudy(settled, { weights: pass }, ask, null, {
          ...calm,
          breathe,
        });
        assert.ok(estimate);
        assert.equal(products, positions);
        let cycles = 0;
        let entries = 0;
        for (let group = 0; group < groups; group += 1) {
          const own = slicesOf(matrix, group * half, half, cols, machine).entries;
          const many = new Uint32Array(positions * own.length);
          for (let i = 0; i < positions; i += 1) many.set(own, i * own.length);
          const length = Math.ceil(cols / machine.pes) * machine.pes;
          const run = eieCycles(
            { pes: machine.pes, cols: positions * cols, entries: many },
            Uint32Array.from({ length: positions * cols }, (_, col) => col),
            { ring: 3, entriesPerRead: 8 },
            (col) => Math.floor(col / cols) * length + (col % cols),
          );
          cycles += run.cycles;
          entries += run.activeEntries;
        }
        assert.equal(estimate.cycles, cycles);
        assert.equal(estimate.activeEntries, entries);
        assert.ok(estimate.projection);
      },
    ),
    { numRuns: 60 },
  );
});

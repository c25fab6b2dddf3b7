import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  cellAt,
  cellRange,
  heatView,
  showsValues,
  windowOf,
  zoomPlace,
  type HeatView,
  type Place,
} from '../../webview/charts/heatmapScene.ts';
import { blockCounts, covers, sightOf, tileRect } from '../../webview/charts/tilePicture.ts';
import { along } from '../../webview/views/heatInput.ts';

const start: Place = { steps: 0, row: 0, col: 0 };
const shape = fc.record({
  rows: fc.integer({ min: 1, max: 20_000 }),
  cols: fc.integer({ min: 1, max: 20_000 }),
  width: fc.integer({ min: 40, max: 2_000 }),
  height: fc.integer({ min: 40, max: 1_200 }),
});
const place = fc.record({
  steps: fc.integer({ min: 0, max: 20 }),
  row: fc.integer({ min: 0, max: 30_000 }),
  col: fc.integer({ min: 0, max: 30_000 }),
});

test('a layer of 500 x 800 is drawn whole, in blocks of a few weights and three pixels', () => {
  const view = heatView({ rows: 500, cols: 800, width: 600, height: 375, place: start });
  assert.deepEqual(view.rows, { block: 4, px: 3, from: 0, to: 500, cells: 125 });
  assert.deepEqual(view.cols, { block: 4, px: 3, from: 0, to: 800, cells: 200 });
});

test('cells are whole pixels of whole weights, inside the room and inside the layer, wherever one looks', () => {
  fc.assert(
    fc.property(shape, place, (size, at) => {
      const view = heatView({ ...size, place: at });
      for (const [axis, n, room] of [
        [view.rows, size.rows, size.height],
        [view.cols, size.cols, size.width],
      ] as const) {
        assert.ok(Number.isInteger(axis.px) && axis.px >= 1);
        assert.ok(Number.isInteger(axis.block) && axis.block >= 1);
        assert.ok(axis.cells * axis.px <= Math.max(room, axis.px));
        assert.ok(axis.from >= 0 && axis.from % axis.block === 0 && axis.to <= n && axis.from < axis.to);
        assert.equal(axis.cells, Math.ceil((axis.to - axis.from) / axis.block));
      }
    }),
    { seed: 11, numRuns: 400 },
  );
});

test('zooming all the way in makes room for the value of every weight', () => {
  fc.assert(
    fc.property(shape, (size) => {
      const { mostSteps } = heatView({ ...size, place: start });
      const view = heatView({ ...size, place: { ...start, steps: mostSteps } });
      assert.equal(view.rows.block, 1);
      assert.equal(view.cols.block, 1);
      assert.ok(showsValues(view) || size.width < 64 || size.height < 24);
    }),
    { seed: 12, numRuns: 200 },
  );
});

const large = (next: Place): HeatView =>
  heatView({ rows: 4096, cols: 9216, width: 600, height: 375, place: next });

test('zooming keeps the weight under the pointer in its place, as far as the edges allow', () => {
  let view = large({ steps: 2, row: 1000, col: 4000 });
  const [x, y] = [300, 180];
  const weightAt = (now: HeatView): [number, number] => [
    now.rows.from + (y / now.rows.px) * now.rows.block,
    now.cols.from + (x / now.cols.px) * now.cols.block,
  ];
  const before = weightAt(view);
  view = large(zoomPlace(view, 2, x, y, large));
  const after = weightAt(view);
  assert.ok(Math.abs(after[0] - before[0]) <= 2 * view.rows.block);
  assert.ok(Math.abs(after[1] - before[1]) <= 2 * view.cols.block);
});

test('the window asked for covers what is shown and stays in the layer', () => {
  fc.assert(
    fc.property(shape, place, (size, at) => {
      const view = heatView({ ...size, place: at });
      const window = windowOf(view, size.rows, size.cols, 4096);
      assert.ok(window.rows[0] <= view.rows.from && window.rows[1] >= view.rows.to);
      assert.ok(window.cols[0] <= view.cols.from && window.cols[1] >= view.cols.to);
      assert.ok(window.rows[1] <= size.rows && window.cols[1] <= size.cols);
      assert.ok(window.width <= 4096 && window.height <= 4096);
      const empty = {
        density: new Float32Array(),
        rowDensity: new Float32Array(),
        colDensity: new Float32Array(),
      };
      assert.ok(covers({ window, tile: { ...empty, values: new Float32Array() } }, view));
    }),
    { seed: 13, numRuns: 400 },
  );
});

test('a tile lies where its weights are, and what is in sight is read from it', () => {
  const view = heatView({ rows: 8, cols: 8, width: 40, height: 40, place: start });
  assert.equal(view.rows.block, 1);
  const density = new Float32Array(64);
  density[3 * 8 + 5] = 1;
  const window = { rows: [0, 8], cols: [0, 8], width: 8, height: 8 } as const;
  const shot = {
    window,
    tile: { density, rowDensity: new Float32Array(8), colDensity: new Float32Array(8), values: null },
  };
  const sight = sightOf(shot, view);
  assert.equal(sight.density[3 * 8 + 5], 1);
  assert.equal(sight.rowDensity[3], 1 / 8);
  assert.equal(sight.colDensity[5], 1 / 8);
  assert.deepEqual(tileRect(window, view), { x: 0, y: 0, width: 8 * view.cols.px, height: 8 * view.rows.px });
});

test('the margins are means over weights when the last block is smaller', () => {
  const view: HeatView = {
    rows: { block: 1, px: 8, from: 0, to: 1, cells: 1 },
    cols: { block: 2, px: 2, from: 0, to: 5, cells: 3 },
    mostSteps: 3,
    place: start,
  };
  const shot = {
    window: { rows: [0, 1], cols: [0, 5], width: 3, height: 1 },
    tile: {
      density: Float32Array.of(1, 0.5, 0),
      rowDensity: new Float32Array(1),
      colDensity: new Float32Array(3),
      values: null,
    },
  } as const;
  assert.ok(Math.abs(sightOf(shot, view).rowDensity[0]! - 3 / 5) < 1e-6);
});

test('blocks are counted by the square root of their density, exact zeros apart', () => {
  assert.deepEqual(blockCounts(Float32Array.of(0, 0, 0.01, 0.25, 1), 4), { zero: 2, counts: [1, 0, 1, 1] });
});

test('an arrow moves the picture while there is more of the layer, then the crosshair', () => {
  const axis = { block: 4, px: 3, from: 0, to: 40, cells: 10 };
  assert.deepEqual(along(axis, 1, 2, 48), { from: 4, cell: 2 });
  assert.deepEqual(along({ ...axis, from: 8, to: 48 }, 1, 2, 48), { from: 8, cell: 3 });
  assert.deepEqual(along(axis, 10, 2, 48), { from: 8, cell: 9 });
  assert.deepEqual(along(axis, -1, 0, 48), { from: 0, cell: 0 });
});

test('a pixel names its cell and a cell its weights', () => {
  const axis = { block: 3, px: 5, from: 6, to: 16, cells: 4 };
  assert.equal(cellAt(axis, 14), 2);
  assert.equal(cellAt(axis, 20), null);
  assert.equal(cellAt(axis, -1), null);
  assert.deepEqual(cellRange(axis, 3), [15, 16]);
});

import type { Tile, TileWindow } from '../../analyzers/report/tile.ts';
import { rampStep, type Ramp } from '../color.ts';
import { showsValues, type Axis, type HeatView } from './heatmapScene.ts';

/** A tile with the window that it was asked for, and its picture: one pixel a cell. */
export interface Shot {
  readonly window: TileWindow;
  readonly tile: Tile;
}

/** Paints the cells, one pixel each. */
export function tileCanvas({ window, tile }: Shot, ramp: Ramp): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = window.width;
  canvas.height = window.height;
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  const image = context.createImageData(window.width, window.height);
  const { data } = image;
  for (let i = 0; i < tile.density.length && 4 * i < data.length; i += 1) {
    const [r, g, b] = ramp.steps[rampStep(ramp, tile.density[i] ?? 0)] ?? ramp.steps[0] ?? [0, 0, 0];
    data[4 * i] = r;
    data[4 * i + 1] = g;
    data[4 * i + 2] = b;
    data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

const stretch = (range: readonly [number, number], cells: number, axis: Axis): [number, number] => {
  const block = Math.ceil((range[1] - range[0]) / cells);
  return [((range[0] - axis.from) / axis.block) * axis.px, ((cells * block) / axis.block) * axis.px];
};

/** Where the tile lies on the picture of a view, in pixels from its corner. */
export function tileRect(
  window: TileWindow,
  view: HeatView,
): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  const [x, width] = stretch(window.cols, window.width, view.cols);
  const [y, height] = stretch(window.rows, window.height, view.rows);
  return { x, y, width, height };
}

const fits = (range: readonly [number, number], cells: number, axis: Axis): boolean =>
  range[0] <= axis.from &&
  range[1] >= axis.to &&
  Math.ceil((range[1] - range[0]) / axis.block) === cells &&
  (axis.from - range[0]) % axis.block === 0;

/** Whether the tile has just these cells, all that are shown, and the values where there is room for them. */
export function covers({ window, tile }: Shot, view: HeatView): boolean {
  if (tile.values === null && showsValues(view)) return false;
  return fits(window.rows, window.height, view.rows) && fits(window.cols, window.width, view.cols);
}

const size = (axis: Axis, cell: number): number =>
  Math.min(axis.block, axis.to - (axis.from + cell * axis.block));

/** What is in sight of a tile that covers the view: cell densities, profiles along both margins, values. */
export interface Sight {
  /** [rows.cells * cols.cells] */
  readonly density: Float32Array;
  readonly rowDensity: Float32Array;
  readonly colDensity: Float32Array;
  readonly values: Float32Array | null;
}

export function sightOf({ window, tile }: Shot, view: HeatView): Sight {
  const { rows, cols } = view;
  const top = (rows.from - window.rows[0]) / rows.block;
  const left = (cols.from - window.cols[0]) / cols.block;
  const density = new Float32Array(rows.cells * cols.cells);
  const values = tile.values === null ? null : new Float32Array(rows.cells * cols.cells);
  const rowDensity = new Float32Array(rows.cells);
  const colDensity = new Float32Array(cols.cells);
  const [height, width] = [rows.to - rows.from, cols.to - cols.from];
  for (let r = 0; r < rows.cells; r += 1) {
    for (let c = 0; c < cols.cells; c += 1) {
      const at = (top + r) * window.width + left + c;
      const share = tile.density[at] ?? 0;
      density[r * cols.cells + c] = share;
      if (values !== null) values[r * cols.cells + c] = tile.values?.[at] ?? 0;
      // A margin's density is the mean over its weights; the last cell may hold fewer.
      rowDensity[r] = (rowDensity[r] ?? 0) + (share * size(cols, c)) / width;
      colDensity[c] = (colDensity[c] ?? 0) + (share * size(rows, r)) / height;
    }
  }
  return { density, rowDensity, colDensity, values };
}

/** How many cells have which density: exact zeros apart, the rest in equal steps of its square root. */
export function blockCounts(
  density: Float32Array,
  bins: number,
): { zero: number; counts: readonly number[] } {
  const counts = new Array<number>(bins).fill(0);
  let zero = 0;
  for (const share of density) {
    if (share <= 0) zero += 1;
    else {
      const bin = Math.min(bins - 1, Math.floor(Math.sqrt(share) * bins));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { zero, counts };
}

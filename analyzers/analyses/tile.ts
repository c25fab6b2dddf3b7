import { forEachRun } from '../kernels/axes.ts';
import { hasBit, type Mask } from '../kernels/mask.ts';
import type { Pass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import type { Tile, TileWindow } from '../report/tile.ts';

/** Most cells of a tile: far more than a screen has. */
const mostCells = 1 << 24;
/** Most weights that a tile tells one by one. */
const mostValues = 4096;

/**
 * The share of kept weights in each cell of a window of the rows x cols view, in one pass. Rows and columns are dealt
 * to cells as evenly as whole numbers allow; where there are more cells than rows (columns), neighbours show the same
 * one. A window outside the layer is a RangeError;
 * a layer of more rows or columns than are counted is the ReadError of its profile.
 */
export async function tileOf(
  layer: Layer,
  window: TileWindow,
  mask: Mask,
  pass: Pass,
  signal: AbortSignal,
): Promise<Tile> {
  const { width, height } = window;
  const [top, bottom] = window.rows;
  const [left, right] = window.cols;
  const inside = top >= 0 && top < bottom && bottom <= layer.rows;
  const drawn = width >= 1 && height >= 1 && width * height <= mostCells;
  if (!inside || left < 0 || left >= right || right > layer.cols || !drawn)
    throw new RangeError(
      'a tile must lie in its layer and have at least one cell, and not more than a screen',
    );
  const rows = bandsOf(bottom - top, height);
  const cols = bandsOf(right - left, width);
  const kept = new Float64Array(rows.count * cols.count);
  const single = rows.count === bottom - top && cols.count === right - left;
  const weights = single && kept.length <= mostValues ? new Float32Array(kept.length) : null;
  const bits = mask.kind === 'bits' ? mask.bits : null;
  const { least, most } = mask.kind === 'range' ? mask.range : { least: 0, most: 0 };
  const { map } = formOf(layer);
  for await (const { first, values } of pass(signal)) {
    signal.throwIfAborted();
    forEachRun(map, first, values.length, (start, length, row, col, rowStep, colStep) => {
      // The part of the run that lies in the window: whole runs above, below or beside it cost nothing.
      const [fromRow, toRow] = stepsInside(row, rowStep, top, bottom, length);
      const [fromCol, toCol] = stepsInside(col, colStep, left, right, length);
      const to = Math.min(toRow, toCol);
      for (let i = Math.max(fromRow, fromCol); i < to; i += 1) {
        const value = values[start + i]!;
        const band = rows.of[row + i * rowStep - top]! * cols.count + cols.of[col + i * colStep - left]!;
        const magnitude = Math.abs(value);
        if (bits === null ? magnitude >= least && magnitude <= most : hasBit(bits, first + start + i))
          kept[band]! += 1;
        if (weights !== null) weights[band] = value;
      }
    });
  }
  return paint(kept, rows, cols, window, weights);
}

/** Which band each of n rows (columns) falls in, and how many each band holds. */
interface Bands {
  readonly count: number;
  readonly of: Uint32Array;
  readonly sizes: Float64Array;
}

function bandsOf(n: number, cells: number): Bands {
  const count = Math.min(n, cells);
  const of = Uint32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
  const sizes = new Float64Array(count);
  for (const band of of) sizes[band]! += 1;
  return { count, of, sizes };
}

/** The steps i of 0 .. length - 1 for which low <= at + i * step < high. */
function stepsInside(
  at: number,
  step: number,
  low: number,
  high: number,
  length: number,
): readonly [number, number] {
  if (step === 0) return at >= low && at < high ? [0, length] : [0, 0];
  return [
    Math.max(0, Math.ceil((low - at) / step)),
    Math.max(0, Math.min(length, Math.ceil((high - at) / step))),
  ];
}

function paint(
  kept: Float64Array,
  rows: Bands,
  cols: Bands,
  { width, height }: TileWindow,
  weights: Float32Array | null,
): Tile {
  const bandOfRow = Array.from({ length: height }, (_, y) => bandAt(y, height, rows.count));
  const bandOfCol = Array.from({ length: width }, (_, x) => bandAt(x, width, cols.count));
  const perRow = new Float64Array(rows.count);
  const perCol = new Float64Array(cols.count);
  for (let r = 0; r < rows.count; r += 1) {
    for (let c = 0; c < cols.count; c += 1) {
      perRow[r]! += kept[r * cols.count + c]!;
      perCol[c]! += kept[r * cols.count + c]!;
    }
  }
  const allRows = rows.of.length;
  const allCols = cols.of.length;
  const density = new Float32Array(width * height);
  const values = weights !== null && width * height <= mostValues ? new Float32Array(width * height) : null;
  for (let y = 0; y < height; y += 1) {
    const r = bandOfRow[y]!;
    for (let x = 0; x < width; x += 1) {
      const c = bandOfCol[x]!;
      const band = r * cols.count + c;
      density[y * width + x] = kept[band]! / (rows.sizes[r]! * cols.sizes[c]!);
      if (values !== null) values[y * width + x] = weights![band]!;
    }
  }
  return {
    density,
    rowDensity: Float32Array.from(bandOfRow, (r) => perRow[r]! / (rows.sizes[r]! * allCols)),
    colDensity: Float32Array.from(bandOfCol, (c) => perCol[c]! / (cols.sizes[c]! * allRows)),
    values,
  };
}

/** The band that the middle of a cell shows. */
const bandAt = (cell: number, cells: number, bands: number): number =>
  Math.floor(((cell + 0.5) * bands) / cells);

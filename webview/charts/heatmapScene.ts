import { niceStep, ticksBetween } from './ticks.ts';

/**
 * One axis of a heatmap: cells of `block` weights, drawn `px` pixels wide, whole numbers both, since uneven blocks
 * make stripes that look like structure. `from` and `to` are weights; the last cell may hold fewer.
 */
export interface Axis {
  readonly block: number;
  readonly px: number;
  readonly from: number;
  readonly to: number;
  readonly cells: number;
}

export interface Place {
  readonly steps: number;
  readonly row: number;
  readonly col: number;
}

export interface HeatView {
  readonly rows: Axis;
  readonly cols: Axis;
  /** Doublings until single weights have room for their value. */
  readonly mostSteps: number;
  readonly place: Place;
}

/** Pixels of a weight at full zoom: room for its value. */
const fullPx = { row: 24, col: 64 } as const;
/** Whether single weights are drawn so large that their values can be read in them. */
export const showsValues = ({ rows, cols }: HeatView): boolean =>
  rows.block === 1 && cols.block === 1 && rows.px >= 12 && cols.px >= 60;

/** One axis may be drawn so many times larger than the other, where a narrow layer leaves room. */
const mostStretch = 4;

/** Blocks of one axis with cells of `px` pixels: the smallest that fit; single weights are drawn larger where they may. */
function fitAxis(n: number, room: number, px: number): { readonly block: number; readonly px: number } {
  if (room < 1 || n < 1) return { block: Math.max(1, n), px: 1 };
  const most = Math.max(1, Math.floor(room / px));
  if (n <= most) return { block: 1, px: Math.floor(room / n) };
  return { block: Math.ceil(n / most), px };
}

/** Pixels of a block: three can be told apart best, the others where they fill the room better. */
const cellSizes = [3, 2, 4] as const;
/** So much more of the room must another size fill. */
const worthIt = 1.15;

/** Both axes at the start: as much of the room as whole cells fill, cells not far from square. */
function fitBoth(
  rows: number,
  cols: number,
  room: { readonly width: number; readonly height: number },
): { readonly row: { block: number; px: number }; readonly col: { block: number; px: number } } {
  const fitted = cellSizes.map((px) => {
    const row = { ...fitAxis(rows, room.height, px) };
    const col = { ...fitAxis(cols, room.width, px) };
    const least = Math.min(row.px, col.px);
    row.px = Math.min(row.px, least * mostStretch, 64);
    col.px = Math.min(col.px, least * mostStretch, 64);
    const area = Math.ceil(rows / row.block) * row.px * Math.ceil(cols / col.block) * col.px;
    return { row, col, area };
  });
  const [first, ...others] = fitted;
  if (first === undefined) throw new RangeError('no cell sizes');
  return others.reduce((best, other) => (other.area > worthIt * best.area ? other : best), first);
}

function axisAt(
  n: number,
  room: number,
  base: { readonly block: number; readonly px: number },
  steps: number,
  from: number,
  full: number,
): Axis {
  const perWeight = Math.min((base.px / base.block) * 2 ** steps, Math.max(full, base.px));
  const block = Math.max(1, Math.round(base.px / perWeight));
  const px = block > 1 ? base.px : Math.max(1, Math.floor(perWeight + 1e-6));
  const all = Math.ceil(n / block);
  const cells = Math.max(1, Math.min(all, Math.floor(room / px)));
  const first = Math.min(Math.max(0, Math.round(from / block)), all - cells);
  return { block, px, from: first * block, to: Math.min(n, (first + cells) * block), cells };
}

/** What the heatmap shows of a layer in a room of so many pixels. */
export function heatView(options: {
  readonly rows: number;
  readonly cols: number;
  readonly width: number;
  readonly height: number;
  readonly place: Place;
}): HeatView {
  const { rows, cols, width, height, place } = options;
  const { row, col } = fitBoth(rows, cols, { width, height });
  const needed = Math.max(fullPx.row / (row.px / row.block), fullPx.col / (col.px / col.block));
  const mostSteps = Math.max(0, Math.ceil(Math.log2(needed) - 1e-9));
  const steps = Math.min(Math.max(0, place.steps), mostSteps);
  const rowAxis = axisAt(rows, height, row, steps, place.row, fullPx.row);
  const colAxis = axisAt(cols, width, col, steps, place.col, fullPx.col);
  return {
    rows: rowAxis,
    cols: colAxis,
    mostSteps,
    place: { steps, row: rowAxis.from, col: colAxis.from },
  };
}

/** The place after zooming by `by` doublings with the weight under (x, y) kept where it is. Pixels from the picture's corner. */
export function zoomPlace(
  view: HeatView,
  by: number,
  x: number,
  y: number,
  at: (place: Place) => HeatView,
): Place {
  const row = view.rows.from + (y / view.rows.px) * view.rows.block;
  const col = view.cols.from + (x / view.cols.px) * view.cols.block;
  const next = at({ ...view.place, steps: view.place.steps + by });
  return at({
    steps: next.place.steps,
    row: Math.max(0, row - (y / next.rows.px) * next.rows.block),
    col: Math.max(0, col - (x / next.cols.px) * next.cols.block),
  }).place;
}

/** The window to ask for: what is shown and half as much on every side, on whole blocks. */
export function windowOf(
  view: HeatView,
  rows: number,
  cols: number,
  most: number,
): {
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
  readonly width: number;
  readonly height: number;
} {
  const side = (axis: Axis, n: number): { range: readonly [number, number]; cells: number } => {
    const all = Math.ceil(n / axis.block);
    const first = axis.from / axis.block;
    const spare = Math.min(Math.ceil(axis.cells / 2), Math.max(0, Math.floor((most - axis.cells) / 2)));
    const from = Math.max(0, first - spare);
    const to = Math.min(all, first + axis.cells + spare);
    return { range: [from * axis.block, Math.min(n, to * axis.block)], cells: to - from };
  };
  const [down, across] = [side(view.rows, rows), side(view.cols, cols)];
  return { rows: down.range, cols: across.range, width: across.cells, height: down.cells };
}

export interface AxisTick {
  /** Pixels from the picture's corner. */
  readonly at: number;
  readonly text: string;
}

const pixelOf = (axis: Axis, weight: number): number => ((weight - axis.from) / axis.block) * axis.px;

export function rowTicks(axis: Axis, text: (row: number) => string): readonly AxisTick[] {
  const step = Math.max(
    1,
    niceStep(axis.to - axis.from, Math.max(1, Math.floor((axis.cells * axis.px) / 56))),
  );
  return ticksBetween(axis.from, axis.to, step).map((row) => ({ at: pixelOf(axis, row), text: text(row) }));
}

/** Ticks between input channels when a column is a kernel position, else at round columns. */
export function colTicks(
  axis: Axis,
  positions: number,
  text: (n: number) => string,
): { readonly labels: readonly AxisTick[]; readonly minor: readonly number[] } {
  const width = axis.cells * axis.px;
  const span = (axis.to - axis.from) / positions;
  const step = Math.max(1, niceStep(span, Math.max(1, Math.floor(width / 72))));
  const at = (n: number): number => pixelOf(axis, n * positions);
  const [from, to] = [axis.from / positions, axis.to / positions];
  const fine = Math.max(1, niceStep(span, Math.max(1, Math.floor(width / 10))));
  return {
    labels: ticksBetween(from, to, step).map((n) => ({ at: at(n), text: text(n) })),
    minor: ticksBetween(from, to, fine).map(at),
  };
}

/** Index of the cell under a pixel, or null outside. */
export function cellAt(axis: Axis, pixel: number): number | null {
  const cell = Math.floor(pixel / axis.px);
  return pixel >= 0 && cell < axis.cells ? cell : null;
}

/** The weights of a cell, half-open. */
export const cellRange = (axis: Axis, cell: number): readonly [number, number] => {
  const from = axis.from + cell * axis.block;
  return [from, Math.min(axis.to, from + axis.block)];
};

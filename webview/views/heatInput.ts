import { heatRoom } from '../charts/heatmapPaint.ts';
import { cellAt, zoomPlace, type Axis, type HeatView, type Place } from '../charts/heatmapScene.ts';

/** A cell in sight, counted from the picture's corner. */
export interface HeatCell {
  readonly row: number;
  readonly col: number;
}

/** What the pointer and the keys act on. */
export interface HeatSurface {
  readonly frame: HTMLElement;
  readonly canvas: HTMLElement;
  readonly view: () => HeatView | null;
  readonly viewAt: (place: Place) => HeatView | null;
  /** Rows and columns of the layer. */
  readonly size: () => { readonly rows: number; readonly cols: number };
  readonly cursor: () => HeatCell | null;
  readonly point: (cell: HeatCell | null) => void;
  readonly move: (place: Place) => void;
}

/** Wheel distance that is one doubling. */
const wheelStep = 40;

/** Zoom by the wheel, pan by dragging, and by the arrow keys block by block, Shift by ten. */
export function heatInput(surface: HeatSurface): { readonly zoom: (by: number) => void } {
  const { frame, canvas, view, viewAt, move, point, cursor } = surface;
  let wheel = 0;
  let drag: { readonly x: number; readonly y: number; readonly place: Place } | null = null;

  const zoomAt = (by: number, x: number, y: number): void => {
    const now = view();
    if (now === null) return;
    const held = cursor();
    const [row, col] = [weightAt(now.rows, y), weightAt(now.cols, x)];
    move(zoomPlace(now, by, x, y, (place) => viewAt(place) ?? now));
    const next = view();
    // The crosshair stays on the weight that it was on.
    if (held !== null && next !== null) point({ row: cellOf(next.rows, row), col: cellOf(next.cols, col) });
  };
  const pointed = (event: PointerEvent | WheelEvent): readonly [number, number] => {
    const at = canvas.getBoundingClientRect();
    return [event.clientX - at.left - heatRoom.left, event.clientY - at.top - heatRoom.top];
  };
  const cellUnder = (event: PointerEvent | WheelEvent, now: HeatView): HeatCell | null => {
    const [x, y] = pointed(event);
    const [col, row] = [cellAt(now.cols, x), cellAt(now.rows, y)];
    return row === null || col === null ? null : { row, col };
  };

  frame.addEventListener(
    'wheel',
    (event) => {
      const now = view();
      if (now === null || cellUnder(event, now) === null) return;
      event.preventDefault();
      wheel += event.deltaY;
      if (Math.abs(wheel) < wheelStep) return;
      zoomAt(wheel < 0 ? 1 : -1, ...pointed(event));
      wheel = 0;
    },
    { passive: false },
  );
  frame.addEventListener('pointerdown', (event) => {
    const now = view();
    if (now === null || event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, place: now.place };
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener('pointermove', (event) => {
    const now = view();
    if (now === null) return;
    if (drag === null) {
      point(cellUnder(event, now));
      return;
    }
    move({
      steps: drag.place.steps,
      row: Math.max(0, drag.place.row - weightsOver(event.clientY - drag.y, now.rows)),
      col: Math.max(0, drag.place.col - weightsOver(event.clientX - drag.x, now.cols)),
    });
  });
  frame.addEventListener('lostpointercapture', () => {
    drag = null;
  });
  frame.addEventListener('pointerleave', () => {
    if (drag === null && document.activeElement !== frame) point(null);
  });
  frame.addEventListener('keydown', (event) => {
    const now = view();
    if (now === null || event.ctrlKey || event.altKey || event.metaKey) return;
    const by = event.shiftKey ? 10 : 1;
    const step = arrows[event.key];
    if (step !== undefined) {
      const { rows, cols } = surface.size();
      const at = cursor() ?? { row: 0, col: 0 };
      const down = along(now.rows, step[0] * by, at.row, rows);
      const across = along(now.cols, step[1] * by, at.col, cols);
      point({ row: down.cell, col: across.cell });
      move({ steps: now.place.steps, row: down.from, col: across.from });
    } else if (event.key === 'Escape' && cursor() !== null) point(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    zoom(by) {
      const now = view();
      if (now === null) return;
      const cell = cursor() ?? { row: (now.rows.cells - 1) / 2, col: (now.cols.cells - 1) / 2 };
      zoomAt(by, (cell.col + 0.5) * now.cols.px, (cell.row + 0.5) * now.rows.px);
    },
  };
}

const arrows: Readonly<Record<string, readonly [rows: number, cols: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

const weightAt = (axis: Axis, pixel: number): number => axis.from + (pixel / axis.px) * axis.block;

const cellOf = (axis: Axis, weight: number): number =>
  Math.min(axis.cells - 1, Math.max(0, Math.floor((weight - axis.from) / axis.block)));

const weightsOver = (px: number, axis: Axis): number => Math.round(px / axis.px) * axis.block;

/** So many blocks further along an axis: the picture moves while there is more of the layer, then the crosshair does. */
export function along(
  axis: Axis,
  by: number,
  cell: number,
  n: number,
): { readonly from: number; readonly cell: number } {
  const last = Math.max(0, (Math.ceil(n / axis.block) - axis.cells) * axis.block);
  const from = Math.min(last, Math.max(0, axis.from + by * axis.block));
  const left = by - (from - axis.from) / axis.block;
  return { from, cell: Math.min(axis.cells - 1, Math.max(0, cell + left)) };
}

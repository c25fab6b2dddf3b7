import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { counted, countText, numberText, percentText } from '../../analyzers/report/units.ts';
import { messageLimits } from '../../analyzers/rpc/guard.ts';
import { prepare } from '../charts/canvas.ts';
import { heatRoom, paintHeatmap, type HeatDrawing } from '../charts/heatmapPaint.ts';
import {
  cellAt,
  cellRange,
  colTicks,
  heatView,
  rowTicks,
  windowOf,
  zoomPlace,
  type Axis,
  type HeatView,
  type Place,
} from '../charts/heatmapScene.ts';
import { covers, sightOf, tileCanvas, tileRect, type Shot, type Sight } from '../charts/tilePicture.ts';
import type { State } from '../store.ts';
import { inks } from '../theme.ts';
import { h, setText } from '../ui/dom.ts';
import { TileCache, tileAsker } from './tiles.ts';
import type { LayerPicture, ReadPart, ViewTools } from './view.ts';

const start: Place = { steps: 0, row: 0, col: 0 };

/** The heatmap: rows are outputs, columns inputs, one cell the density of its block. */
export function sparsityPicture(tools: ViewTools): LayerPicture {
  const { store, session } = tools;
  const canvas = h('canvas', { attrs: { 'aria-hidden': 'true' } });
  const frame = h(
    'div',
    {
      class: 'heat',
      attrs: { role: 'application', tabindex: 0, 'aria-roledescription': 'heatmap' },
    },
    canvas,
  );
  const note = h('p', { class: 'quiet small', attrs: { role: 'status' } });
  const choices = h('div', { class: 'choices small' });
  const element = h('div', { class: 'heat-view' }, choices, frame, note);
  const shown = toggle('kept by the rule', 'non-zeros as stored', (pruned) => store.keep({ pruned }));
  choices.append(shown.element);

  const cache = new TileCache(session);
  let state: State | null = null;
  let layer: LayerReport | null = null;
  let shot: { readonly shot: Shot; readonly of: string; readonly canvas: HTMLCanvasElement } | null = null;
  let view: HeatView | null = null;
  let sight: Sight | null = null;
  let cursor: { row: number; col: number } | null = null;
  let planned = false;

  const ask = tileAsker(
    cache,
    (came) => {
      setText(note, '');
      shot = { shot: came, of: identity(), canvas: tileCanvas(came, inks().ramp) };
      paint();
    },
    (message) => setText(note, plain(message)),
  );
  const identity = (): string =>
    layer === null || state === null
      ? ''
      : JSON.stringify([layer.index, state.kept.pruned, versionOf(layer, state.kept.pruned)]);
  const placeOf = (): Place =>
    layer === null ? start : (store.get().kept.zoom[layer.index.toString()] ?? start);
  const room = (): { width: number; height: number; wide: boolean } => {
    const all = element.clientWidth;
    const wide = all >= 560;
    const beside =
      heatRoom.left +
      heatRoom.gap +
      heatRoom.rowProfile +
      22 +
      (wide ? heatRoom.scale - 20 : heatRoom.narrowScale);
    const stacked = window.innerWidth <= 760;
    const tall = stacked ? 420 : element.clientHeight - choices.offsetHeight;
    return {
      width: Math.max(40, all - beside),
      height: Math.max(40, tall - heatRoom.top - heatRoom.bottom - 4),
      wide,
    };
  };
  const viewAt = (place: Place): HeatView | null => {
    if (layer === null) return null;
    const { width, height } = room();
    return heatView({ rows: layer.rows, cols: layer.cols, width, height, place });
  };
  const move = (place: Place): void => {
    if (layer === null) return;
    const next = viewAt(place);
    if (next === null) return;
    store.keep({ zoom: { ...store.get().kept.zoom, [layer.index.toString()]: next.place } });
    view = next;
    plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      wish();
      paint();
    });
  };
  const wish = (): void => {
    if (layer === null || state === null || layer.profile === null) return;
    view = viewAt(placeOf());
    if (view === null) return;
    if (shot !== null && shot.of === identity() && covers(shot.shot.window, view)) return;
    ask({
      layer: layer.index,
      pruned: state.kept.pruned,
      version: versionOf(layer, state.kept.pruned),
      window: windowOf(view, layer.rows, layer.cols, messageLimits.tileSide),
    });
  };
  const paint = (): void => {
    if (layer === null || view === null || state === null) return;
    const sameLayer = shot !== null && shot.of.startsWith(`[${layer.index.toString()},`);
    const current = shot !== null && shot.of === identity();
    sight = shot !== null && current && covers(shot.shot.window, view) ? sightOf(shot.shot, view) : null;
    if (cursor !== null)
      cursor = {
        row: Math.min(cursor.row, view.rows.cells - 1),
        col: Math.min(cursor.col, view.cols.cells - 1),
      };
    const { wide } = room();
    const width =
      heatRoom.left +
      view.cols.cells * view.cols.px +
      heatRoom.gap +
      heatRoom.rowProfile +
      22 +
      (wide ? heatRoom.scale - 20 : heatRoom.narrowScale);
    const height = heatRoom.top + Math.max(view.rows.cells * view.rows.px, 150) + heatRoom.bottom;
    const context = prepare(canvas, width, height);
    if (context === null) return;
    const density = densityOf(layer, state.kept.pruned);
    const drawing: HeatDrawing = {
      view,
      sight,
      picture:
        shot !== null && sameLayer ? { canvas: shot.canvas, rect: tileRect(shot.shot.window, view) } : null,
      rowTicks: rowTicks(view.rows, countText),
      colTicks: colTicks(view.cols, layer.positions, (n) => colLabel(n, layer?.positions ?? 1)),
      colNote: layer.positions > 1 ? `${counted(layer.positions, 'kernel position')} each` : '',
      density,
      cursor,
      dead: { rows: spans(view.cols, layer.cols), cols: spans(view.rows, layer.rows) },
      wide,
    };
    paintHeatmap(context, drawing, inks());
    readout();
  };
  const readout = (): void => {
    if (layer === null || view === null || state === null) return;
    tools.read(...readParts(layer, view, sight, cursor, state.kept.pruned));
  };
  const zoom = (by: number, x: number, y: number): void => {
    if (view === null) return;
    move(zoomPlace(view, by, x, y, (place) => viewAt(place) ?? view!));
  };
  const centre = (): [number, number] =>
    view === null
      ? [0, 0]
      : cursor === null
        ? [(view.cols.cells * view.cols.px) / 2, (view.rows.cells * view.rows.px) / 2]
        : [(cursor.col + 0.5) * view.cols.px, (cursor.row + 0.5) * view.rows.px];
  const pointed = (event: PointerEvent | WheelEvent): [number, number] => {
    const at = canvas.getBoundingClientRect();
    return [event.clientX - at.left - heatRoom.left, event.clientY - at.top - heatRoom.top];
  };

  frame.addEventListener(
    'wheel',
    (event) => {
      const [x, y] = pointed(event);
      if (view === null || cellAt(view.cols, x) === null || cellAt(view.rows, y) === null) return;
      event.preventDefault();
      wheel += event.deltaY;
      if (Math.abs(wheel) < 40) return;
      zoom(wheel < 0 ? 1 : -1, x, y);
      wheel = 0;
    },
    { passive: false },
  );
  let wheel = 0;
  let drag: { x: number; y: number; place: Place } | null = null;
  frame.addEventListener('pointerdown', (event) => {
    if (view === null || event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, place: view.place };
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener('pointermove', (event) => {
    if (view === null) return;
    if (drag !== null) {
      const cells = (px: number, axis: Axis): number => Math.round(px / axis.px) * axis.block;
      move({
        steps: drag.place.steps,
        row: Math.max(0, drag.place.row - cells(event.clientY - drag.y, view.rows)),
        col: Math.max(0, drag.place.col - cells(event.clientX - drag.x, view.cols)),
      });
      return;
    }
    const [x, y] = pointed(event);
    const [col, row] = [cellAt(view.cols, x), cellAt(view.rows, y)];
    cursor = row === null || col === null ? null : { row, col };
    plan();
  });
  frame.addEventListener('lostpointercapture', () => {
    drag = null;
  });
  frame.addEventListener('pointerleave', () => {
    if (drag !== null || document.activeElement === frame) return;
    cursor = null;
    plan();
  });

  /** One block further: the picture moves while there is more of the layer, then the crosshair does. */
  const step = (rows: number, cols: number): void => {
    if (view === null || layer === null) return;
    const at = cursor ?? { row: 0, col: 0 };
    const along = (axis: Axis, by: number, cell: number, n: number): { from: number; cell: number } => {
      const wanted = axis.from + by * axis.block;
      const last = Math.max(0, (Math.ceil(n / axis.block) - axis.cells) * axis.block);
      const from = Math.min(last, Math.max(0, wanted));
      const left = by - (from - axis.from) / axis.block;
      return { from, cell: Math.min(axis.cells - 1, Math.max(0, cell + left)) };
    };
    const down = along(view.rows, rows, at.row, layer.rows);
    const across = along(view.cols, cols, at.col, layer.cols);
    cursor = { row: down.cell, col: across.cell };
    move({ steps: view.place.steps, row: down.from, col: across.from });
  };
  frame.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = event.shiftKey ? 10 : 1;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowDown: [by, 0],
      ArrowUp: [-by, 0],
      ArrowRight: [0, by],
      ArrowLeft: [0, -by],
    };
    const to = moves[event.key];
    if (to !== undefined) step(...to);
    else if (event.key === 'Escape' && cursor !== null) {
      cursor = null;
      plan();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(plan).observe(element);

  let theme = -1;
  return {
    element,
    keys: [
      ['+', ''],
      ['−', 'zoom'],
      ['arrows', 'pan'],
    ],
    update(next, of) {
      if (layer?.index !== of.index) cursor = null;
      state = next;
      layer = of;
      shown.show(next.kept.pruned);
      if (theme !== next.theme && shot !== null)
        shot = { ...shot, canvas: tileCanvas(shot.shot, inks().ramp) };
      theme = next.theme;
      frame.setAttribute('aria-label', labelOf(of, next.kept.pruned));
      wish();
      paint();
    },
    key(event) {
      if (event.key === '+' || event.key === '=') zoom(1, ...centre());
      else if (event.key === '-' || event.key === '−') zoom(-1, ...centre());
      else if (event.key === '0') move(start);
      else return false;
      return true;
    },
  };
}

export const densityOf = (layer: LayerReport, pruned: boolean): number =>
  pruned
    ? (layer.prune?.density ?? 0)
    : layer.profile === null || layer.weights === 0
      ? 0
      : 1 - layer.profile.zeros / layer.weights;

const versionOf = (layer: LayerReport, pruned: boolean): string =>
  pruned ? String(layer.prune?.threshold ?? 'none') : 'stored';

const spans = (axis: Axis, n: number): boolean => axis.from === 0 && axis.to === n;

const colLabel = (n: number, positions: number): string =>
  n === 0 ? (positions > 1 ? 'input channel 0' : 'input 0') : countText(n);

function labelOf(layer: LayerReport, pruned: boolean): string {
  const what = pruned ? 'kept weights' : 'stored non-zeros';
  return `Sparsity of ${plain(layer.name, 60)}: ${what}, ${countText(layer.rows)} rows by ${countText(layer.cols)} columns, density ${percentText(densityOf(layer, pruned))}`;
}

const rangeText = ([from, to]: readonly [number, number]): string =>
  to - from === 1 ? countText(from) : `${countText(from)} to ${countText(to - 1)}`;

function readParts(
  layer: LayerReport,
  view: HeatView,
  sight: Sight | null,
  cursor: { readonly row: number; readonly col: number } | null,
  pruned: boolean,
): readonly ReadPart[] {
  if (cursor === null || sight === null) {
    const from = pruned ? layer.prune : layer.profile;
    const block = `${countText(view.rows.block)} × ${countText(view.cols.block)}`;
    return [
      ['density', percentText(densityOf(layer, pruned))],
      ['dead rows', countText(from?.deadRows ?? 0)],
      ['dead columns', countText(from?.deadCols ?? 0)],
      view.rows.block * view.cols.block === 1 ? 'one cell a weight' : ['a cell', `${block} weights`],
    ];
  }
  const rows = cellRange(view.rows, cursor.row);
  const cols = cellRange(view.cols, cursor.col);
  const at = cursor.row * view.cols.cells + cursor.col;
  const share = sight.density[at] ?? 0;
  const all = (rows[1] - rows[0]) * (cols[1] - cols[0]);
  const parts: ReadPart[] = [
    [rows[1] - rows[0] === 1 ? 'row' : 'rows', rangeText(rows)],
    [cols[1] - cols[0] === 1 ? 'column' : 'columns', rangeText(cols)],
  ];
  if (layer.positions > 1) parts.push(channelText(cols, layer.positions));
  if (all === 1) {
    const value = sight.values?.[at];
    parts.push(share > 0 ? 'kept' : 'not kept');
    if (value !== undefined) parts.push(['weight', numberText(value)]);
  } else {
    parts.push([
      `block ${countText(rows[1] - rows[0])} × ${countText(cols[1] - cols[0])}`,
      `${countText(share * all)} of ${countText(all)} kept (${percentText(share)})`,
    ]);
  }
  return parts;
}

function channelText([from, to]: readonly [number, number], positions: number): string {
  const [first, last] = [Math.floor(from / positions), Math.floor((to - 1) / positions)];
  if (first !== last) return `channels ${countText(first)} to ${countText(last)}`;
  const within = [from % positions, ((to - 1) % positions) + 1] as const;
  return `channel ${countText(first)}, ${within[1] - within[0] === 1 ? 'position' : 'positions'} ${rangeText(within)}`;
}

/** Two words of which one holds. */
function toggle(
  on: string,
  off: string,
  changed: (on: boolean) => void,
): { readonly element: HTMLElement; show(on: boolean): void } {
  const make = (text: string, value: boolean): HTMLButtonElement =>
    h('button', {
      class: 'choice',
      text,
      attrs: { type: 'button', 'aria-pressed': 'false' },
      on: { click: () => changed(value) },
    });
  const [yes, no] = [make(on, true), make(off, false)];
  return {
    element: h('span', { class: 'toggle', attrs: { role: 'group', 'aria-label': 'What is shown' } }, yes, no),
    show(value) {
      yes.setAttribute('aria-pressed', String(value));
      no.setAttribute('aria-pressed', String(!value));
    },
  };
}

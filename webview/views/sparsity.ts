import { tileMask } from '../../analyzers/report/tile.ts';
import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { counted, countText } from '../../analyzers/report/units.ts';
import { messageLimits } from '../../analyzers/rpc/guard.ts';
import { prepare } from '../charts/canvas.ts';
import { heatRoom, heatSides, paintHeatmap } from '../charts/heatmapPaint.ts';
import {
  colTicks,
  heatView,
  rowTicks,
  windowOf,
  type Axis,
  type HeatView,
  type Place,
} from '../charts/heatmapScene.ts';
import { covers, sightOf, tileCanvas, tileRect, type Shot, type Sight } from '../charts/tilePicture.ts';
import type { State } from '../store.ts';
import { inks } from '../theme.ts';
import { choice } from '../ui/choice.ts';
import { h, setText } from '../ui/dom.ts';
import { deadLine } from './deadUnits.ts';
import { heatInput, type HeatCell } from './heatInput.ts';
import { densityOf, heatLabel, heatReading } from './heatWords.ts';
import { TileCache, tileAsker } from './tiles.ts';
import type { LayerPicture, ViewTools } from './view.ts';

const start: Place = { steps: 0, row: 0, col: 0 };
/** Height of the picture where the page stacks and scrolls. */
const stackedHeight = 420;

/** The heatmap: rows are outputs, columns inputs, one cell the density of its block. */
export function sparsityPicture(tools: ViewTools): LayerPicture {
  const { store, session } = tools;
  const canvas = h('canvas', { attrs: { 'aria-hidden': 'true' } });
  const frame = h(
    'div',
    { class: 'heat', attrs: { role: 'application', tabindex: 0, 'aria-roledescription': 'heatmap' } },
    canvas,
  );
  const note = h('p', { class: 'quiet small', attrs: { role: 'status' } });
  const shown = choice('kept by the rule', 'non-zeros as stored', (pruned) => store.keep({ pruned }));
  const dead = deadLine();
  const choices = h('div', { class: 'choices small' }, shown.element, dead.element);
  const element = h('div', { class: 'heat-view' }, choices, frame, note);

  let state: State | null = null;
  let layer: LayerReport | null = null;
  /** The newest tile, what it is of, and its cells as a picture. */
  let latest: { readonly shot: Shot; readonly of: string; readonly canvas: HTMLCanvasElement } | null = null;
  let view: HeatView | null = null;
  let cursor: HeatCell | null = null;
  let planned = false;
  let theme = -1;

  const ask = tileAsker(
    new TileCache(session),
    (shot) => {
      setText(note, '');
      latest = { shot, of: identity(), canvas: tileCanvas(shot, inks().ramp) };
      paint();
    },
    (message) => setText(note, plain(message)),
  );
  const identity = (): string =>
    layer === null || state === null ? '' : identityOf(layer, state.kept.pruned);
  const placeOf = (): Place =>
    layer === null ? start : (store.get().kept.zoom[layer.index.toString()] ?? start);
  const viewAt = (place: Place): HeatView | null => {
    if (layer === null) return null;
    const tall = window.innerWidth <= 760 ? stackedHeight : element.clientHeight - choices.offsetHeight;
    return heatView({
      rows: layer.rows,
      cols: layer.cols,
      width: Math.max(40, element.clientWidth - heatSides(element.clientWidth)),
      height: Math.max(40, tall - heatRoom.top - heatRoom.bottom - 4),
      place,
    });
  };
  const move = (place: Place): void => {
    const next = viewAt(place);
    if (layer === null || next === null) return;
    view = next;
    store.keep({ zoom: { ...store.get().kept.zoom, [layer.index.toString()]: next.place } });
    plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      if (!element.isConnected) return;
      wish();
      paint();
    });
  };
  const wish = (): void => {
    if (layer === null || state === null || layer.profile === null) return;
    view = viewAt(placeOf());
    if (view === null || (latest?.of === identity() && covers(latest.shot, view))) return;
    const { pruned } = state.kept;
    ask({
      layer: layer.index,
      pruned,
      version: versionOf(layer, pruned),
      window: windowOf(view, layer.rows, layer.cols, messageLimits.tileSide),
    });
  };
  const paint = (): void => {
    // A tile may come when another picture is shown by then.
    if (!element.isConnected || layer === null || view === null || state === null) return;
    const { pruned } = state.kept;
    const current = latest?.of === identity() && covers(latest.shot, view) ? latest : null;
    const sight: Sight | null = current === null ? null : sightOf(current.shot, view);
    // Until the new tile is there, the older one of the same layer stands in its place.
    const picture = latest?.of.startsWith(`[${layer.index.toString()},`) === true ? latest : null;
    if (cursor !== null)
      cursor = {
        row: Math.min(cursor.row, view.rows.cells - 1),
        col: Math.min(cursor.col, view.cols.cells - 1),
      };
    const all = element.clientWidth;
    const context = prepare(
      canvas,
      view.cols.cells * view.cols.px + heatSides(all),
      heatRoom.top + Math.max(view.rows.cells * view.rows.px, heatRoom.leastScale) + heatRoom.bottom,
    );
    if (context === null) return;
    const { positions } = layer;
    paintHeatmap(
      context,
      {
        view,
        sight,
        picture:
          picture === null ? null : { canvas: picture.canvas, rect: tileRect(picture.shot.window, view) },
        rowTicks: rowTicks(view.rows, countText),
        colTicks: colTicks(view.cols, positions, (n) => inputText(n, positions)),
        colNote: positions > 1 ? `${counted(positions, 'kernel position')} each` : '',
        density: densityOf(layer, pruned),
        cursor,
        dead: { rows: isWhole(view.cols, layer.cols), cols: isWhole(view.rows, layer.rows) },
        wide: all >= heatRoom.wideFrom,
      },
      inks(),
    );
    tools.read(...heatReading(layer, view, sight, cursor, pruned));
  };
  const input = heatInput({
    frame,
    canvas,
    view: () => view,
    viewAt,
    size: () => ({ rows: layer?.rows ?? 0, cols: layer?.cols ?? 0 }),
    cursor: () => cursor,
    point(cell) {
      cursor = cell;
      plan();
    },
    move,
  });
  new ResizeObserver(plan).observe(element);

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
      dead.update(of);
      if (theme !== next.theme && latest !== null)
        latest = { ...latest, canvas: tileCanvas(latest.shot, inks().ramp) };
      theme = next.theme;
      frame.setAttribute('aria-label', heatLabel(of, next.kept.pruned));
      wish();
      paint();
    },
    key({ key }) {
      if (key === '+' || key === '=') input.zoom(1);
      else if (key === '-' || key === '−') input.zoom(-1);
      else if (key === '0') move(start);
      else return false;
      return true;
    },
  };
}

const versionOf = (layer: LayerReport, pruned: boolean): string =>
  pruned ? JSON.stringify(tileMask(layer.prune)) : 'stored';

const identityOf = (layer: LayerReport, pruned: boolean): string =>
  JSON.stringify([layer.index, pruned, versionOf(layer, pruned)]);

const isWhole = (axis: Axis, n: number): boolean => axis.from === 0 && axis.to === n;

const inputText = (n: number, positions: number): string =>
  n === 0 ? (positions > 1 ? 'input channel 0' : 'input 0') : countText(n);

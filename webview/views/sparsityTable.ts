import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Tile } from '../../analyzers/report/tile.ts';
import { failureOf } from '../../analyzers/rpc/failure.ts';
import { counted, countText, percentText, shortPercentText } from '../../analyzers/report/units.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { deadSection } from './deadUnits.ts';
import { densityOf } from './heatWords.ts';
import type { ViewTools } from './view.ts';

/** Rows and columns of the table at most. */
const most = 10;

/** The heatmap as figures: the share kept in each of at most ten by ten parts. */
export function sparsityTwin(layer: LayerReport, { session, store }: ViewTools): HTMLElement {
  const { pruned } = store.get().kept;
  const body = h('div', {}, h('p', { class: 'quiet', text: 'reading…' }));
  const size = { height: Math.min(most, layer.rows), width: Math.min(most, layer.cols) };
  session
    .tile(
      layer.index,
      { rows: [0, layer.rows], cols: [0, layer.cols], ...size },
      pruned,
      new AbortController().signal,
    )
    .then(
      (tile) => fill(body, tableOf(layer, tile, size, densityOf(layer, pruned))),
      (error: unknown) => fill(body, plain(failureOf(error).message)),
    );
  const { prune } = layer;
  return h(
    'div',
    {},
    heading(
      `Density of ${plain(layer.name, 60)}`,
      `${pruned ? 'kept by the rule' : 'non-zeros as stored'}, ${counted(size.height, 'part')} by ${countText(size.width)}`,
    ),
    body,
    h('p', {
      class: 'quiet small',
      text: `${counted(prune?.deadRows ?? 0, 'dead row')} · ${counted(prune?.deadCols ?? 0, 'dead column')} · density ${percentText(densityOf(layer, pruned))}`,
    }),
    deadSection(layer),
  );
}

const edge = (n: number, parts: number, i: number): string => {
  const from = Math.floor((i * n) / parts);
  const to = Math.floor(((i + 1) * n) / parts) - 1;
  return from >= to ? countText(from) : `${countText(from)} to ${countText(to)}`;
};

const numbers = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

const strong = (text: string): HTMLElement => h('span', { class: 'strong', text });

function tableOf(
  layer: LayerReport,
  tile: Tile,
  { height, width }: { readonly height: number; readonly width: number },
  density: number,
): HTMLElement {
  return figures({
    caption: 'Sparsity',
    columns: [
      { head: 'rows' },
      ...numbers(width).map((c) => ({ head: edge(layer.cols, width, c) })),
      { head: 'all' },
    ],
    rows: numbers(height).map((r) => ({
      cells: [
        edge(layer.rows, height, r),
        ...numbers(width).map((c) => shortPercentText(tile.density[r * width + c] ?? 0)),
        strong(shortPercentText(tile.rowDensity[r] ?? 0)),
      ],
    })),
    foot: {
      cells: [
        'all',
        ...numbers(width).map((c) => shortPercentText(tile.colDensity[c] ?? 0)),
        shortPercentText(density),
      ],
    },
  });
}

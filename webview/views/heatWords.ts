import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { counted, countText, numberText, percentText } from '../../analyzers/report/units.ts';
import { cellRange, type HeatView } from '../charts/heatmapScene.ts';
import type { Sight } from '../charts/tilePicture.ts';
import type { ReadPart } from './view.ts';

/** Share of weights that the picture shows: what the rule keeps, or the stored non-zeros. */
export const densityOf = (layer: LayerReport, pruned: boolean): number =>
  pruned
    ? (layer.prune?.density ?? 0)
    : layer.profile === null || layer.weights === 0
      ? 0
      : 1 - layer.profile.zeros / layer.weights;

/** What the picture is called to those who do not see it. */
export function heatLabel(layer: LayerReport, pruned: boolean): string {
  const what = pruned ? 'kept weights' : 'stored non-zeros';
  return `Sparsity of ${plain(layer.name, 60)}: ${what}, ${counted(layer.rows, 'row')} by ${counted(layer.cols, 'column')}, density ${percentText(densityOf(layer, pruned))}`;
}

const rangeText = ([from, to]: readonly [number, number]): string =>
  to - from === 1 ? countText(from) : `${countText(from)} to ${countText(to - 1)}`;

/** What the line under the picture says of the cell under the crosshair, or of the whole. */
export function heatReading(
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
      `block ${countText(rows[1] - rows[0])} × ${countText(cols[1] - cols[0])}:`,
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

import { plain } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { CodebookPoint, CodebookStudy } from '../../analyzers/report/studies.ts';
import {
  counted,
  bitsAsBytesText,
  countText,
  decibelText,
  numberText,
} from '../../analyzers/report/units.ts';
import { plots } from '../charts/plots.ts';
import { codebookName, rateRows, rateScene, type RateScene } from '../charts/rateScene.ts';
import { cellBar } from '../layers/line.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { studyLine } from './studyLine.ts';
import type { ViewTools } from './view.ts';

const lineNames = ['optimal', 'rate'] as const;

const errorText = ({ mse, sqnrDb }: CodebookPoint): string =>
  mse === 0 || sqnrDb === null ? 'exact' : decibelText(sqnrDb);

/** Error against bytes for other codebooks of the same kept weights, and a table of those at the size that is set. */
export function rateCurve(
  { studies, read }: Pick<ViewTools, 'studies' | 'read'>,
  ordinary: () => void,
): { readonly element: HTMLElement; update(layer: LayerReport): void } {
  let last: { readonly layer: LayerReport; readonly study: CodebookStudy; readonly scene: RateScene } | null =
    null;
  const chart = plots(
    {
      label: () => `Error against bytes of other codebooks for ${plain(last?.layer.name ?? '', 60)}`,
      height: 190,
      width: 520,
      shared: false,
    },
    () => (last === null ? [] : [last.scene.plot]),
    (at) => {
      const point = at === null ? undefined : last?.scene.points[at.line]?.[at.point];
      if (at === null || point === undefined) ordinary();
      else
        read(
          [lineNames[at.line] ?? '', `${counted(point.k, 'value')}, ${counted(point.bits, 'bit')}`],
          ['mean squared error', numberText(point.mse)],
          ['SQNR of kept weights', errorText(point)],
          ['coded', bitsAsBytesText(point.codedBits)],
        );
    },
  );
  const line = h('div');
  const table = h('div');
  const key = h(
    'p',
    { class: 'plot-key small quiet' },
    h('i', { class: 'solid' }),
    'optimal, 1 to 256 values ',
    h('i', { class: 'dashed' }),
    'rate ',
    '○ published starts  □ uniform grids  ● now',
  );
  const body = h('div', {}, chart.element, key, table);
  const element = h(
    'div',
    { class: 'rate-view' },
    heading('Error against bytes', 'the same kept weights under other codebooks, both logarithmic'),
    line,
    body,
  );
  return {
    element,
    update(layer) {
      const state = studies.of('codebooks', layer);
      if (state.kind === 'done') last = { layer, study: state.value, scene: rateScene(state.value) };
      else if (last?.layer.index !== layer.index) last = null;
      fill(line, state.kind === 'done' ? null : studyLine(state, studies));
      body.hidden = last === null;
      if (last === null) return;
      fill(table, rowsTable(last.study));
      chart.draw();
    },
  };
}

function rowsTable(study: CodebookStudy): HTMLElement {
  const rows = rateRows(study);
  // An even grid may err a hundred times as much: its bar is cut, so that codebooks can be told apart.
  const found = rows.filter(({ group }) => group === 'codebook');
  const most = Math.max(1e-300, ...found.map(({ point }) => point.mse));
  return figures({
    caption: 'Codebooks beside this one',
    columns: [
      { head: '' },
      { head: 'values' },
      { head: 'bits' },
      { head: 'mean squared error' },
      { head: 'SQNR' },
      { head: 'coded' },
      { head: 'empty' },
    ],
    rows: rows.map(({ name, group, point, isNow }) => ({
      kind: isNow ? ('now' as const) : undefined,
      cells: [
        h('span', { class: group === 'uniform' ? 'quiet' : '', text: isNow ? `${name}, now` : name }),
        countText(point.k),
        countText(point.bits),
        h(
          'span',
          { class: 'barred' },
          cellBar(Math.min(1, point.mse / most), group === 'uniform' ? 'fact' : 'result'),
          numberText(point.mse),
        ),
        errorText(point),
        bitsAsBytesText(point.codedBits),
        point.empty > 0 ? countText(point.empty) : '',
      ],
    })),
  });
}

/** The curve as figures: at most so many sizes of the optimum, then what stands beside it. */
const mostSizes = 64;

export function rateTables(layer: LayerReport, { studies }: ViewTools): HTMLElement {
  const state = studies.of('codebooks', layer);
  const name = plain(layer.name, 60);
  if (state.kind !== 'done')
    return h('div', {}, heading(`Other codebooks for ${name}`, ''), studyLine(state, studies));
  const { optimal, rate } = state.value;
  // Every size up to 32, then every eighth: the curve is smooth.
  const shown = optimal.filter(({ k }) => k <= 32 || k % 8 === 0).slice(0, mostSizes);
  return h(
    'div',
    { class: 'twins' },
    heading(`Other codebooks for ${name}`, 'the same kept weights, at the size that is set'),
    rowsTable(state.value),
    heading('Optimal codebooks by size', 'the least squared error of every number of values'),
    sizesTable('Optimal codebooks', shown),
    rate.length === 0 ? null : heading('Rate codebooks', 'from few coded bits to many'),
    rate.length === 0 ? null : sizesTable('Rate codebooks', rate),
  );
}

const sizesTable = (caption: string, points: readonly CodebookPoint[]): HTMLElement =>
  figures({
    caption,
    columns: [
      { head: 'values' },
      { head: 'method', start: true },
      { head: 'bits' },
      { head: 'mean squared error' },
      { head: 'SQNR' },
      { head: 'coded' },
    ],
    rows: points.map((point) => ({
      cells: [
        countText(point.k),
        codebookName(point),
        countText(point.bits),
        numberText(point.mse),
        errorText(point),
        bitsAsBytesText(point.codedBits),
      ],
    })),
  });

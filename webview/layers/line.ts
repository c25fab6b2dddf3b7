import { plain } from '../../analyzers/report/clean.ts';
import type { State } from '../store.ts';
import { h, setAttr } from '../ui/dom.ts';
import { nameText } from '../ui/name.ts';
import type { Column, Row } from './columns.ts';

export const rowHeight = 22;
/** Id of a row's element; the grid names the active one by it. */
export const rowId = (index: number | null): string => `layer-${index === null ? 'all' : index.toString()}`;

/** One layer as a line of the grid. */
export function layerLine(
  row: Row,
  at: number,
  columns: readonly Column[],
  state: Pick<State, 'waiting' | 'kept' | 'run' | 'slow'>,
): HTMLElement {
  const { index } = row.stub;
  const isWaiting = row.report === null || (state.slow && state.waiting.has(index));
  const unreadable = row.report !== null && row.report.encode === null;
  const late = row.report === null ? lateText(state) : unreadable ? 'not readable' : '';
  const cells: HTMLElement[] = [];
  for (const column of columns) {
    // What is not there yet is told once, over the columns that wait for it.
    if (late !== '' && fromReport.has(column.id)) continue;
    cells.push(cell(row, column));
  }
  if (late !== '')
    cells.push(
      h('div', { class: 'note', text: late, attrs: { role: 'gridcell' }, style: noteSpan(columns) }),
    );
  return h(
    'div',
    {
      class: isWaiting ? 'line waits' : 'line',
      attrs: {
        role: 'row',
        id: rowId(index),
        'data-layer': index,
        'aria-rowindex': at + 2,
        'aria-selected': String(state.kept.selected === index),
      },
      style: { top: `${(at * rowHeight).toString()}px` },
    },
    ...cells,
  );
}

/** The columns that only a layer's report can fill. */
const fromReport: ReadonlySet<string> = new Set(['density', 'threshold', 'bits', 'coded', 'factor', 'sqnr']);

const noteSpan = (columns: readonly Column[]): Record<string, string> => {
  const first = columns.findIndex(({ id }) => fromReport.has(id));
  return {
    'grid-column': first < 0 ? `${columns.length.toString()} / -1` : `${(first + 1).toString()} / -1`,
  };
};

const lateText = ({ run }: Pick<State, 'run'>): string =>
  run.kind === 'cancelled' ? 'not read' : run.kind === 'failed' ? '' : 'waits';

function cell(row: Row, column: Column): HTMLElement {
  const { bar, id, align } = column;
  const text = plain(column.text(row));
  const later = fromReport.has(id) ? 'later' : '';
  if (id === 'name')
    return h(
      'div',
      { class: align, attrs: { role: 'gridcell', title: plain(row.stub.name), 'aria-label': text } },
      nameText(text),
    );
  if (bar === undefined)
    return h('div', {
      class: `${align} ${later}`,
      text,
      attrs: { role: 'gridcell' },
    });
  const share = bar.share(row);
  return h(
    'div',
    { class: `barred ${later}`, attrs: { role: 'gridcell' } },
    share === null ? null : cellBar(share, bar.ink),
    h('span', { class: 'figure end', text, style: { 'min-width': `${bar.figure.toString()}em` } }),
  );
}

export function cellBar(share: number, ink: 'fact' | 'result', wide = false): HTMLElement {
  const width = share > 0 ? `max(1px, ${(100 * Math.min(1, share)).toFixed(2)}%)` : '0';
  return h(
    'span',
    { class: `cellbar ${ink} ${wide ? 'wide' : ''}`, attrs: { 'aria-hidden': 'true' } },
    h('i', { style: { width } }),
  );
}

/** The head of a column: a button that sorts by it. */
export function headCell(column: Column, state: Pick<State, 'kept'>, sort: () => void): HTMLElement {
  const { sort: by } = state.kept;
  const cellElement = h('div', { class: column.align, attrs: { role: 'columnheader' } });
  const sorted = by?.by === column.id;
  setAttr(cellElement, 'aria-sort', sorted ? (by.down ? 'descending' : 'ascending') : null);
  cellElement.append(
    h('button', {
      text: column.label,
      attrs: { type: 'button', tabindex: -1, title: `Sort by ${column.title}` },
      on: { click: sort },
    }),
    sorted ? h('span', { class: 'arrow', text: by.down ? '↓' : '↑', attrs: { 'aria-hidden': 'true' } }) : '',
  );
  return cellElement;
}

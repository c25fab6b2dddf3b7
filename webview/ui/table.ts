import { h, type Child } from './dom.ts';

export interface TableColumn {
  readonly head: string;
  /** Words stand left; figures, the rule, right. */
  readonly start?: boolean;
}

/** A cell's text, or an element that stands in it. */
export type Cell = string | HTMLElement;

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly kind?: 'now' | 'quiet' | undefined;
}

/** A table of figures. The first cell of a row names it. */
export function figures(options: {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly foot?: TableRow;
}): HTMLTableElement {
  const { caption, columns, rows, foot } = options;
  const line = ({ cells, kind }: TableRow): HTMLElement =>
    h(
      'tr',
      { class: kind ?? '' },
      ...cells.map((cell, i) =>
        i === 0
          ? h('th', { attrs: { scope: 'row' } }, cell)
          : h('td', { class: columns[i]?.start === true ? 'start' : '' }, cell),
      ),
    );
  return h(
    'table',
    { class: 'figures', attrs: { 'aria-label': caption } },
    columns.every(({ head }) => head === '')
      ? null
      : h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...columns.map(({ head, start }, i) =>
              h('th', {
                class: start === true || i === 0 ? 'start' : '',
                text: head,
                attrs: { scope: 'col' },
              }),
            ),
          ),
        ),
    h('tbody', {}, ...rows.map(line)),
    foot === undefined ? null : h('tfoot', {}, line(foot)),
  );
}

/** A picture's heading: what it is, and its terms in quiet. */
export const heading = (title: string, terms: string, ...more: readonly Child[]): HTMLElement =>
  h('h3', {}, title, ' ', h('span', { class: 'quiet', text: terms }), ...more);

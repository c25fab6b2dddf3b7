import { countText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import { partText, readStubs } from '../readPart.ts';
import type { State, Store } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { fitting, shownColumns, type Column, type Row } from './columns.ts';
import { headCell, layerLine, rowHeight, rowId } from './line.ts';
import { arrange, nextSort, rowsOf, typeAhead } from './rows.ts';
import { scrollTo, sliceOf } from './virtual.ts';

/** Letters typed within this many milliseconds belong together. */
const typingMs = 800;

/**
 * The layers as a grid named "Layers": one stop of the Tab key, rows in sight only, the whole model as its last row.
 * Selection follows the arrows, as in VS Code's lists; Enter goes to the detail.
 */
export function layerGrid(store: Store, session: Session, openDetail: () => void): Part {
  const head = h('div', { class: 'line head', attrs: { role: 'row', 'aria-rowindex': 1 } });
  const space = h('div', { attrs: { role: 'presentation' } });
  const rows = h('div', { class: 'rows', attrs: { role: 'rowgroup' } }, space);
  const empty = h('div', { class: 'empty', attrs: { role: 'status' } });
  const whole = h('div', { class: 'line whole', attrs: { role: 'row', id: rowId(null) } });
  const element = h(
    'div',
    { class: 'grid', attrs: { role: 'grid', 'aria-label': 'Layers', tabindex: 0 } },
    h('div', { attrs: { role: 'rowgroup' } }, head),
    rows,
    empty,
    h('div', { attrs: { role: 'rowgroup' } }, whole),
  );
  let state = store.get();
  let all: readonly Row[] = [];
  let shown: readonly Row[] = [];
  let columns: readonly Column[] = [];

  const drawHead = whenChanged(() => {
    const em = Number.parseFloat(getComputedStyle(element).fontSize);
    columns = fitting(shownColumns(state.kept.columns), element.clientWidth / em);
    element.style.setProperty(
      '--columns',
      columns.map(({ width }) => (width === 0 ? 'minmax(4em, 1fr)' : `${width.toString()}em`)).join(' '),
    );
    fill(
      head,
      ...columns.map((column) =>
        headCell(column, state, () => store.keep({ sort: nextSort(store.get().kept.sort, column.id) })),
      ),
    );
  });
  const arrangeRows = whenChanged(() => {
    shown = arrange(all, state.kept);
    empty.hidden = shown.length === all.length;
    setText(
      empty,
      shown.length === 0
        ? 'no layer matches'
        : `${countText(shown.length)} of ${countText(all.length)} shown; sums are of all`,
    );
    element.setAttribute('aria-rowcount', (shown.length + 2).toString());
  });
  const drawRows = whenChanged(() => {
    const slice = sliceOf({
      rows: shown.length,
      rowHeight,
      scrollTop: rows.scrollTop,
      viewHeight: rows.clientHeight || window.innerHeight,
      spare: 8,
    });
    space.style.height = `${slice.height.toString()}px`;
    const lines = shown
      .slice(slice.from, slice.from + slice.count)
      .map((row, i) => layerLine(row, slice.from + i, columns, state));
    fill(rows, space, ...lines);
    markActive();
  });
  const showSelected = whenChanged(() => {
    const at = shown.findIndex(({ stub }) => stub.index === state.kept.selected);
    if (at >= 0) rows.scrollTop = scrollTo(at, rowHeight, rows.scrollTop, rows.clientHeight);
  });
  const drawWhole = whenChanged(() => {
    const { totals, kept, stubs, layers } = state;
    const isDone = stubs.length > 0 && layers.size === stubs.length;
    // Layers that cannot be read are in no sum of this row.
    const part = isDone && (totals?.weights ?? 0) > 0 ? partText(state) : null;
    const summed = part === null ? stubs : readStubs(state);
    const every = { weights: sumOf(stubs, 'weights'), macs: sumOf(stubs, 'macs') };
    const sums = {
      ...(part === null ? every : { weights: sumOf(summed, 'weights'), macs: sumOf(summed, 'macs') }),
      all: every,
      totals: isDone ? totals : null,
      part,
    };
    whole.title =
      part === null ? 'whole model' : `sums over ${part}: the weights of the others could not be read`;
    fill(
      whole,
      ...columns.map(({ align, total }) =>
        h('div', { class: align, text: total(sums), attrs: { role: 'gridcell' } }),
      ),
    );
    whole.setAttribute('aria-selected', String(kept.selected === null));
    whole.setAttribute('aria-rowindex', (shown.length + 2).toString());
    markActive();
  });
  const markActive = (): void => {
    const id = rowId(state.kept.selected);
    element.setAttribute('aria-activedescendant', id);
    for (const line of element.querySelectorAll('.line')) line.classList.toggle('active', line.id === id);
  };
  const redraw = (): void => {
    drawHead(state.kept.columns, state.kept.sort, element.clientWidth);
    arrangeRows(all, state.kept.filter, state.kept.op, state.kept.sort);
    showSelected(state.kept.selected, state.kept.sort);
    drawRows(
      shown,
      columns,
      state.waiting,
      state.slow,
      state.run.kind,
      state.kept.selected,
      rows.scrollTop,
      rows.clientHeight,
    );
    drawWhole(state.totals, columns, state.kept.selected, shown.length, state.stubs, state.layers.size);
  };
  const choose = (at: number): void => {
    const row = shown[at];
    session.select(row?.stub.index ?? null);
  };

  rows.addEventListener('scroll', redraw, { passive: true });
  new ResizeObserver(redraw).observe(rows);
  element.addEventListener('click', (event) => {
    const line = event.target instanceof Element ? event.target.closest<HTMLElement>('.line') : null;
    if (line === null || line === head) return;
    element.focus({ preventScroll: true });
    session.select(line === whole ? null : Number(line.dataset['layer']));
  });
  element.addEventListener('dblclick', (event) => {
    if (event.target instanceof Element && event.target.closest('.line:not(.head)') !== null) openDetail();
  });
  let typed = '';
  let typedAt = 0;
  element.addEventListener('keydown', (event) => {
    if (event.target !== element || event.ctrlKey || event.altKey || event.metaKey) return;
    const { selected } = state.kept;
    const at = selected === null ? shown.length : shown.findIndex(({ stub }) => stub.index === selected);
    const page = Math.max(1, Math.floor(rows.clientHeight / rowHeight) - 1);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: shown.length,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      choose(Math.max(0, Math.min(shown.length, to)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      openDetail();
    } else if (event.key.length === 1 && event.key !== ' ') {
      const now = performance.now();
      const goesOn = now - typedAt < typingMs && typed !== '';
      typed = goesOn ? typed + event.key : event.key;
      typedAt = now;
      const found = typeAhead(shown, typed, goesOn ? Math.max(0, at) : at + 1);
      // A letter that finds no name is left to the page's own keys.
      if (found < 0) {
        typed = '';
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      choose(found);
    }
  });

  const rowsChanged = whenChanged(() => {
    all = rowsOf(state);
  });
  return {
    element,
    update(next) {
      state = next;
      rowsChanged(next.stubs, next.layers);
      redraw();
    },
  };
}

const sumOf = (stubs: State['stubs'], key: 'weights' | 'macs'): number =>
  stubs.reduce((sum, stub) => sum + (stub[key] ?? 0), 0);

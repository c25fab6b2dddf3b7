import { paperColumns, paperNote, paperSizes } from '../../analyzers/report/paperTable.ts';
import { arrange, rowsOf } from '../layers/rows.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged } from '../ui/part.ts';
import { nameText } from '../ui/name.ts';
import { figures, heading } from '../ui/table.ts';
import type { State } from '../store.ts';
import type { WholeView } from './wholeView.ts';

/** Rows at most; the report's files have all. */
const mostRows = 1000;

/** Every layer in the columns of Deep Compression's tables, the papers' count beside ours. */
export const paperView: WholeView = {
  id: 'papers',
  title: 'P, P+Q, P+Q+H',
  part: ({ read }) => {
    const element = h('div', { class: 'twins long-heads' });
    let state: State | null = null;
    const draw = whenChanged(() => {
      if (state !== null) fill(element, ...tableOf(state));
    });
    return {
      element,
      update(next) {
        state = next;
        read('a rate is what is left of the dense weights as stored');
        draw(next.stubs, next.layers, next.totals, next.kept.filter, next.kept.op, next.kept.sort);
      },
    };
  },
};

function tableOf(state: State): HTMLElement[] {
  const { totals } = state;
  if (totals === null || totals.weights === 0)
    return [h('p', { class: 'quiet', text: 'No weight has been read yet.' })];
  const rows = arrange(rowsOf(state), state.kept).slice(0, mostRows);
  return [
    heading('As Deep Compression counts', `${paperSizes(totals)}; one-shot, not retrained`),
    figures({
      caption: "Papers' columns",
      columns: paperColumns.map(({ head }) => ({ head })),
      rows: rows.map(({ stub, report }) => ({
        cells:
          report === null
            ? [nameText(stub.name)]
            : paperColumns.map(({ cell }, i) => (i === 0 ? nameText(stub.name) : cell(report, totals))),
        kind: report === null ? ('quiet' as const) : undefined,
      })),
      foot: { cells: paperColumns.map(({ total }) => total(totals)) },
    }),
    h('p', { class: 'quiet small', text: paperNote }),
  ];
}

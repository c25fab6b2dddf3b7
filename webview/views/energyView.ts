import { framesPerSecond, readEnergyRows, type ReadEnergy } from '../../analyzers/report/readEnergy.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import { bitsAsBytesText, energyText, shortCountText, wattsText } from '../../analyzers/report/units.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged } from '../ui/part.ts';
import { figures, heading } from '../ui/table.ts';
import type { WholeView } from './wholeView.ts';

const perSecond = `W at ${framesPerSecond.toString()}/s`;

/** What reading the weights costs, from DRAM and from SRAM. */
export const energyView: WholeView = {
  id: 'energy',
  title: 'Energy',
  part: ({ read }) => {
    const element = h('div', { class: 'twins long-heads' });
    let totals: Totals | null = null;
    const draw = whenChanged(() => {
      if (totals === null) fill(element);
      else fill(element, readEnergyTable(totals));
    });
    return {
      element,
      update(state) {
        ({ totals } = state);
        read('assumed, not measured: every weight is read once an inference, and nothing is cached');
        draw(totals);
      },
    };
  },
};

/** What reading every weight once for each inference costs: the opened model beside the statements on AlexNet. */
function readEnergyTable(totals: Totals): HTMLElement {
  if (totals.weights === 0) return h('p', { class: 'quiet', text: 'No weight has been read yet.' });
  return h(
    'section',
    {},
    heading(
      'Reading the weights',
      'once an inference; assumed: 640 pJ (DRAM), 5 pJ (SRAM) a 32-bit word, 45 nm',
    ),
    figures({
      caption: 'Energy to read the weights',
      columns: [
        { head: '' },
        { head: 'weights' },
        { head: 'bytes' },
        { head: 'from DRAM' },
        { head: perSecond },
        { head: 'from SRAM' },
        { head: perSecond },
      ],
      rows: readEnergyRows(totals).map((row) => ({
        cells: [
          named(row),
          shortCountText(row.weights),
          bitsAsBytesText(row.bits),
          energyText(row.dramUj),
          wattsText(row.dramWatts),
          energyText(row.sramUj),
          wattsText(row.sramWatts),
        ],
        kind: row.source === null ? undefined : ('quiet' as const),
      })),
    }),
    h('p', { class: 'quiet small', text: powerWords(totals) }),
  );
}

/** What the power is of, and what the lecture prints beside our figure. */
function powerWords(totals: Totals): string {
  const printed = readEnergyRows(totals).flatMap(({ what, printedWatts }) =>
    printedWatts === null ? [] : [`; ${what}: the lecture prints ${printedWatts.toString()}`],
  );
  return `${perSecond}: the power that reading the weights takes at ${framesPerSecond.toString()} inferences a second${printed.join('')}.`;
}

const named = ({ what, source }: ReadEnergy): HTMLElement =>
  h('span', { text: what, attrs: source === null ? {} : { title: source } });

import { framesPerSecond, readEnergyRows, type ReadEnergy } from '../../analyzers/report/readEnergy.ts';
import type { Totals } from '../../analyzers/report/report.ts';
import { bitsAsBytesText, energyText, shortCountText, wattsText } from '../../analyzers/report/units.ts';
import { h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';

const perSecond = `W at ${framesPerSecond.toString()}/s`;

/** What reading every weight once for each inference costs: the opened model beside the statements on AlexNet. */
export function readEnergyTable(totals: Totals): HTMLElement {
  if (totals.weights === 0) return h('div');
  return h(
    'section',
    { class: 'read-energy' },
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
          row.printedWatts === null
            ? wattsText(row.dramWatts)
            : `${wattsText(row.dramWatts)} (printed: ${row.printedWatts.toString()})`,
          energyText(row.sramUj),
          wattsText(row.sramWatts),
        ],
        kind: row.source === null ? undefined : ('quiet' as const),
      })),
    }),
  );
}

const named = ({ what, source }: ReadEnergy): HTMLElement =>
  h('span', { text: what, attrs: source === null ? {} : { title: source } });

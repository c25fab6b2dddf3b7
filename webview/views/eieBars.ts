import { plainMessage } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { PlatformTimes } from '../../analyzers/report/platforms.ts';
import { energyText, factorText, numberText, percentText } from '../../analyzers/report/units.ts';
import type { Saving, Waterfall } from '../../analyzers/report/waterfall.ts';
import { microseconds, platformBars, waterfallBars, type LogBar, type LogBars } from '../charts/eieScene.ts';
import { h } from '../ui/dom.ts';
import { heading } from '../ui/table.ts';
import { causeNames, lossesOf, platformsOf, savingsOf, whySlow, type Modelled } from './eieWords.ts';

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** A bar between two places of its track. `look`: own figures are filled, the paper's hatched, costs outlined. */
const bar = ({ from, to }: LogBar, look: 'own' | 'paper' | 'cost'): HTMLElement =>
  h('i', { class: look, style: { left: percent(from), width: percent(Math.max(0, to - from)) } });

const track = (...bars: readonly (HTMLElement | null)[]): HTMLElement =>
  h('span', { class: 'eie-track', attrs: { 'aria-hidden': 'true' } }, ...bars);

/** The words of a logarithmic axis, over its bars. */
const axis = (ticks: LogBars<never>['ticks']): HTMLElement =>
  h(
    'div',
    { class: 'eie-row axis small quiet', attrs: { role: 'presentation' } },
    h('span'),
    h(
      'span',
      { class: 'eie-axis' },
      ...ticks.map(({ at, text }) =>
        h('span', {
          class: at > 0.98 ? 'last' : at < 0.02 ? 'first' : '',
          text,
          style: { left: percent(at) },
        }),
      ),
    ),
  );

const row = (label: HTMLElement | string, bars: HTMLElement, ...cells: readonly HTMLElement[]): HTMLElement =>
  h(
    'div',
    { class: 'eie-row', attrs: { role: 'row' } },
    h('span', { class: 'eie-label', attrs: { role: 'rowheader' } }, label),
    bars,
    ...cells.map((cell) => {
      cell.setAttribute('role', 'cell');
      return cell;
    }),
  );

const rows = (name: string, className: string, ...lines: readonly HTMLElement[]): HTMLElement =>
  h('div', { class: `eie-rows ${className}`, attrs: { role: 'table', 'aria-label': name } }, ...lines);

/** Where the cycles go: every cause with its bar and its sentence. */
export function lossBars(study: Modelled): HTMLElement {
  const all = Math.max(1, study.estimate.cycles);
  return h(
    'section',
    {},
    heading('Where the cycles go', 'simulated'),
    h('p', { class: 'eie-words', text: whySlow(study) }),
    rows(
      'Where the cycles go',
      'losses',
      ...lossesOf(study).flatMap(({ cause, cycles, text }) => [
        row(
          causeNames[cause],
          track(bar({ from: 0, to: Math.min(1, cycles / all) }, cause === 'work' ? 'own' : 'cost')),
          h('span', { class: 'end', text: numberText(cycles) }),
          h('span', { class: 'end quiet', text: percentText(cycles / all) }),
        ),
        h('p', { class: 'eie-why small quiet', text: plainMessage(text) }),
      ]),
    ),
  );
}

/** 'exact, static' */
export const savingTerms = ({ result, when }: Saving): string => `${result}, ${when}`;

export const savingFactor = ({ factor }: Saving): string =>
  factor === null ? 'nothing left' : factorText(factor);

/** What saves energy in reading the weights, one step after the other. */
export function savingBars(layer: LayerReport, study: Modelled): HTMLElement | null {
  const falls = savingsOf(layer, study);
  if (falls === null) return null;
  const { rows: steps, ticks, dense } = waterfallBars(falls);
  return h(
    'section',
    {},
    heading(
      'What saves energy',
      'reading the weights, simulated, logarithmic; hatched: by the paper’s factor',
    ),
    rows(
      'What saves energy',
      'savings',
      axis(ticks),
      row(
        'dense, 32 bits, DRAM',
        track(bar(dense, 'own')),
        h('span', { class: 'end', text: energyText(falls.denseUj) }),
      ),
      ...steps.map(({ saving, bar: own, paper, isCost }) => {
        const line = row(
          h('span', {}, saving.label, ' ', h('span', { class: 'quiet small', text: savingTerms(saving) })),
          track(bar(own, isCost ? 'cost' : 'own'), paper === null ? null : bar(paper, 'paper')),
          h('span', { class: 'end', text: savingFactor(saving) }),
          h('span', {
            class: 'end quiet',
            text: saving.paper === null ? '' : `paper ${factorText(saving.paper)}`,
          }),
        );
        line.title = saving.text;
        return line;
      }),
    ),
    h('p', { class: 'eie-words small quiet', text: totalWords(falls) }),
  );
}

export const totalWords = ({ factor, paper, steps }: Waterfall): string =>
  `${factor === null ? 'Nothing is left to read' : `All together ${factorText(factor)}, to ${energyText(steps.at(-1)?.uj ?? 0)}`}; the paper’s factors multiply to ${factorText(paper)}. Outlined: a cost.`;

/** Speed and energy beside the paper's platforms, or why none stands beside the layer. */
export function platformSection(layer: LayerReport, study: Modelled): HTMLElement {
  const times = platformsOf(layer, study);
  const { benchmark, notes } = times;
  return h(
    'section',
    {},
    heading(
      'Beside other platforms',
      benchmark === null
        ? 'none of the same shape in the paper'
        : `logarithmic, against the CPU on the dense layer; hatched: the paper’s, of ${benchmark}`,
    ),
    benchmark === null
      ? null
      : h(
          'div',
          { class: 'columns' },
          platformRows(times, 'speedup'),
          platformRows(times, 'energyEfficiency'),
        ),
    ...notes.map((text) => h('p', { class: 'eie-words small quiet', text: plainMessage(text) })),
  );
}

const measures = { speedup: 'Speed-up', energyEfficiency: 'Energy efficiency' } as const;

function platformRows({ rows: all }: PlatformTimes, of: keyof typeof measures): HTMLElement {
  const { rows: told, ticks } = platformBars(all, of);
  if (told.length === 0) return h('div');
  return rows(
    measures[of],
    'platforms',
    h('div', { class: 'small strong', text: measures[of], attrs: { role: 'presentation' } }),
    axis(ticks),
    ...told.map(({ label, basis, value, timeUs, bar: own }) => {
      const line = row(
        h('span', { class: basis === 'simulated' ? 'strong' : '', text: label }),
        track(bar(own, basis === 'paper' ? 'paper' : 'own')),
        h('span', { class: 'end', text: factorText(value) }),
        h('span', { class: 'quiet', text: basis }),
      );
      line.title = `${microseconds(timeUs)}, ${basis}`;
      return line;
    }),
  );
}

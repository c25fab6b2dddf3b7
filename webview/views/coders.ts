import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { CoderStudy } from '../../analyzers/report/studies.ts';
import {
  counted,
  bitsAsBytesText,
  bytesText,
  countText,
  factorText,
  percentText,
} from '../../analyzers/report/units.ts';
import { coderGroups, escapeGain, type CoderRow } from '../charts/coderScene.ts';
import { fill, h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { studyLine } from './studyLine.ts';
import type { ViewTools } from './view.ts';

/** What every coder makes of the layer's symbols, as bars. */
export function coderBars({ studies }: Pick<ViewTools, 'studies'>): {
  readonly element: HTMLElement;
  update(layer: LayerReport): void;
} {
  let last: { readonly layer: LayerReport; readonly study: CoderStudy } | null = null;
  const line = h('div');
  const body = h('div');
  const element = h(
    'section',
    { class: 'coders' },
    heading('Every coder on the same weights', 'bytes of the layer; hatched: a bound, nothing is written'),
    line,
    body,
  );
  return {
    element,
    update(layer) {
      const state = studies.of('coders', layer);
      if (state.kind === 'done') last = { layer, study: state.value };
      else if (last?.layer.index !== layer.index) last = null;
      fill(line, state.kind === 'done' ? null : studyLine(state, studies));
      if (last === null) fill(body);
      else if (state.kind === 'done') fill(body, bars(last.study, layer), words(last.study));
    },
  };
}

function bars(study: CoderStudy, layer: LayerReport): HTMLElement {
  const dense = layer.encode?.bits.dense ?? 0;
  return h(
    'div',
    { class: 'coder-rows', attrs: { role: 'table', 'aria-label': 'Coders' } },
    ...coderGroups(study, layer).flatMap(({ title, rows }) => [
      h('div', { class: 'coder-group quiet small', text: title, attrs: { role: 'rowheader' } }),
      ...rows.map((row) => bar(row, dense)),
    ]),
  );
}

const bar = ({ label, bits, share, isCut, basis, signs }: CoderRow, dense: number): HTMLElement =>
  h(
    'div',
    { class: signs.length > 0 ? 'coder-row now' : 'coder-row', attrs: { role: 'row' } },
    h('span', { class: 'coder-label', text: label, attrs: { role: 'rowheader', title: label } }),
    h(
      'span',
      { class: 'coder-bar', attrs: { 'aria-hidden': 'true' } },
      h('i', { class: `${basis} ${isCut ? 'cut' : ''}`, style: { width: `${(100 * share).toFixed(2)}%` } }),
    ),
    h('span', { class: 'end', text: bitsAsBytesText(bits), attrs: { role: 'cell' } }),
    h('span', {
      class: 'end quiet',
      text: dense > 0 && bits > 0 ? factorText(dense / bits) : '',
      attrs: { role: 'cell' },
    }),
    h('span', {
      text: [...(basis === 'bound' ? ['bound'] : []), ...signs].join(', '),
      attrs: { role: 'cell' },
    }),
  );

function words(study: CoderStudy): HTMLElement {
  return h('div', { class: 'small quiet coder-words' }, ...sentences(study).map((text) => h('p', { text })));
}

function sentences(study: CoderStudy): string[] {
  const gain = escapeGain(study);
  const { interleaved: form, notes } = study;
  const told: string[] = [];
  if (gain !== null && gain.padding > 0) {
    const [less, more] = gain.escape <= gain.padding ? ['escape', 'padding'] : ['padding', 'escape'];
    const saved = Math.abs(gain.padding - gain.escape);
    told.push(
      `Long runs: ${less} takes ${bitsAsBytesText(saved)} less than ${more} (${percentText(saved / Math.max(gain.padding, gain.escape))} of ${bitsAsBytesText(Math.max(gain.padding, gain.escape))}).`,
    );
  }
  if (form !== null)
    told.push(
      `EIE’s form over ${counted(form.pes, 'PE')}: ${counted(form.entries, 'entry', 'entries')}, ${countText(form.padding)} of them padding (${percentText(form.entries > 0 ? form.padding / form.entries : 0)}), ${bytesText(form.entryBits / 8)} with ${countText(form.indexBits)}-bit runs, and pointers of ${bytesText(form.pointerBits / 8)}.`,
    );
  return [...told, ...notes.map((note) => plainMessage(note))];
}

/** The same as a table of figures. */
export function coderTable(layer: LayerReport, { studies }: ViewTools): HTMLElement {
  const state = studies.of('coders', layer);
  const title = heading(
    `Every coder on the weights of ${plain(layer.name, 60)}`,
    'bounds are of nothing written',
  );
  if (state.kind !== 'done') return h('div', {}, title, studyLine(state, studies));
  const dense = layer.encode?.bits.dense ?? 0;
  return h(
    'div',
    {},
    title,
    figures({
      caption: 'Coders',
      columns: [
        { head: '' },
        { head: 'of', start: true },
        { head: 'basis', start: true },
        { head: 'bytes' },
        { head: 'factor' },
        { head: '', start: true },
      ],
      rows: coderGroups(state.value, layer).flatMap(({ of, rows }) =>
        rows.map(({ label, bits, basis, signs }) => ({
          kind: signs.length > 0 ? ('now' as const) : undefined,
          cells: [
            label,
            of,
            basis,
            countText(Math.ceil(bits / 8)),
            dense > 0 && bits > 0 ? factorText(dense / bits) : '',
            signs.join(', '),
          ],
        })),
      ),
    }),
    words(state.value),
  );
}

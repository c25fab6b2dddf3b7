import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import type { LayerDead } from '../../analyzers/report/deadUnits.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  bitsAsBytesText,
  counted,
  countText,
  numberText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import { h, setText } from '../ui/dom.ts';
import { popupButton } from '../ui/popup.ts';
import { nameText } from '../ui/name.ts';
import { figures, heading } from '../ui/table.ts';

/** What goes with the layer's dead units, in few words over the heatmap; the rest in a dialog. */
export function deadLine(): { readonly element: HTMLElement; update(layer: LayerReport): void } {
  let layer: LayerReport | null = null;
  const words = h('span', { class: 'quiet' });
  const more = popupButton(
    'dead units',
    () => h('div', { class: 'dead-units' }, ...(layer === null ? [] : [deadTables(layer)])),
    { role: 'dialog', class: 'small' },
  );
  const element = h('span', { class: 'dead-line' }, words, more.element);
  return {
    element,
    update(next) {
      layer = next;
      const { dead } = next;
      element.hidden = dead === null || allOf(dead) === 0;
      if (dead === null) return;
      setText(
        words,
        `${countText(dead.rows.count)} of ${counted(next.rows, 'output')} can go${dead.refused > 0 ? `, ${countText(dead.refused)} stay` : ''}`,
      );
    },
  };
}

const allOf = ({ silent, constant, unread, refused }: LayerDead): number =>
  silent + constant + unread + refused;

/** By kind, then what goes with them: rows here, columns in the layers that read them. */
export function deadTables(layer: LayerReport): HTMLElement {
  const { dead } = layer;
  if (dead === null) return h('p', { class: 'quiet', text: 'The graph was not followed.' });
  const share = (units: number): string => shortPercentText(units / Math.max(1, layer.rows));
  const kinds: readonly (readonly [string, number, string])[] = [
    ['silent', dead.silent, '0 for every input'],
    ['constant', dead.constant, 'constant; what reads them takes it over exactly'],
    ['unread', dead.unread, 'nothing reads them'],
    ['refused', dead.refused, refusedWords(dead)],
  ];
  const dense = layer.encode?.bits.dense ?? 0;
  const sum = (key: 'denseBits' | 'codedBits'): number =>
    dead.rows[key] + dead.readers.reduce((all, reader) => all + reader[key], 0);
  const element = h(
    'div',
    { class: 'twins' },
    heading(
      `Dead outputs of ${plain(layer.name, 60)}`,
      `of ${counted(layer.rows, 'output')}, followed through the graph`,
    ),
    figures({
      caption: 'Dead units',
      columns: [{ head: 'kind' }, { head: 'outputs' }, { head: 'share' }, { head: '', start: true }],
      rows: kinds.map(([kind, units, words]) => ({
        kind: units === 0 ? ('quiet' as const) : undefined,
        cells: [kind, countText(units), share(units), h('span', { class: 'quiet', text: words })],
      })),
    }),
    ...dead.reasons.map((reason) => h('p', { class: 'quiet small', text: plainMessage(reason) })),
    heading('What goes with them', 'bytes as stored and as coded now'),
  );
  const goes = figures({
    caption: 'What goes',
    columns: [
      { head: 'layer' },
      { head: 'goes' },
      { head: 'dense' },
      { head: 'of this layer' },
      { head: 'coded' },
    ],
    rows: [
      {
        cells: [
          nameText(layer.name),
          counted(dead.rows.count, 'row'),
          bitsAsBytesText(dead.rows.denseBits),
          shortPercentText(dead.rows.denseBits / Math.max(1, dense)),
          bitsAsBytesText(dead.rows.codedBits),
        ],
      },
      ...dead.readers.map((reader) => ({
        cells: [
          nameText(reader.name),
          counted(reader.cols, 'column'),
          bitsAsBytesText(reader.denseBits),
          '',
          bitsAsBytesText(reader.codedBits),
        ],
      })),
    ],
    foot: {
      cells: ['together', '', bitsAsBytesText(sum('denseBits')), '', bitsAsBytesText(sum('codedBits'))],
    },
  });
  element.append(goes);
  return element;
}

function refusedWords({ refused, refusedError }: LayerDead): string {
  const error =
    refused === 0 || refusedError === null
      ? ''
      : `; folded all the same, an output of the next layer would change by ${numberText(refusedError)} at most`;
  return `constant, not exact to take out${error}`;
}

/** In a layer without dead outputs there is nothing to tell. */
export function deadSection(layer: LayerReport): HTMLElement | null {
  if (layer.dead === null || allOf(layer.dead) === 0) return null;
  return deadTables(layer);
}

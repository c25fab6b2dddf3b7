import type { BreakEvenBatch, BreakEvenStudy } from '../../analyzers/report/breakEven.ts';
import { breakEvenLine, decodingLines, processorText } from '../../analyzers/report/breakEvenText.ts';
import { plainMessage } from '../../analyzers/report/clean.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import {
  countText,
  factorText,
  numberText,
  percentText,
  shapeText,
  thin,
} from '../../analyzers/report/units.ts';
import { isBusy } from '../store.ts';
import { h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';
import { button } from '../ui/toolkit.ts';
import { studyLine } from './studyLine.ts';
import type { ViewTools } from './view.ts';

const milliseconds = (ms: number): string => `${numberText(ms)}${thin}ms`;

/** Where sparse overtakes dense on this machine: asked for by a button, never by itself. */
export function measured(
  layer: LayerReport,
  { studies, store }: Pick<ViewTools, 'studies' | 'store'>,
): HTMLElement {
  const ask = (): void => studies.press('breakEven', layer);
  const title = heading(
    'Sparse or dense on this machine',
    'measured when asked for; no figure of the accelerator',
  );
  const section = (...parts: readonly HTMLElement[]): HTMLElement =>
    h('section', { class: 'eie-measured' }, title, ...parts);
  if (!studies.isPressed('breakEven', layer))
    return section(
      h(
        'div',
        { class: 'eie-ask' },
        button('secondary', 'measure the break-even', ask, {
          attrs: { disabled: isBusy(store.get()) },
        }),
        h('span', {
          class: 'small quiet',
          text: 'Products of this shape, dense and sparse in turn, on one thread; takes some seconds.',
        }),
      ),
    );
  const state = studies.of('breakEven', layer);
  if (state.kind !== 'done') return section(studyLine(state, { again: ask }));
  return section(...results(state.value, [...store.get().layers.values()]));
}

function results(study: BreakEvenStudy, layers: readonly LayerReport[]): HTMLElement[] {
  const said = [
    `Measured on ${processorText(study.machine)}, the table by the minima.`,
    ...study.batches.map(breakEvenLine),
    ...(study.decoding === null ? [] : decodingLines(study.decoding, layers)),
    ...study.notes,
  ];
  return [
    figures({
      caption: 'Break-even, measured',
      columns: [
        { head: 'vectors at once' },
        { head: 'measured part' },
        { head: 'sparse is faster' },
        { head: 'at density' },
        { head: 'dense' },
        { head: 'sparse' },
        { head: 'speed-up' },
      ],
      rows: study.batches.map((one) => ({
        cells: [
          countText(one.batch),
          shapeText([one.rows, one.cols]),
          border(one),
          ...(one.here === null
            ? ['', '', '', '']
            : [
                percentText(one.here.density),
                milliseconds(one.here.dense.minMs),
                milliseconds(one.here.sparse.minMs),
                factorText(one.here.speedup),
              ]),
        ],
      })),
    }),
    ...said.map((text) => h('p', { class: 'eie-words small quiet', text: plainMessage(text) })),
  ];
}

const border = ({ outcome, density }: BreakEvenBatch): string =>
  outcome === 'between' ? `below ${percentText(density ?? 0)}` : outcome;

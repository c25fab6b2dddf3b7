import {
  modelDecodingMs,
  type BreakEvenBatch,
  type BreakEvenStudy,
  type DecodingCost,
  type Machine,
  type Timing,
} from './breakEven.ts';
import { plain } from './clean.ts';
import type { LayerReport } from './layerReport.ts';
import { counted, countText, factorText, numberText, percentText, shapeText, thin } from './units.ts';

const milliseconds = (ms: number): string => `${numberText(ms)}${thin}ms`;

/** 'AMD EPYC, Node 22.21.1, V8 12.4, 1 thread' */
export const processorText = ({ processor, runtime, threads }: Machine): string =>
  `${plain(processor)}, ${plain(runtime)}, ${counted(threads, 'thread')}`;

/** '3.01 ms (median 3.20 ms, middle half within 0.214 ms, 14 runs)' */
export const timingText = ({ minMs, medianMs, spreadMs, runs }: Timing): string =>
  `${milliseconds(minMs)} (median ${milliseconds(medianMs)}, middle half within ${milliseconds(spreadMs)}, ${counted(runs, 'run')})`;

const borders = {
  always: 'sparse is faster at every density',
  never: 'sparse is slower at every density',
} as const;

/** Where sparse overtakes dense for one batch, and what it does at the layer's own density. */
export function breakEvenLine({ batch, rows, cols, density, outcome, here }: BreakEvenBatch): string {
  const border =
    outcome === 'between'
      ? `sparse is faster below ${percentText(density ?? 0)} of non-zeros`
      : borders[outcome];
  const own =
    here === null
      ? ''
      : `; at the layer's ${percentText(here.density)} it is ${factorText(here.speedup)} as fast: dense ${timingText(here.dense)}, sparse ${timingText(here.sparse)}`;
  return `Batch ${batch.toString()}, ${shapeText([rows, cols])}: ${border}${own}.`;
}

/** What decoding the layer takes, and, projected, the whole model. */
export function decodingLines(
  decoding: DecodingCost,
  layers: readonly Pick<LayerReport, 'encode'>[] | null,
): readonly string[] {
  const { steps, nsPerWeight, layerMs, decoded, entries } = decoding;
  const part = decoded < entries ? `, by ${countText(decoded)} of its ${countText(entries)} entries` : '';
  return [
    `Decoding the layer takes ${milliseconds(layerMs)}, ${numberText(nsPerWeight)}${thin}ns a weight${part}: ${steps
      .map(({ label, nsPerWeight: ns }) => `${label} ${numberText(ns)}${thin}ns`)
      .join(', ')}.`,
    ...(layers === null
      ? []
      : [
          `At this price for an entry the whole model takes ${milliseconds(modelDecodingMs(decoding, layers))} (projected).`,
        ]),
  ];
}

/** The whole study in sentences. `layers`: of the report, for what the model takes. */
export const breakEvenLines = (
  study: BreakEvenStudy,
  layers: readonly Pick<LayerReport, 'encode'>[] | null = null,
): readonly string[] => [
  `Measured on ${processorText(study.machine)}.`,
  ...study.batches.map(breakEvenLine),
  ...(study.decoding === null ? [] : decodingLines(study.decoding, layers)),
  ...study.notes,
];

import { csvLine } from './csv.ts';
import { tableLines } from './eieSheet.ts';
import type { EieStudy } from './eieStudy.ts';
import { jsonText } from './json.ts';
import { markdownTable } from './markdown.ts';
import { wrapped } from './terminal.ts';
import { minus, numberText, percentText } from './units.ts';

/** The layers of the paper's benchmark, drawn at random, beside its times. */
export interface BenchmarkSheet {
  readonly tool: string;
  readonly rows: readonly {
    readonly name: string;
    readonly rows: number;
    readonly cols: number;
    readonly density: number;
    readonly activation: number;
    readonly seed: number;
    readonly study: EieStudy;
    readonly published: { readonly theoreticalUs: number; readonly actualUs: number };
  }[];
}

const about =
  'The nine layers of EIE, Table III, each weight a non-zero with the published probability, beside the times of Table IV. Table III rounds densities to a whole percent, and Table IV is of one input: that and the pattern of real zeros are the differences.';

interface Figures {
  readonly name: string;
  readonly theoreticalUs: number;
  readonly timeUs: number;
  readonly published: { readonly theoreticalUs: number; readonly actualUs: number };
}

const figuresOf = ({ rows }: BenchmarkSheet): readonly Figures[] =>
  rows.map(({ name, study: { estimate }, published }) => ({
    name,
    theoreticalUs: estimate?.theoreticalUs ?? Number.NaN,
    timeUs: estimate?.timeUs ?? Number.NaN,
    published,
  }));

/** '+6.1 %' */
const errorText = (error: number): string => `${error < 0 ? minus : '+'}${percentText(Math.abs(error))}`;

/** Mean of the relative errors, whatever their sign. */
const meanError = (pairs: readonly (readonly [number, number])[]): number =>
  pairs.reduce((sum, [ours, theirs]) => sum + Math.abs(ours / theirs - 1), 0) / Math.max(1, pairs.length);

const heads = ['layer', 'by work', 'Table IV', 'error', 'simulated', 'Table IV', 'error'];

const cells = (figures: readonly Figures[]): string[][] => [
  ...figures.map(({ name, theoreticalUs, timeUs, published }) => [
    name,
    numberText(theoreticalUs),
    numberText(published.theoreticalUs),
    errorText(theoreticalUs / published.theoreticalUs - 1),
    numberText(timeUs),
    numberText(published.actualUs),
    errorText(timeUs / published.actualUs - 1),
  ]),
  [
    'mean error',
    '',
    '',
    percentText(meanError(figures.map((one) => [one.theoreticalUs, one.published.theoreticalUs]))),
    '',
    '',
    percentText(meanError(figures.map((one) => [one.timeUs, one.published.actualUs]))),
  ],
];

export const benchmarkText = (
  sheet: BenchmarkSheet,
  { width }: { readonly color: boolean; readonly width: number },
): string =>
  `${[...wrapped(about, width), '', 'Microseconds.', ...tableLines(heads, cells(figuresOf(sheet)))].join('\n')}\n`;

export const benchmarkMarkdown = (sheet: BenchmarkSheet): string =>
  `## EIE: the nine layers\n\n${about}\n\n${markdownTable(
    heads,
    heads.map((_, i) => (i === 0 ? 'left' : 'right')),
    cells(figuresOf(sheet)),
  )}\n`;

export const benchmarkCsv = (sheet: BenchmarkSheet): string =>
  [
    csvLine(['layer', 'theoreticalUs', 'publishedTheoreticalUs', 'timeUs', 'publishedActualUs']),
    ...figuresOf(sheet).map(({ name, theoreticalUs, timeUs, published }) =>
      csvLine([name, theoreticalUs, published.theoreticalUs, timeUs, published.actualUs]),
    ),
  ].join('');

export const benchmarkJson = ({ tool, rows }: BenchmarkSheet): string =>
  jsonText({
    schema: 1,
    tool,
    layers: rows.map(({ name, rows: outputs, cols, density, activation, seed, study, published }) => ({
      name,
      rows: outputs,
      cols,
      density,
      activation,
      seed,
      eie: study.estimate,
      published,
    })),
  });

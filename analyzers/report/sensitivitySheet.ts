import { plain } from './clean.ts';
import { csvLine } from './csv.ts';
import { jsonText } from './json.ts';
import { codeText, markdownTable } from './markdown.ts';
import type { Report } from './report.ts';
import type { Sensitivity, SensitivityPoint } from './studies.ts';
import { cutMiddle, padded, painter, widthOf, wrapped } from './terminal.ts';
import { counted, bitsAsBytesText, decibelText, numberText, percentText } from './units.ts';

/** A report with the sensitivity of each of its layers; null where a layer could not be read. */
export interface SensitivitySheet {
  readonly report: Report;
  readonly layers: readonly (Sensitivity | null)[];
}

/** What the figures are, wherever they stand. */
export const dataFree =
  'Data-free: computed from the weights alone. Distortion is the mean over rows of the squared error relative to the row. It says nothing about accuracy.';

const suggestionNote =
  'suggested: the density at which one more bit would save as much distortion in every layer, at the coded size that the recipe comes to.';

/** One JSON object: schema, tool, model, recipe, basis, layers with their curves. */
export const sensitivityJson = ({ report, layers }: SensitivitySheet): string =>
  jsonText({
    schema: 1,
    tool: report.tool,
    model: report.model.name,
    recipe: report.recipe,
    basis: 'data-free',
    layers: report.layers.map(({ index, name }, i) => ({ index, name, sensitivity: layers[i] ?? null })),
  });

const heads = [
  'index',
  'name',
  'against',
  'density',
  'bits',
  'keptL2',
  'sqnrDb',
  'distortion',
  'codedBits',
  'suggestedDensity',
];

/** One line a point. */
export function sensitivityCsv({ report, layers }: SensitivitySheet): string {
  const lines = report.layers.flatMap(({ index, name }, i) => {
    const own = layers[i] ?? null;
    if (own === null) return [];
    const line = (against: string, point: SensitivityPoint): string =>
      csvLine([
        index,
        name,
        against,
        point.density,
        point.bits,
        point.keptL2,
        point.sqnrDb,
        point.distortion,
        point.codedBits,
        own.suggestedDensity,
      ]);
    return [
      ...own.byDensity.map((point) => line('density', point)),
      ...own.byBits.map((point) => line('bits', point)),
    ];
  });
  return [csvLine(heads), ...lines].join('');
}

/** What both tables of a layer show of a point. */
const columns: readonly { readonly head: string; readonly cell: (point: SensitivityPoint) => string }[] = [
  { head: 'kept', cell: ({ density }) => percentText(density) },
  { head: 'bits', cell: ({ bits }) => bits?.toString() ?? 'as stored' },
  { head: 'L2 kept', cell: ({ keptL2 }) => (keptL2 === null ? '' : percentText(keptL2)) },
  { head: 'SQNR', cell: ({ sqnrDb }) => (sqnrDb === null ? 'exact' : decibelText(sqnrDb)) },
  { head: 'distortion', cell: ({ distortion }) => numberText(distortion) },
  { head: 'coded', cell: ({ codedBits }) => bitsAsBytesText(codedBits) },
];

/** 'now 24 % at 5 bits, suggested 31 %' */
function headline(own: Sensitivity): string {
  const now = `now ${percentText(own.at.density)} kept, ${own.at.bits === null ? 'values as stored' : counted(own.at.bits, 'bit')}`;
  const why = own.mask === 'none' ? 'not pruned by the recipe' : 'its mask is the recipe’s';
  const then = own.suggestedDensity === null ? why : `suggested density ${percentText(own.suggestedDensity)}`;
  return own.byDensity.length === 0 ? 'carried as it is: no curves' : `${now}; ${then}`;
}

/** The points in the order of the tables: against density, then against bits. */
const tables = (own: Sensitivity): readonly (readonly SensitivityPoint[])[] =>
  [own.byDensity, own.byBits].filter((points) => points.length > 0);

export function sensitivityMarkdown({ report, layers }: SensitivitySheet): string {
  const parts = [`## ${codeText(report.model.name)}: sensitivity`, dataFree, suggestionNote];
  for (const [i, { name }] of report.layers.entries()) {
    const own = layers[i] ?? null;
    parts.push(`### ${codeText(name)}`, own === null ? 'not read' : headline(own));
    for (const points of own === null ? [] : tables(own))
      parts.push(
        markdownTable(
          columns.map(({ head }) => head),
          columns.map(() => 'right'),
          points.map((point) => columns.map(({ cell }) => cell(point))),
        ),
      );
  }
  return `${parts.join('\n\n')}\n`;
}

/** For a terminal of `width` columns: of each layer the curve against density, then that against bits. */
export function sensitivityText(
  { report, layers }: SensitivitySheet,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = painter(options.color);
  const prose = (text: string): string[] => wrapped(text, options.width);
  const blocks = [
    prose(plain(report.model.name)).map((line) => paint('bold', line)),
    [...prose(dataFree), ...prose(suggestionNote)].map((line) => paint('quiet', line)),
  ];
  for (const [i, { name }] of report.layers.entries()) {
    const own = layers[i] ?? null;
    blocks.push([
      paint('bold', cutMiddle(plain(name), options.width)),
      ...prose(own === null ? 'not read' : headline(own)),
      ...(own === null ? [] : tables(own)).flatMap((points, at) => [
        ...(at === 0 ? [] : ['']),
        ...tableLines(points),
      ]),
    ]);
  }
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function tableLines(points: readonly SensitivityPoint[]): string[] {
  const rows = [
    columns.map(({ head }) => head),
    ...points.map((point) => columns.map(({ cell }) => cell(point))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))));
  return rows.map((row) => row.map((text, i) => padded(text, widths[i] ?? 0, 'right')).join('  '));
}

import { plain, plainMessage } from './clean.ts';
import { budgetSheet } from './budgetText.ts';
import { firstProblems } from './problems.ts';
import { ladderOf, type LadderStep } from './ladder.ts';
import { columns, type Column } from './layerTable.ts';
import type { Report } from './report.ts';
import { asIsHead, stepNote, whatIfHead } from './sizes.ts';
import { accuracyText, asIsLine, conditions, fileLine, recipeLine, whatIfLine } from './summary.ts';
import { bar, cutMiddle, padded, painter, widthOf, wrapped, type Paint } from './terminal.ts';
import { bytesText, counted, countText, factorText } from './units.ts';

const narrowestLine = 40;
const widestLine = 160;
/** Longest name in the table while other columns still want room. */
const nameWidth = 28;
/** Problems that a terminal shows; the JSON has all. */
const mostProblems = 20;
const gap = 2;

/** The report for a terminal of `width` columns: what is true of the file first, then the what-if, then the layers. */
export function reportText(report: Report, options: { color: boolean; width: number }): string {
  const width = Math.min(widestLine, Math.max(narrowestLine, Math.floor(options.width) || 80));
  const paint = painter(options.color);
  const whatIf = whatIfLine(report);
  const prose = (text: string): string[] => wrapped(text, width);
  const blocks: string[][] = [
    [
      ...prose(plain(report.model.name)).map((line) => paint('bold', line)),
      ...prose(fileLine(report.model, report.totals)).map((line) => paint('quiet', line)),
    ],
    [...prose(`As it is: ${asIsLine(report)}.`), ...(whatIf === null ? [] : prose(`${whatIf}.`))],
  ];
  if (report.totals.weights > 0) blocks.push(sizes(report, width, paint));
  if (report.layers.length > 0) blocks.push(layerTable(report, width, paint));
  blocks.push(budgetBlock(report, width, paint), problemLines(report, width, paint));
  blocks.push(conditions(report).flatMap((line) => prose(line).map((part) => paint('quiet', part))));
  const made = `Recipe: ${recipeLine(report.recipe)}. ${plain(report.tool)}`;
  blocks.push(prose(made).map((line) => paint('quiet', line)));
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;
}

function sizes({ layers, totals }: Report, width: number, paint: Paint): string[] {
  const { steps, longestBits } = ladderOf(layers, totals);
  const label = Math.max(...steps.map((step) => widthOf(step.label)));
  const size = Math.max(...steps.map((step) => widthOf(bytesText(step.bytes))));
  const factor = Math.max(...steps.map((step) => widthOf(factorOfStep(step))));
  const notes = steps.map((step) => [stepNote(step), step.whatIf ? `accuracy ${accuracyText}` : '']);
  const note = Math.max(...notes.map(([text = '']) => widthOf(text)));
  const left = width - label - size - factor - 3 * gap;
  const withNotes = left - gap - note >= 20;
  const room = Math.max(0, Math.min(60, withNotes ? left - gap - note : left));
  const row = (step: LadderStep, i: number): string =>
    [
      padded(step.label, label, 'left'),
      padded(bytesText(step.bytes), size, 'right'),
      twoPartBar(step, longestBits, room, paint),
      padded(factorOfStep(step), factor, 'right'),
      ...(withNotes ? [paint('quiet', notes[i]?.[0] ?? '')] : []),
    ].join(' '.repeat(gap));
  const rows = steps.map((step, i) => ({ whatIf: step.whatIf, line: row(step, i) }));
  const asIs = rows.filter(({ whatIf }) => !whatIf).map(({ line }) => line);
  const what = rows.filter(({ whatIf }) => whatIf).map(({ line }) => line);
  return [
    paint('quiet', asIsHead),
    ...asIs,
    ...(what.length > 0 ? [paint('quiet', `${whatIfHead}, accuracy ${accuracyText}`), ...what] : []),
    ...(totals.bits.rest > 0 ? [paint('quiet', '░ carried unchanged')] : []),
  ];
}

const factorOfStep = ({ factor }: LadderStep): string => (factor === null ? '' : factorText(factor));

/** The weights as a bar, then what is carried unchanged; `room` columns in all. */
function twoPartBar({ bits, restBits }: LadderStep, longestBits: number, room: number, paint: Paint): string {
  if (longestBits <= 0 || room <= 0) return ' '.repeat(Math.max(0, room));
  const rest = restBits > 0 ? Math.max(1, Math.round((restBits / longestBits) * room)) : 0;
  const weights = bar(bits / longestBits, room - Math.min(rest, room));
  const used = widthOf(weights) + Math.min(rest, room);
  return (
    paint('bar', weights) +
    paint('quiet', '░'.repeat(Math.min(rest, room))) +
    ' '.repeat(Math.max(0, room - used))
  );
}

function layerTable({ layers, totals }: Report, width: number, paint: Paint): string[] {
  const table = columns.map((column) => {
    const cells = layers.map((layer) => column.cell(layer, totals));
    const total = column.total(totals);
    const widest = [column.head, total, ...cells].reduce((most, text) => Math.max(most, widthOf(text)), 0);
    return { column, cells, total, width: column.fromFile ? Math.min(widest, nameWidth) : widest };
  });
  const shown = fitted(table, width);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => padded(text, shown[i]?.width ?? 0, shown[i]?.column.align ?? 'left'))
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    paint('quiet', line(shown.map(({ column }) => column.head))),
    ...layers.map((_, i) =>
      line(
        shown.map(({ cells, column, width: room }) =>
          column.fromFile ? cutMiddle(cells[i] ?? '', room) : (cells[i] ?? ''),
        ),
      ),
    ),
    paint('bold', line(shown.map(({ total }) => total))),
  ];
}

/** Leaves out columns, the least needed first, until the rest fits; at last the name gives way. */
function fitted<T extends { readonly column: Column; readonly width: number }>(
  table: readonly T[],
  width: number,
): readonly T[] {
  const total = (parts: readonly T[]): number =>
    parts.reduce((sum, part) => sum + part.width, gap * (parts.length - 1));
  let shown = table;
  while (total(shown) > width && shown.some(({ column }) => column.rank > 2)) {
    const last = Math.max(...shown.map(({ column }) => column.rank));
    shown = shown.filter(({ column }) => column.rank !== last);
  }
  const over = total(shown) - width;
  return over <= 0
    ? shown
    : shown.map((part) => (part.column.fromFile ? { ...part, width: Math.max(6, part.width - over) } : part));
}

/** Choices with their reasons, as long as they are few; the JSON has all reasons. */
const mostReasons = 12;

function budgetBlock(report: Report, width: number, paint: Paint): string[] {
  const sheet = budgetSheet(report);
  if (sheet === null) return [];
  const { lines, choices, notes } = sheet;
  const shown = sheet.columns.filter(({ head }) => head !== 'why');
  const cells = choices.map((choice) => shown.map(({ cell }) => cell(choice)));
  const widths = shown.map(({ head, fromFile }, i) => {
    const widest = Math.max(widthOf(head), ...cells.map((row) => widthOf(row[i] ?? '')));
    return fromFile ? Math.min(widest, nameWidth, Math.max(6, width - 46)) : widest;
  });
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => padded(text, widths[i] ?? 0, shown[i]?.align ?? 'left'))
      .join(' '.repeat(gap))
      .trimEnd();
  const name = (row: readonly string[]): string[] => [
    cutMiddle(row[0] ?? '', widths[0] ?? 0),
    ...row.slice(1),
  ];
  return [
    paint('bold', 'Budget'),
    ...lines.flatMap((text) => wrapped(text, width)),
    ...(choices.length > 0 ? [paint('quiet', line(shown.map(({ head }) => head)))] : []),
    ...cells.map((row) => line(name(row))),
    ...(choices.length > mostReasons ? [] : choices)
      .flatMap(({ name: layer, why }) => wrapped(`${plain(layer)}: ${why}`, width))
      .map((text) => paint('quiet', text)),
    ...(choices.length > mostReasons ? [] : notes)
      .flatMap((text) => wrapped(text, width))
      .map((text) => paint('quiet', text)),
  ];
}

function problemLines(report: Report, width: number, paint: Paint): string[] {
  const { all, shown, more } = firstProblems(report, mostProblems);
  if (all === 0) return [];
  return [
    paint('bold', counted(all, 'problem')),
    ...(more > 0 ? [paint('quiet', `the ${countText(shown.length)} gravest`)] : []),
    ...shown.flatMap(({ severity, code, message }) => {
      const [head = '', ...rest] = wrapped(
        `${severity} ${plain(code)}: ${plainMessage(message)}`,
        width - gap,
      );
      return [head, ...rest.map((line) => ' '.repeat(gap) + line)];
    }),
  ];
}

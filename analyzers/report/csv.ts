import { plain } from './clean.ts';
import type { LayerReport } from './layerReport.ts';
import type { Report } from './report.ts';
import { bitKeys } from './totals.ts';

/** Bytes of a name that a file format allows us to keep; a spreadsheet takes 32,767 characters a cell. */
const mostText = 4096;

type Cell = string | number | boolean | null | undefined;

/** Columns in order: plain numbers as in the JSON, sizes in bits. */
const cells: readonly (readonly [string, (layer: LayerReport) => Cell])[] = [
  ['index', ({ index }) => index],
  ['name', ({ name }) => name],
  ['tensor', ({ tensor }) => tensor],
  ['usedBy', ({ usedBy }) => usedBy.join(' ')],
  ['operator', ({ operator }) => operator],
  ['op', ({ op }) => op],
  ['dtype', ({ dtype }) => dtype],
  ['shape', ({ shape }) => shape.join('x')],
  ['rows', ({ rows }) => rows],
  ['cols', ({ cols }) => cols],
  ['weights', ({ weights }) => weights],
  ['macs', ({ macs }) => macs],
  ['first', ({ first }) => first],
  ['zeros', ({ profile }) => profile?.zeros],
  ['nonFinite', ({ profile }) => profile?.nonFinite],
  ['min', ({ profile }) => profile?.min],
  ['max', ({ profile }) => profile?.max],
  ['mean', ({ profile }) => profile?.mean],
  ['std', ({ profile }) => profile?.std],
  ['rule', ({ prune }) => prune?.rule],
  ['threshold', ({ prune }) => prune?.threshold],
  ['kept', ({ prune }) => prune?.kept],
  ['ties', ({ prune }) => prune?.ties],
  ['density', ({ prune }) => prune?.density],
  ['deadRows', ({ prune }) => prune?.deadRows],
  ['deadCols', ({ prune }) => prune?.deadCols],
  ['shareBits', ({ share }) => share?.bits],
  ['shareK', ({ share }) => share?.k],
  ['shareMethod', ({ share }) => share?.method],
  ['shareMse', ({ share }) => share?.mse],
  ['shareSqnrDb', ({ share }) => share?.sqnrDb],
  ['sqnrDb', ({ sqnrDb }) => sqnrDb],
  ['exact', ({ exact }) => exact],
  ['form', ({ encode }) => encode?.form],
  ['indexBits', ({ encode }) => encode?.indexBits],
  ['indexBitsPruned', ({ encode }) => encode?.indexBitsPruned],
  ['entries', ({ encode }) => encode?.entries],
  ['padding', ({ encode }) => encode?.padding],
  ...bitKeys.map((key) => [`${key}Bits`, (layer: LayerReport) => layer.encode?.bits[key]] as const),
  ['problems', ({ problems }) => problems.map(({ code }) => code).join(' ')],
];

/** One line a layer, with a head line; RFC 4180: commas, quotes where needed, CRLF. What is missing is empty. */
export function reportCsv({ layers }: Report): string {
  const lines: readonly (readonly Cell[])[] = [
    cells.map(([head]) => head),
    ...layers.map((layer) => cells.map(([, of]) => of(layer))),
  ];
  return lines.map(csvLine).join('');
}

/** One line with its end. */
export const csvLine = (line: readonly Cell[]): string => `${line.map(cellText).join(',')}\r\n`;

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? JSON.stringify(cell) : '';
  return typeof cell === 'string' ? quoted(plain(cell, mostText)) : cell.toString();
}

/** A text that a spreadsheet would take for a formula gets an apostrophe, which spreadsheets do not show. */
function quoted(text: string): string {
  const safe = /^\s*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\n\r]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

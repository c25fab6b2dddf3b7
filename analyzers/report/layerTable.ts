import { plain } from './clean.ts';
import type { LayerReport } from './layerReport.ts';
import type { Totals } from './report.ts';
import { factorOf } from './totals.ts';
import {
  bitsAsBytesText,
  countText,
  decibelText,
  factorText,
  macsText,
  percentText,
  shortCountText,
  thin,
} from './units.ts';

/** One column of the layer table that the terminal, Markdown and HTML print. */
export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** A text from the file: to be escaped by whoever prints it. */
  readonly fromFile: boolean;
  /** 0 stays longest where room is short. */
  readonly rank: number;
  readonly cell: (layer: LayerReport, totals: Totals) => string;
  readonly total: (totals: Totals) => string;
}

const none = (): string => '';

/** The columns in their order. What is not known is a word, never 0. */
export const columns: readonly Column[] = [
  column(
    'name',
    0,
    ({ name }) => plain(name),
    () => 'whole model',
    'left',
  ),
  column('op', 4, ({ op }) => op, none, 'left'),
  column('rows × cols', 7, ({ rows, cols }) => `${countText(rows)}${thin}×${thin}${countText(cols)}`, none),
  column('type', 9, ({ dtype }) => dtype, none, 'left'),
  column(
    'weights',
    2,
    ({ weights }) => shortCountText(weights),
    ({ weights }) => shortCountText(weights),
  ),
  column(
    'share',
    6,
    ({ weights, encode, follows }, totals) =>
      encode === null || follows !== null || totals.weights === 0
        ? ''
        : percentText(weights / totals.weights),
    none,
  ),
  column('MACs', 8, macsCell, ({ macs, macsUnknown }) =>
    macsCell({ macs: macsUnknown > 0 && macs === 0 ? null : macs }),
  ),
  column('rule', 10, ({ prune }) => prune?.rule ?? '', none, 'left'),
  column(
    'density',
    1,
    ({ prune, encode }) => (prune === null || encode === null ? 'not read' : percentText(prune.density)),
    ({ density }) => (density === null ? '' : percentText(density)),
  ),
  column('bits', 5, bitsCell, none),
  column(
    'coded',
    1,
    ({ encode, follows }) => (encode === null || follows !== null ? '' : bitsAsBytesText(encode.bits.coded)),
    ({ weights, bits }) => (weights === 0 ? '' : bitsAsBytesText(bits.coded)),
  ),
  column(
    'factor',
    3,
    ({ encode, follows }) =>
      encode === null || follows !== null ? '' : factorCell(factorOf(encode.bits.dense, encode.bits.coded)),
    ({ factor }) => factorCell(factor.coded),
  ),
  column('SQNR', 8, sqnrCell, none),
];

function column(
  head: string,
  rank: number,
  cell: Column['cell'],
  total: Column['total'],
  align: Column['align'] = 'right',
): Column {
  return { head, align, fromFile: head === 'name', rank, cell, total };
}

function macsCell({ macs }: { readonly macs: number | null }): string {
  return macs === null ? 'unknown' : macsText(macs);
}

/** Bits of a code, and of the index where the layer has one. */
function bitsCell({ share, encode }: LayerReport): string {
  if (encode === null) return '';
  const code = share === null ? 'stored' : share.bits.toString();
  return encode.indexBits === null ? code : `${code} + ${encode.indexBits.toString()}`;
}

const factorCell = (factor: number | null): string => (factor === null ? '' : factorText(factor));

function sqnrCell({ exact, sqnrDb, encode }: LayerReport): string {
  if (encode === null) return '';
  if (exact) return 'exact';
  return sqnrDb === null ? '' : decibelText(sqnrDb);
}

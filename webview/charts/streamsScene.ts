import type { LayerReport } from '../../analyzers/report/layerReport.ts';

/** The parts of a layer's coded bytes, in bits; they sum to `coded`. */
export interface StreamParts {
  readonly parts: readonly { readonly name: string; readonly bits: number }[];
  readonly coded: number;
}

export function streamParts(layer: LayerReport): StreamParts | null {
  const { encode, share } = layer;
  if (encode === null) return null;
  const { entries, codeBitsMean, indexBitsMean } = encode;
  const { coded, codedPaper } = encode.bits;
  const indices = Math.round((indexBitsMean ?? 0) * entries);
  const codes = codeBitsMean === null ? codedPaper - indices : Math.round(codeBitsMean * entries);
  const parts = [
    { name: share === null ? 'values as stored' : 'codes', bits: codes },
    { name: 'indices', bits: indices },
    { name: 'codebook', bits: codedPaper - codes - indices },
    { name: 'code tables', bits: coded - codedPaper },
  ];
  return { coded, parts: parts.filter(({ bits }) => bits > 0) };
}

/** Both streams at one width of the index, in bits, padding included. */
export interface WidthRow {
  readonly bits: number;
  readonly entries: number;
  /** Codes or values, and indices, after Huffman. */
  readonly codes: number;
  readonly indices: number;
  readonly total: number;
  /** Indices at the fixed width, beside the same codes. */
  readonly before: number;
  readonly now: boolean;
  readonly best: boolean;
  /** No index is written: the widths are those of a form that is not used. */
  readonly unused: boolean;
}

/** The streams at every width up to the widest that could matter, and the width that makes them smallest. */
export function widthRows(layer: LayerReport): readonly WidthRow[] {
  const { encode } = layer;
  if (encode === null || encode.indexWidths.length === 0) return [];
  const rows = encode.indexWidths.map(({ bits, entries, codedBits, fixedBits, valueBits }) => ({
    bits,
    entries,
    codes: valueBits,
    indices: codedBits,
    total: valueBits + codedBits,
    before: valueBits + fixedBits,
    unused: encode.form !== 'relative',
    now: encode.form === 'relative' && bits === encode.indexBits,
  }));
  const best = rows.reduce((a, b) => (b.total < a.total ? b : a));
  // Beyond the best width nothing changes but the size before Huffman.
  const last = Math.max(best.bits, encode.indexBits ?? 0) + 3;
  return rows.filter(({ bits }) => bits <= last).map((row) => ({ ...row, best: row.bits === best.bits }));
}

/** What a width is: 'now', 'best', both, or 'would be best' where no index is written. */
export const widthSign = ({ now, best, unused }: Pick<WidthRow, 'now' | 'best' | 'unused'>): string =>
  [now ? 'now' : '', best ? (unused ? 'would be best' : 'best') : '']
    .filter((word) => word !== '')
    .join(', ');

/** The index symbols as bars; padding apart, as one bar after them. */
export interface GapScene {
  readonly counts: readonly number[];
  readonly lengths: readonly number[];
  readonly padding: number;
  readonly most: number;
}

export function gapScene(layer: LayerReport): GapScene | null {
  const { encode } = layer;
  if (encode === null || encode.indexCounts === null) return null;
  return {
    counts: encode.indexCounts,
    lengths: encode.indexLengths ?? [],
    padding: encode.padding,
    most: Math.max(1, encode.padding, ...encode.indexCounts),
  };
}

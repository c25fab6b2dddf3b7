import type { LayerReport } from '../../analyzers/report/layerReport.ts';

/** The parts of a layer's coded bytes, in bits; they sum to `coded`. */
export interface StreamParts {
  readonly parts: readonly { readonly name: string; readonly bits: number }[];
  readonly coded: number;
}

export function streamParts(layer: LayerReport): StreamParts | null {
  const { encode, share } = layer;
  if (encode === null) return null;
  const { coded, codedPaper } = encode.bits;
  const indices = encode.indexWidths.find(({ bits }) => bits === encode.indexBits)?.codedBits ?? 0;
  const index = encode.form === 'relative' ? indices : 0;
  if (share === null) {
    const rest = codedPaper - index;
    return {
      coded,
      parts: [
        { name: 'values as stored', bits: rest },
        ...(encode.form === 'relative' ? [{ name: 'indices', bits: index }] : []),
        { name: 'code tables', bits: coded - codedPaper },
      ].filter(({ bits }) => bits > 0),
    };
  }
  const codes =
    share.counts.reduce((sum, count, i) => sum + count * (share.codeLengths[i] ?? 0), 0) +
    encode.padding * (share.paddingLength ?? 0);
  return {
    coded,
    parts: [
      { name: 'codes', bits: codes },
      ...(encode.form === 'relative' ? [{ name: 'indices', bits: index }] : []),
      { name: 'codebook', bits: codedPaper - codes - index },
      { name: 'code tables', bits: coded - codedPaper },
    ],
  };
}

/** The index stream at one width, in bits: its entries with padding, after Huffman and before. */
export interface WidthRow {
  readonly bits: number;
  readonly entries: number;
  readonly coded: number;
  readonly fixed: number;
  readonly now: boolean;
  readonly best: boolean;
}

/** The index stream at every width, and the width that makes it smallest. */
export function widthRows(layer: LayerReport): readonly WidthRow[] {
  const { encode } = layer;
  if (encode === null || encode.indexWidths.length === 0) return [];
  const best = encode.indexWidths.reduce((a, b) => (b.codedBits < a.codedBits ? b : a));
  return encode.indexWidths.map(({ bits, entries, codedBits, fixedBits }) => ({
    bits,
    entries,
    coded: codedBits,
    fixed: fixedBits,
    now: encode.form === 'relative' && bits === encode.indexBits,
    best: bits === best.bits,
  }));
}

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

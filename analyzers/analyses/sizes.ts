import { entropyBits, positionBits } from '../kernels/entropy.ts';
import { codedBits, codeLengths, tableBits } from '../kernels/huffman.ts';
import { indexSymbols, widestIndex, type GapCounts } from '../kernels/relativeIndex.ts';
import type { LayerEncode } from '../report/layerReport.ts';
import type { IndexRule } from '../report/recipe.ts';

/** Bits of one index or pointer of the absolute form (CSR): 32, as sparse libraries keep them. */
export const csrIndexBits = 32;
/** Widest index whose symbols are listed in the report. */
const listedWidth = 8;

/** Everything that the sizes of a layer follow from: counts, never the streams themselves. */
export interface SizeInput {
  readonly weights: number;
  readonly rows: number;
  readonly kept: number;
  /** Bits of one stored weight. */
  readonly valueBits: number;
  readonly gaps: GapCounts;
  /** Kept weights by centroid and the bits of a code; null when values stay as they are. */
  readonly share: {
    readonly bits: number;
    readonly counts: ArrayLike<number>;
    /** Bits of one codebook entry. */
    readonly entryBits: number;
  } | null;
  readonly index: IndexRule;
  readonly lossless: number;
  /** Nothing is pruned or shared, and `coded` is the lossless coding. */
  readonly losslessOnly: boolean;
}

/** The sizes, and what of the code stream belongs to the codebook's own table. */
export interface Sizes {
  readonly encode: LayerEncode;
  readonly codeLengths: readonly number[];
  readonly paddingLength: number | null;
}

/** Both streams in one form. Bits without codebook. */
interface Form {
  readonly entries: number;
  readonly padding: number;
  readonly fixedBits: number;
  readonly valueStreamBits: number;
  readonly indexStreamBits: number;
  readonly tables: number;
  readonly order0: number;
  readonly codes: Uint8Array;
  readonly runs: Uint8Array | null;
}

const total = (form: Form): number => form.valueStreamBits + form.indexStreamBits + form.tables;

/**
 * Sizes in bits (definitions, "Sizes"; formulas, section 1). Padding entries cost what every entry costs, in every
 * size and in both streams. The form is the smaller one by `coded`; the index rule `none` forces the dense form.
 *
 * dense       weights x stored bits
 * survivors   kept x stored bits, no index
 * pruned      entries x (stored bits + index), at the width that makes this smallest
 * csr         kept x (stored bits + 32) + (rows + 1) x 32
 * shared      entries x (code + index bits) + codebook
 * coded       Huffman bits of both streams + codebook + tables; values that are not shared stay as they are
 * codedPaper  coded without the tables
 * order0      entropy of these very streams, without codebook and tables
 * limit       weights x H(density) + kept x H(codes), without codebook and tables
 */
export function sizesOf(input: SizeInput): Sizes {
  const { weights, kept, rows, valueBits, gaps, share, index, lossless, losslessOnly } = input;
  const widths = widthsOf(gaps, kept);
  const prunedAt = (at: number): number => widths[at]!.entries * (valueBits + widths[at]!.bits);
  const best = cheapest(widths.length, prunedAt);
  const codebook = share === null ? 0 : share.counts.length * share.entryBits;

  const dense = denseForm(input);
  const forms = relativeForms(input, widths);
  const relative = index.kind === 'none' ? null : chosenWidth(widths, forms, index);
  const sparse = relative !== null && total(relative.form) < total(dense) ? relative : null;
  const form = sparse?.form ?? dense;

  const streams = form.valueStreamBits + form.indexStreamBits;
  const listed = sparse !== null && sparse.width <= listedWidth && form.runs !== null ? sparse : null;
  return {
    encode: {
      form: sparse === null ? 'dense' : 'relative',
      method: 'huffman',
      indexBits: sparse?.width ?? null,
      indexBitsPruned: kept === 0 ? null : widths[best]!.bits,
      entries: form.entries,
      padding: form.padding,
      codeBitsMean: share === null || form.entries === 0 ? null : form.valueStreamBits / form.entries,
      indexBitsMean: sparse === null || form.entries === 0 ? null : form.indexStreamBits / form.entries,
      bits: {
        dense: weights * valueBits,
        survivors: kept * valueBits,
        pruned: prunedAt(best),
        csr: kept * (valueBits + csrIndexBits) + (rows + 1) * csrIndexBits,
        shared: form.fixedBits + codebook,
        coded: losslessOnly ? lossless : streams + form.tables + codebook,
        codedPaper: losslessOnly ? lossless : streams + codebook,
        order0: form.order0,
        limit: positionBits(weights, kept) + (share === null ? kept * valueBits : entropyBits(share.counts)),
        lossless,
      },
      indexCounts: listed === null ? null : filledTo(2 ** listed.width, listed.runCounts),
      indexLengths: listed === null ? null : filledTo(2 ** listed.width, form.runs!),
      indexWidths: widths.map((width, at) => ({
        bits: width.bits,
        entries: width.entries,
        fixedBits: width.entries * width.bits,
        codedBits: width.codedBits,
        valueBits: forms[at]!.valueStreamBits,
      })),
    },
    codeLengths: share === null ? [] : Array.from(form.codes.subarray(1)),
    paddingLength: share === null || form.codes[0] === 0 ? null : form.codes[0]!,
  };
}

/** The numbers as a list, with zeros up to a length. */
const filledTo = (length: number, numbers: ArrayLike<number>): number[] =>
  Array.from({ length }, (_, i) => numbers[i] ?? 0);

interface Width {
  readonly bits: number;
  readonly entries: number;
  readonly padding: number;
  /** Padding included; [2^bits], or shorter where larger symbols do not occur. */
  readonly counts: Float64Array;
  readonly lengths: Uint8Array;
  readonly codedBits: number;
}

/** Every width from 1 bit on. From the one on that takes no padding, all have the same symbols. */
function widthsOf(gaps: GapCounts, kept: number): Width[] {
  const widths: Width[] = [];
  for (let bits = 1; bits <= widestIndex; bits += 1) {
    const last = widths.at(-1);
    widths.push(last?.padding === 0 ? { ...last, bits } : widthOf(gaps, kept, bits));
  }
  return widths;
}

function widthOf(gaps: GapCounts, kept: number, bits: number): Width {
  const { counts, padding } = indexSymbols(gaps, bits);
  // Padding says 2^bits - 1, which is the last symbol whenever there is any.
  counts[counts.length - 1]! += padding;
  const lengths = codeLengths(counts);
  return { bits, entries: kept + padding, padding, counts, lengths, codedBits: codedBits(counts, lengths) };
}

function cheapest(count: number, cost: (at: number) => number): number {
  let best = 0;
  for (let at = 1; at < count; at += 1) if (cost(at) < cost(best)) best = at;
  return best;
}

/** Every weight in order and no index; pruned weights take code 0, or are stored as zeros. */
function denseForm({ weights, kept, valueBits, share }: SizeInput): Form {
  const none = { indexStreamBits: 0, padding: 0, entries: weights, runs: null } as const;
  if (share === null) {
    const raw = weights * valueBits;
    return {
      ...none,
      fixedBits: raw,
      valueStreamBits: raw,
      tables: 0,
      order0: raw,
      codes: new Uint8Array(0),
    };
  }
  const stream = codeStream(share, weights - kept);
  return {
    ...none,
    fixedBits: weights * share.bits,
    valueStreamBits: stream.bits,
    tables: stream.table,
    order0: stream.entropy,
    codes: stream.lengths,
  };
}

/** The code stream with `zeros` entries of code 0: padding, or pruned weights. */
function codeStream(
  share: NonNullable<SizeInput['share']>,
  zeros: number,
): { bits: number; table: number; entropy: number; lengths: Uint8Array } {
  const counts = new Float64Array(share.counts.length + 1);
  counts[0] = zeros;
  counts.set(share.counts, 1);
  const lengths = codeLengths(counts);
  return {
    bits: codedBits(counts, lengths),
    table: tableBits(lengths, share.bits),
    entropy: entropyBits(counts),
    lengths,
  };
}

/** The relative form at each width. The code stream differs only where the padding does. */
function relativeForms({ kept, valueBits, share }: SizeInput, widths: readonly Width[]): Form[] {
  let stream: ReturnType<typeof codeStream> | null = null;
  let padded = -1;
  return widths.map((width) => {
    const { entries, padding, bits } = width;
    const indexTable = tableBits(width.lengths, bits);
    const common = { entries, padding, indexStreamBits: width.codedBits, runs: width.lengths };
    if (share === null) {
      const raw = entries * valueBits;
      return {
        ...common,
        fixedBits: raw + entries * bits,
        valueStreamBits: raw,
        tables: indexTable,
        order0: raw + entropyBits(width.counts),
        codes: new Uint8Array(0),
      };
    }
    if (stream === null || padded !== padding) stream = codeStream(share, entries - kept);
    padded = padding;
    return {
      ...common,
      fixedBits: entries * (share.bits + bits),
      valueStreamBits: stream.bits,
      tables: indexTable + stream.table,
      order0: stream.entropy + entropyBits(width.counts),
      codes: stream.lengths,
    };
  });
}

interface Chosen {
  readonly width: number;
  readonly form: Form;
  /** Index symbols of kept weights alone. */
  readonly runCounts: Float64Array;
}

/** The width that the rule names, or of all widths the one with the fewest coded bits. */
function chosenWidth(widths: readonly Width[], forms: readonly Form[], index: IndexRule): Chosen {
  const at = index.kind === 'bits' ? index.bits - 1 : cheapest(forms.length, (each) => total(forms[each]!));
  const { bits, counts, padding } = widths[at]!;
  const runCounts = counts.slice();
  runCounts[runCounts.length - 1]! -= padding;
  return { width: bits, form: forms[at]!, runCounts };
}

import { entropyBits, positionBits } from '../kernels/entropy.ts';
import { slimPlan, type SlimInput, type SlimPlan } from './slimPlan.ts';
import type { LayerEncode } from '../report/layerReport.ts';
import {
  cheapest,
  codebookBits,
  chosenWidth,
  codedTotal,
  denseForm,
  relativeForms,
  widthsOf,
  type SizeInput,
} from './forms.ts';

/** Bits of one index or pointer of the absolute form (CSR): 32, as sparse libraries keep them. */
const csrIndexBits = 32;
/** Widest index whose symbols are listed in the report. */
const listedWidth = 8;

/** The sizes, and what of the code stream belongs to the codebook's own table. */
export interface Sizes {
  readonly encode: Omit<LayerEncode, 'slim'>;
  readonly codeLengths: readonly number[];
  readonly paddingLength: number | null;
  /** How `.slim` holds the layer. */
  readonly plan: SlimPlan;
  /** What other forms of it can be planned from; the width is that of the rule, or the best one. */
  readonly slimInput: SlimInput & { readonly indexBits: number };
}

/**
 * Sizes in bits (docs/report-schema.md, encode.bits). Padding entries cost what every entry costs, in every
 * size and in both streams. The form is the smaller one by `coded`; the index rule `none` forces the dense form.
 *
 * dense       weights x stored bits
 * survivors   kept x stored bits, no index
 * pruned      entries x (stored bits + index), at the width that makes this smallest
 * csr, csc    kept x (stored bits + 32) + (rows + 1) x 32, or (cols + 1) x 32
 * shared      entries x (code + index bits) + codebook
 * coded       Huffman bits of both streams + codebook + tables; values that are not shared stay as they are
 * codedPaper  coded without the tables
 * order0      entropy of these very streams, without codebook and tables
 * limit       weights x H(density) + kept x H(codes), without codebook and tables
 */
export function sizesOf(input: SizeInput): Sizes {
  const { weights, kept, rows, cols, valueBits, gaps, share, index, lossless, losslessOnly } = input;
  const widths = widthsOf(gaps, kept);
  const prunedAt = (at: number): number => widths[at]!.entries * (valueBits + widths[at]!.bits);
  const best = cheapest(widths.length, prunedAt);
  const codebook = share === null ? 0 : codebookBits(share, share.entryBits);

  const dense = denseForm(input);
  const forms = relativeForms(input, widths);
  const relative = index.kind === 'none' ? null : chosenWidth(widths, forms, index);
  const sparse = relative !== null && codedTotal(relative.form) < codedTotal(dense) ? relative : null;
  const slimInput = {
    weights,
    kept,
    valueBits,
    gaps,
    share,
    zeroReserved: input.zeroReserved,
    indexBits: relative?.width ?? null,
    runs: input.runs,
    lossless: input.unchanged,
  };
  const plan = slimPlan(slimInput);
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
        csc: kept * (valueBits + csrIndexBits) + (cols + 1) * csrIndexBits,
        shared: form.fixedBits + codebook,
        coded: losslessOnly ? lossless : streams + form.tables + codebook,
        codedPaper: losslessOnly ? lossless : streams + codebook,
        order0: form.order0,
        limit: positionBits(weights, kept) + (share === null ? kept * valueBits : entropyBits(share.counts)),
        lossless,
        slim: plan.bits,
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
    plan,
    slimInput: {
      ...slimInput,
      indexBits: relative?.width ?? chosenWidth(widths, forms, { kind: 'best' }).width,
    },
    codeLengths: share === null ? [] : Array.from(form.codes.subarray(1)),
    paddingLength: share === null || form.codes[0] === 0 ? null : form.codes[0]!,
  };
}

/** The numbers as a list, with zeros up to a length. */
const filledTo = (length: number, numbers: ArrayLike<number>): number[] =>
  Array.from({ length }, (_, i) => numbers[i] ?? 0);

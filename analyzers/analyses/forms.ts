import { entropyBits } from '../kernels/entropy.ts';
import { codedBits, codeLengths, tableBits } from '../kernels/huffman.ts';
import { indexSymbols, widestIndex, type GapCounts } from '../kernels/relativeIndex.ts';
import type { LosslessPlan } from '../kernels/lossless.ts';
import type { IndexRule } from '../report/recipe.ts';

/** Everything that the sizes of a layer follow from: counts, never the streams themselves. */
export interface SizeInput {
  readonly weights: number;
  readonly rows: number;
  readonly cols: number;
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
    /** Centroids of all groups, and bits that say how many each has; without it there is one codebook of `counts`. */
    readonly groups?: { readonly centroids: number; readonly headBits: number } | null;
    /** Bits of the scales and zero points that stand for all centroids; without it centroids are written. */
    readonly gridBits?: number | null;
  } | null;
  readonly index: IndexRule;
  readonly lossless: number;
  /** Code 0 is a weight that is not kept. */
  readonly zeroReserved: boolean;
  /** How `.slim` says long gaps. */
  readonly runs: 'escape' | 'padding';
  /** The lossless plan where nothing is changed. */
  readonly unchanged: LosslessPlan | null;
  /** Nothing is pruned or shared, and `coded` is the lossless coding. */
  readonly losslessOnly: boolean;
}

/** Bits of all centroids, each of so many bits, and of what else their tables need; or of the grids in their place. */
export const codebookBits = (
  {
    counts,
    groups = null,
    gridBits = null,
  }: Pick<NonNullable<SizeInput['share']>, 'counts' | 'groups' | 'gridBits'>,
  entryBits: number,
): number => gridBits ?? (groups?.centroids ?? counts.length) * entryBits + (groups?.headBits ?? 0);

/** What the sizes of the streams follow from, given the index. */
export type CodeInput = Pick<SizeInput, 'weights' | 'kept' | 'valueBits' | 'share'>;

/** Both streams in one form. Bits without codebook. */
export interface Form {
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

/** Bits of both streams and their tables. */
export const codedTotal = (form: Form): number => form.valueStreamBits + form.indexStreamBits + form.tables;

/** The index stream at one width. */
export interface Width {
  readonly bits: number;
  readonly entries: number;
  readonly padding: number;
  /** Padding included; [2^bits], or shorter where larger symbols do not occur. */
  readonly counts: Float64Array;
  readonly lengths: Uint8Array;
  readonly codedBits: number;
}

/** Every width from 1 bit on. From the one on that takes no padding, all have the same symbols. */
export function widthsOf(gaps: GapCounts, kept: number): Width[] {
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

/** The first of 0 .. count - 1 with the lowest cost. */
export function cheapest(count: number, cost: (at: number) => number): number {
  let best = 0;
  for (let at = 1; at < count; at += 1) if (cost(at) < cost(best)) best = at;
  return best;
}

/** Every weight in order and no index; pruned weights take code 0, or are stored as zeros. */
export function denseForm({ weights, kept, valueBits, share }: CodeInput): Form {
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
export function relativeForms({ kept, valueBits, share }: CodeInput, widths: readonly Width[]): Form[] {
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

/** The relative form at the chosen width. */
export interface Chosen {
  readonly width: number;
  readonly form: Form;
  /** Index symbols of kept weights alone. */
  readonly runCounts: Float64Array;
}

/** The width that the rule names, or of all widths the one with the fewest coded bits. */
export function chosenWidth(widths: readonly Width[], forms: readonly Form[], index: IndexRule): Chosen {
  const at =
    index.kind === 'bits' ? index.bits - 1 : cheapest(forms.length, (each) => codedTotal(forms[each]!));
  const { bits, counts, padding } = widths[at]!;
  const runCounts = counts.slice();
  runCounts[runCounts.length - 1]! -= padding;
  return { width: bits, form: forms[at]!, runCounts };
}

import { codedBits, codeLengths } from './huffman.ts';
import { withoutZeros, type PlaneCounts } from './planes.ts';
import type { GapCounts } from './relativeIndex.ts';

/** Bits before everything else: the layout, the index width, and which planes are coded. */
export const losslessHeader = 16;
/** Bits of the number of non-zero elements, in the sparse layout alone. */
export const losslessCount = 53;
const widestGap = 12;
/** By their number in the stream. */
export const losslessLayouts = ['raw', 'planes', 'sparse'] as const;

/**
 * How a tensor's stored elements are coded without loss, and the bits that takes, header and tables included.
 *
 * raw     every element as it is
 * planes  each byte plane by its own Huffman code, or as it is where that is smaller
 * sparse  the positions of the non-zero elements as gaps, an escape for each 2^width zeros; then their planes
 *
 * `lengths` by plane: code lengths of its symbols, null for a plane written as it is.
 */
export interface LosslessPlan {
  readonly layout: 'raw' | 'planes' | 'sparse';
  readonly bits: number;
  readonly width: number;
  readonly gapLengths: Uint8Array | null;
  readonly lengths: readonly (Uint8Array | null)[];
  /** Of the header (with the gaps, in the sparse layout), then of each plane: they sum to `bits`. */
  readonly streamBits: readonly number[];
}

/** The smallest of the three layouts; never more than losslessHeader above the elements as they are. */
export function losslessPlan(planes: PlaneCounts, gaps: GapCounts): LosslessPlan {
  const { elements, zeros, symbolBits } = planes;
  const raw: LosslessPlan = {
    layout: 'raw',
    bits: losslessHeader + elements * planes.planes * symbolBits,
    width: 0,
    gapLengths: null,
    lengths: planes.counts.map(() => null),
    streamBits: [losslessHeader, ...planes.counts.map(() => elements * symbolBits)],
  };
  const dense = planePlan(planes.counts, elements, symbolBits);
  const plans: LosslessPlan[] = [
    raw,
    {
      ...raw,
      layout: 'planes',
      bits: losslessHeader + dense.bits,
      lengths: dense.lengths,
      streamBits: [losslessHeader, ...dense.planeBits],
    },
  ];
  if (zeros > 0) {
    const rest = planePlan(withoutZeros(planes), elements - zeros, symbolBits);
    const index = cheapestGaps(gaps);
    plans.push({
      layout: 'sparse',
      bits: losslessHeader + losslessCount + index.bits + rest.bits,
      width: index.width,
      gapLengths: index.lengths,
      lengths: rest.lengths,
      streamBits: [losslessHeader + losslessCount + index.bits, ...rest.planeBits],
    });
  }
  return plans.reduce((best, plan) => (plan.bits < best.bits ? plan : best));
}

/** Bits of a table that can be read alone: how many symbols, then each with its length in 5 bits. */
function losslessTableBits(lengths: Uint8Array, symbolBits: number): number {
  let bits = symbolBits + 1;
  for (const length of lengths) if (length > 0) bits += symbolBits + 5;
  return bits;
}

function planePlan(
  counts: readonly Float64Array[],
  elements: number,
  symbolBits: number,
): { bits: number; planeBits: number[]; lengths: (Uint8Array | null)[] } {
  const planeBits: number[] = [];
  let bits = 0;
  const lengths = counts.map((plane) => {
    const raw = elements * symbolBits;
    const codes = codeLengths(plane);
    const coded = codedBits(plane, codes) + losslessTableBits(codes, symbolBits);
    planeBits.push(Math.min(raw, coded));
    bits += Math.min(raw, coded);
    return coded < raw ? codes : null;
  });
  return { bits, planeBits, lengths };
}

/** Counts of gap symbols 0 .. 2^width - 1 and, last, of the escapes. */
function gapSymbols({ gaps, counts }: GapCounts, width: number): Float64Array {
  const stride = 2 ** width;
  const symbols = new Float64Array(stride + 1);
  for (let i = 0; i < gaps.length; i += 1) {
    const rest = gaps[i]! % stride;
    symbols[rest]! += counts[i]!;
    symbols[stride]! += ((gaps[i]! - rest) / stride) * counts[i]!;
  }
  return symbols;
}

function cheapestGaps(gaps: GapCounts): { width: number; bits: number; lengths: Uint8Array } {
  let best: { width: number; bits: number; lengths: Uint8Array } = {
    width: 1,
    bits: Number.POSITIVE_INFINITY,
    lengths: new Uint8Array(0),
  };
  for (let width = 1; width <= widestGap; width += 1) {
    const symbols = gapSymbols(gaps, width);
    const lengths = codeLengths(symbols);
    const bits = codedBits(symbols, lengths) + losslessTableBits(lengths, width + 1);
    if (bits < best.bits) best = { width, bits, lengths };
    // Without escapes a wider index has the same symbols and a larger table.
    if (symbols.at(-1) === 0) break;
  }
  return best;
}

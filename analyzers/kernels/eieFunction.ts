import { BitReader } from './bits.ts';
import type { Interleaving, PeStreams } from './interleaved.ts';
import { StreamDamage } from './symbolReader.ts';

/** Numbers of 16 bits, sign included, of which so many stand behind the point: 8 is Q7.8, from -128 to 127.996. */
export interface FixedPoint {
  readonly fractionBits: number;
}

const most = 2 ** 15 - 1;
const least = -(2 ** 15);

/** To the nearest number of the format, halves upwards, and to its ends beyond them; as a whole number of its last places. */
export const toFixed = (value: number, { fractionBits }: FixedPoint): number =>
  saturated(Math.floor(value * 2 ** fractionBits + 0.5));

const saturated = (whole: number): number => Math.min(most, Math.max(least, whole));

/** The machine's memories of one layer. */
export interface EieMemory {
  readonly of: Interleaving;
  readonly codeBits: number;
  /** [2^codeBits] or fewer; entry 0 is 0, for padding. */
  readonly codebook: Float64Array;
  readonly pes: readonly PeStreams[];
}

/**
 * What the machine computes (Han et al. 2016, EIE, equations 2 and 3): b[i] = ReLU(sum of S[I[i][j]] * a[j] over the
 * columns j with a[j] != 0), from the compressed form, PE by PE and column by column.
 *
 * Without `fixed` in double precision, each row summed in the order of its columns. With it, weights and activations
 * are numbers of that format; their products are summed without loss, and what is written is rounded to the format.
 *
 * a        [cols]
 * returns  [rows]
 *
 * Throws StreamDamage when an entry lies outside the matrix or has a code without a centroid.
 */
export function eieProduct(
  { of, codeBits, codebook, pes: memories }: EieMemory,
  a: Float64Array,
  fixed: FixedPoint | null = null,
): Float64Array {
  const { rows, cols, pes, width } = of;
  const weights = fixed === null ? codebook : codebook.map((weight) => toFixed(weight, fixed));
  const inputs = fixed === null ? a : a.map((activation) => toFixed(activation, fixed));
  const b = new Float64Array(rows);
  for (const [pe, { entries, pointers }] of memories.entries()) {
    const from = new BitReader(entries);
    for (let col = 0; col < cols; col += 1) {
      const activation = inputs[col]!;
      let row = pe - pes;
      for (let entry = pointers[col]!; entry < pointers[col + 1]!; entry += 1) {
        const code = from.get(codeBits);
        row += (from.get(width) + 1) * pes;
        const weight = weights[code];
        if (row >= rows || weight === undefined)
          throw new StreamDamage('an entry lies below the last row, or has no centroid');
        if (activation !== 0) b[row]! += weight * activation;
      }
    }
  }
  for (let row = 0; row < rows; row += 1) {
    const sum = Math.max(0, b[row]!);
    // Products have twice the places behind the point.
    b[row] = fixed === null ? sum : fromFixed(toFixed(sum / 4 ** fixed.fractionBits, fixed), fixed);
  }
  return b;
}

const fromFixed = (whole: number, { fractionBits }: FixedPoint): number => whole / 2 ** fractionBits;

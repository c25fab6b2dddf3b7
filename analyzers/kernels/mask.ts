import { findKept, type KeptRange } from './kept.ts';

/** Which weights are kept: those of a magnitude in a range, or those whose bit is set. Zero, NaN and infinities never are. */
export type Mask =
  | { readonly kind: 'range'; readonly range: KeptRange }
  /** Bit i & 31 of word i >>> 5 for element i of the stored tensor, in C order; at most 2^32 of them. */
  | { readonly kind: 'bits'; readonly bits: Uint32Array };

type Values = Float32Array | Float64Array;

export const emptyBits = (weights: number): Uint32Array => new Uint32Array(Math.ceil(weights / 32));

export function setBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31);
}

export const hasBit = (bits: Uint32Array, at: number): boolean => ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1;

/** Writes the places of the kept ones among the elements first, first + 1, ... into `positions`; returns how many there are. */
export function findKeptBy(mask: Mask, values: Values, first: number, positions: Uint32Array): number {
  if (mask.kind === 'range') return findKept(values, mask.range, positions);
  const { bits } = mask;
  const { length } = values;
  let count = 0;
  for (let i = 0; i < length;) {
    const at = first + i;
    const shift = at & 31;
    const run = Math.min(32 - shift, length - i);
    // Word by word: most words of a pruned layer have few bits.
    let word = bits[at >>> 5]! >>> shift;
    if (run < 32) word &= (1 << run) - 1;
    while (word !== 0) {
      const low = word & -word;
      positions[count] = i + 31 - Math.clz32(low);
      count += 1;
      word ^= low;
    }
    i += run;
  }
  return count;
}

import { singles } from './kept.ts';
import type { Mask } from './mask.ts';

/** Sums over a layer's finite weights, of those that are kept and of the others. */
export interface Norms {
  /** Squares: the squared L2 norm. */
  kept: number;
  lost: number;
  /** Magnitudes: the L1 norm. */
  keptL1: number;
  lostL1: number;
}

export const emptyNorms = (): Norms => ({ kept: 0, lost: 0, keptL1: 0, lostL1: 0 });

/** Adds the elements first, first + 1, ..., one after another, so that chunks do not show. */
export function addNorms(into: Norms, mask: Mask, values: Float32Array | Float64Array, first: number): void {
  // 0 kept, 1 not kept, 2 not finite.
  const squares = Float64Array.of(into.kept, into.lost, 0, 0);
  const magnitudes = Float64Array.of(into.keptL1, into.lostL1, 0, 0);
  if (mask.kind === 'bits') {
    const { bits } = mask;
    for (let i = 0; i < values.length; i += 1) {
      const magnitude = Math.abs(values[i]!);
      const at = first + i;
      const place = magnitude <= Number.MAX_VALUE ? 1 - ((bits[at >>> 5]! >>> (at & 31)) & 1) : 2;
      squares[place]! += magnitude * magnitude;
      magnitudes[place]! += magnitude;
    }
  } else if (values instanceof Float32Array) {
    // Without a branch that is mispredicted at every other weight.
    const { words, ...bits } = singles(values, mask.range);
    // Told to be 32-bit integers, they are computed with as such.
    const least = bits.least | 0;
    const span = bits.span | 0;
    for (let i = 0; i < words.length; i += 1) {
      const above = ((words[i]! & 0x7fffffff) - least) | 0;
      const magnitude = Math.abs(values[i]!);
      const place = (above >>> 31) | (((~above & (span - above)) >>> 31) << 1);
      squares[place]! += magnitude * magnitude;
      magnitudes[place]! += magnitude;
    }
  } else {
    const { least, most } = mask.range;
    for (let i = 0; i < values.length; i += 1) {
      const magnitude = Math.abs(values[i]!);
      const place = magnitude <= most ? (magnitude < least ? 1 : 0) : 2;
      squares[place]! += magnitude * magnitude;
      magnitudes[place]! += magnitude;
    }
  }
  into.kept = squares[0]!;
  into.lost = squares[1]!;
  into.keptL1 = magnitudes[0]!;
  into.lostL1 = magnitudes[1]!;
}

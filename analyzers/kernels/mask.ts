import type { KeptRange } from './kept.ts';

/** Which weights are kept: those of a magnitude in a range, or those whose bit is set. Zero, NaN and infinities never are. */
export type Mask =
  | { readonly kind: 'range'; readonly range: KeptRange }
  /** Bit i & 31 of word i >>> 5 for element i of the stored tensor, in C order. */
  | { readonly kind: 'bits'; readonly bits: Uint32Array };

/** What decides whether a weight is kept: |w| lies in [least, most]. Zero, NaN and infinities never are. */
export interface KeptRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Kept iff non-zero, finite and |w| >= threshold; null keeps every finite non-zero. Works on the stored values as they are: nothing is rounded.
 */
export const keptRange = (threshold: number | null): KeptRange => ({
  least: Math.max(threshold ?? 0, Number.MIN_VALUE),
  most: Number.MAX_VALUE,
});

type Values = Float32Array | Float64Array;

/** Writes the places of the kept values into `positions` (as long as `values`) and returns how many there are. */
export function findKept(values: Values, range: KeptRange, positions: Uint32Array): number {
  let count = 0;
  if (values instanceof Float32Array) {
    // Written always, counted only if kept: without a branch that is mispredicted at every other weight.
    const { words, ...bits } = singles(values, range);
    // Told to be 32-bit integers, they are computed with as such.
    const least = bits.least | 0;
    const span = bits.span | 0;
    for (let i = 0; i < words.length; i += 1) {
      const above = ((words[i]! & 0x7fffffff) - least) | 0;
      positions[count] = i;
      count += ~(above | (span - above)) >>> 31;
    }
    return count;
  }
  const { least, most } = range;
  for (let i = 0; i < values.length; i += 1) {
    const magnitude = Math.abs(values[i]!);
    positions[count] = i;
    count += magnitude >= least && magnitude <= most ? 1 : 0;
  }
  return count;
}

/**
 * The range in bits: those of non-negative floats order as the floats do, so |w| is kept iff 0 <= bits - least <= span.
 * The least single that a double allows may lie above it; above the largest one, nothing is kept.
 */
export function singles(
  values: Float32Array,
  range: KeptRange,
): { words: Uint32Array; least: number; span: number } {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const single = Float32Array.of(range.least);
  const bits = new Uint32Array(single.buffer)[0]!;
  const least = single[0]! < range.least ? bits + 1 : bits;
  return { words, least, span: 0x7f7fffff - least };
}

/** What decides whether a weight is kept: |w| lies in [least, most]. Zero, NaN and infinities never are. */
export interface KeptRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Kept iff non-zero, finite and |w| >= threshold; null keeps every finite non-zero
 * (definitions, "What is counted"). Works on the stored values as they are: nothing is rounded.
 */
export const keptRange = (threshold: number | null): KeptRange => ({
  least: Math.max(threshold ?? 0, Number.MIN_VALUE),
  most: Number.MAX_VALUE,
});

/** Writes the places of the kept values into `positions` (as long as `values`) and returns how many there are. */
export function findKept(
  values: Float32Array | Float64Array,
  { least, most }: KeptRange,
  positions: Uint32Array,
): number {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const magnitude = Math.abs(values[i]!);
    positions[count] = i;
    // Stored always, counted only if kept: no branch to mispredict.
    count += magnitude >= least && magnitude <= most ? 1 : 0;
  }
  return count;
}

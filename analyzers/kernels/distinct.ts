/**
 * Counts values that repeat: an open hash table from value to count, up to a number of distinct values.
 * Weights of quantised, half-precision, shared and small layers fit, and their codebooks are then exact.
 */
export interface DistinctValues {
  /** Whether more than `cap` values were met; then the rest of the table means nothing. */
  overflow: boolean;
  readonly cap: number;
  used: number;
  /** Slots: a value, 0 where free. Zero itself is never counted. */
  keys: Float64Array;
  counts: Float64Array;
}

/** `cap` distinct values at most; the table is never more than half full. */
export function emptyDistinct(cap: number): DistinctValues {
  const slots = 1024;
  return {
    overflow: false,
    cap,
    used: 0,
    keys: new Float64Array(slots),
    counts: new Float64Array(slots),
  };
}

/** Counts the non-zero values at positions[0 .. count). */
export function addDistinct(
  into: DistinctValues,
  values: Float32Array | Float64Array,
  positions: Uint32Array,
  count: number,
): void {
  if (into.overflow) return;
  let { keys, counts } = into;
  for (let i = 0; i < count; i += 1) {
    const value = values[positions[i]!]!;
    const slot = slotOf(keys, value);
    if (keys[slot]! !== value) {
      if (into.used === into.cap) {
        into.overflow = true;
        return;
      }
      keys[slot] = value;
      into.used += 1;
      if (into.used * 2 > keys.length) {
        counts[slot]! += 1;
        grow(into);
        ({ keys, counts } = into);
        continue;
      }
    }
    counts[slot]! += 1;
  }
}

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

/** The slot that holds `value`, or the free one where it belongs. */
function slotOf(keys: Float64Array, value: number): number {
  const mask = keys.length - 1;
  scratch[0] = value;
  let hash = Math.imul(words[0]! ^ Math.imul(words[1]!, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const key = keys[slot]!;
    if (key === value || key === 0) return slot;
  }
}

function grow(table: DistinctValues): void {
  const { keys, counts } = table;
  table.keys = new Float64Array(keys.length * 4);
  table.counts = new Float64Array(keys.length * 4);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i]!;
    if (key === 0) continue;
    const slot = slotOf(table.keys, key);
    table.keys[slot] = key;
    table.counts[slot] = counts[i]!;
  }
}

/** The values in ascending order, with their counts. */
export function sortedDistinct(table: DistinctValues): { values: Float64Array; counts: Float64Array } {
  const values = table.keys.filter((key) => key !== 0).toSorted();
  const counts = values.map((value) => table.counts[slotOf(table.keys, value)]!);
  return { values, counts };
}

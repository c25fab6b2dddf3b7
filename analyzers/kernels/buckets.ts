import { powerBelow } from './exponent.ts';
import { pointsOf, type Points } from './points.ts';

/**
 * Weights in buckets of near values, for layers with too many distinct values to count each: first a coarse count by
 * sign, exponent and 7 bits of mantissa, then buckets inside each coarse bin, more where a good codebook is dense.
 * The centroids of the best codebook lie in proportion to density^(1/3) (Panter and Dite 1951), so a bin of width w
 * with c weights gets buckets in proportion to w^(2/3) * c^(1/3). Values of f64 are placed as f32, summed as f64.
 */
export interface CoarseCounts {
  /** [65536] by the upper half of the ordered key. */
  readonly counts: Float64Array;
}

export interface Buckets {
  /** [65536] index of the first bucket of each coarse bin, and how many it has. */
  readonly first: Uint32Array;
  readonly slots: Uint32Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

const coarseBins = 1 << 16;
const largest = 3.4028234663852886e38;

const scratch = new Float32Array(1);
const word = new Uint32Array(scratch.buffer);

/** An integer that orders as the values do: the bits, with the sign bit set for positive values and all turned for negative ones. */
function keyOf(value: number): number {
  scratch[0] = Math.max(-largest, Math.min(largest, value));
  const bits = word[0]!;
  return (bits >>> 31 === 1 ? ~bits : bits | 0x80000000) >>> 0;
}

function valueOf(key: number): number {
  word[0] = key >>> 31 === 1 ? key & 0x7fffffff : ~key;
  return scratch[0]!;
}

/** Width of a coarse bin. */
const widthOf = (bin: number): number =>
  bin < 0 ? 1 : Math.min(largest, Math.abs(valueOf(bin * coarseBins + 0xffff) - valueOf(bin * coarseBins)));

export const emptyCoarse = (): CoarseCounts => ({ counts: new Float64Array(coarseBins) });

export function addCoarse(
  into: CoarseCounts,
  values: Float32Array | Float64Array,
  positions: Uint32Array,
  count: number,
): void {
  const { counts } = into;
  for (let i = 0; i < count; i += 1) counts[keyOf(values[positions[i]!]!) >>> 16]! += 1;
}

/** `wanted` buckets are dealt; each coarse bin with weights has one besides, which makes at most 65,536 more. */
export function emptyBuckets({ counts }: CoarseCounts, wanted: number): Buckets {
  const share = new Float64Array(coarseBins);
  let all = 0;
  const unit = powerBelow(widthOf(counts.findLastIndex((count) => count > 0)));
  for (let bin = 0; bin < coarseBins; bin += 1) {
    if (counts[bin] === 0) continue;
    const width = widthOf(bin) / unit;
    // In this order neither factor leaves the range of doubles.
    share[bin] = Math.cbrt(width) ** 2 * Math.cbrt(counts[bin]!);
    all += share[bin]!;
  }
  const first = new Uint32Array(coarseBins);
  const slots = new Uint32Array(coarseBins);
  let total = 0;
  for (let bin = 0; bin < coarseBins; bin += 1) {
    if (counts[bin] === 0) continue;
    const dealt = all > 0 ? Math.floor((wanted * share[bin]!) / all) : 0;
    first[bin] = total;
    slots[bin] = Math.min(dealt + 1, counts[bin]!, coarseBins);
    total += slots[bin]!;
  }
  return {
    first,
    slots,
    counts: new Float64Array(total),
    sums: new Float64Array(total),
    squares: new Float64Array(total),
  };
}

/** Adds the values at positions[0 .. count), all of which were in the coarse count. */
export function addBuckets(
  into: Buckets,
  values: Float32Array | Float64Array,
  positions: Uint32Array,
  count: number,
): void {
  const { first, slots, counts, sums, squares } = into;
  for (let i = 0; i < count; i += 1) {
    const value = values[positions[i]!]!;
    const key = keyOf(value);
    const bin = key >>> 16;
    const at = first[bin]! + (((key & 0xffff) * slots[bin]!) >>> 16);
    counts[at]! += 1;
    sums[at]! += value;
    squares[at]! += value * value;
  }
}

/** The bucket of a value that was in the coarse count. */
export function bucketOf({ first, slots }: Pick<Buckets, 'first' | 'slots'>, value: number): number {
  const key = keyOf(value);
  const bin = key >>> 16;
  return first[bin]! + (((key & 0xffff) * slots[bin]!) >>> 16);
}

/** The buckets that hold weights, as points at their means. */
export function pointsOfBuckets(buckets: Buckets): Points {
  const all = buckets.counts.length;
  const counts = new Float64Array(all);
  const sums = new Float64Array(all);
  const squares = new Float64Array(all);
  const means = new Float64Array(all);
  let used = 0;
  for (let at = 0; at < all; at += 1) {
    const count = buckets.counts[at]!;
    if (count === 0) continue;
    counts[used] = count;
    sums[used] = buckets.sums[at]!;
    squares[used] = buckets.squares[at]!;
    means[used] = buckets.sums[at]! / count;
    used += 1;
  }
  return pointsOf(
    means.subarray(0, used),
    counts.subarray(0, used),
    sums.subarray(0, used),
    squares.subarray(0, used),
    false,
  );
}

import { barsFor } from './barWidth.ts';
import type { Statistic } from './monoid.ts';
import { magnitudesOf } from './words.ts';

/** Fine bins of each sign: as many as keep the rounding of `limit` below one shown bin. */
const fine = 1 << 15;
const least = -1000;

/**
 * How often values occur, by |value| in steps of 2^exponent / 32768; counts[32768 + j] holds the values whose
 * distance from zero is j steps, rounded towards zero. Every finite |value| is below 2^exponent. When a larger
 * value comes, the exponent grows and bins flow together two by two: nothing is lost but fineness, and the result
 * is the same in whatever order the values came.
 */
export interface FineHistogram {
  exponent: number;
  counts: Float64Array;
}

/**
 * The histogram that is shown, in one pass and without knowing the largest value beforehand. Zeros and values that
 * are not finite stand in the middle bin with the smallest values, since telling them apart here costs time.
 */
export const histogram: Statistic<FineHistogram> = {
  empty: () => ({ exponent: least, counts: new Float64Array(2 * fine) }),
  add(into, values) {
    if (count(into, values, 1) < 2 ** into.exponent) return;
    const { exponent } = magnitudesOf(values);
    if (exponent === null || exponent <= into.exponent) return;
    // A value lies beyond the bins: what was just counted is taken back and counted again in wider ones.
    count(into, values, -1);
    grow(into, exponent);
    count(into, values, 1);
  },
  merge(a, b) {
    grow(a, b.exponent);
    grow(b, a.exponent);
    for (let i = 0; i < a.counts.length; i += 1) a.counts[i]! += b.counts[i]!;
    return a;
  },
};

/** Adds `weight` to the bin of every value, to some bin or other of one that lies beyond; answers the largest |value|. */
function count(
  { exponent, counts }: FineHistogram,
  values: Float32Array | Float64Array,
  weight: number,
): number {
  // A power of two, so the product is exact; NaN and infinities become 0 in the conversion to an integer.
  const scale = fine * 2 ** -exponent;
  let most = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const magnitude = Math.abs(value);
    if (magnitude > most) most = magnitude;
    const at = (fine + ((value * scale) | 0)) & (2 * fine - 1);
    counts[at] = counts[at]! + weight;
  }
  return most;
}

function grow(state: FineHistogram, exponent: number): void {
  const doublings = exponent - state.exponent;
  if (doublings <= 0) return;
  state.exponent = exponent;
  const steps = Math.min(doublings, 16);
  const counts = new Float64Array(2 * fine);
  for (const [at, many] of state.counts.entries()) {
    const j = at - fine;
    counts[fine + (j < 0 ? -(-j >> steps) : j >> steps)]! += many;
  }
  state.counts = counts;
}

/**
 * Counts of the finite non-zero values over equal bars of [-limit, limit], the middle one about zero; a value on a
 * border belongs to the outer bar. There are 161 of them, and `limit` is the largest |value| rounded up by at most
 * 1 %, so that every border lies between two fine bins and no count is a guess; weights on a coarse grid get bars
 * of their own (barsFor). `apart` says how many values are zero or not finite: they are taken out of the middle.
 * Null when there is nothing to count.
 */
export function shownHistogram(
  { exponent, counts }: FineHistogram,
  apart: number,
): { readonly limit: number; readonly counts: readonly number[] } | null {
  const levels: number[] = [];
  let total = counts[fine]!;
  for (let j = 1; j < fine; j += 1) {
    const both = counts[fine + j]! + counts[fine - j]!;
    if (both > 0) levels.push(j);
    total += both;
  }
  const { width, side } = barsFor(levels, fine / 2);
  const limit = (side + 0.5) * width * 2 ** (exponent - 15);
  if (total === apart || !Number.isFinite(limit)) return null;
  const shown = new Array<number>(2 * side + 1).fill(0);
  shown[side] = counts[fine]! - apart;
  for (const j of levels) {
    // Half a fine bin keeps away from borders, so the division cannot fall on the wrong side.
    const distance = Math.floor((j + 0.5) / width + 0.5);
    shown[side + distance]! += counts[fine + j]!;
    shown[side - distance]! += counts[fine - j]!;
  }
  return { limit, counts: shown };
}

import type { Statistic } from './monoid.ts';
import { addTo, valueOf, type Sum } from './sum.ts';
import { magnitudesOf } from './words.ts';

/** Counts, extremes and sums of a layer's weights. All but `nonFinite` are of the finite values alone. */
export interface Moments {
  finite: number;
  /** 0 and -0. */
  zeros: number;
  nonFinite: number;
  /** Infinity and -Infinity while there is no finite value. */
  min: number;
  max: number;
  readonly sum: Sum;
  /** Squared distances from the mean. */
  readonly spread: Sum;
  /** Squares: squared distances from zero. */
  readonly squares: Sum;
}

/** Values whose sums are formed at once, in four lanes; small enough to be read twice from the first cache. */
const blockLength = 4096;

const emptyMoments = (): Moments => ({
  finite: 0,
  zeros: 0,
  nonFinite: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  sum: { high: 0, low: 0 },
  spread: { high: 0, low: 0 },
  squares: { high: 0, low: 0 },
});

/**
 * Mean and variance by blocks: each block about its own mean, combined by the update of Chan, Golub and LeVeque
 * 1979. So a mean far from zero costs no digits, and where the layer is split shows only in the last bits.
 */
export const moments: Statistic<Moments> = {
  empty: emptyMoments,
  add(into, values) {
    for (let from = 0; from < values.length; from += blockLength) {
      const block = values.subarray(from, from + blockLength);
      const { zeros, nonFinite } = magnitudesOf(block);
      into.zeros += zeros;
      into.nonFinite += nonFinite;
      addBlock(into, nonFinite === 0 ? block : block.filter((value) => Number.isFinite(value)));
    }
  },
  merge(a, b) {
    a.zeros += b.zeros;
    a.nonFinite += b.nonFinite;
    a.min = Math.min(a.min, b.min);
    a.max = Math.max(a.max, b.max);
    combine(a, b.finite, b.sum, b.spread, b.squares);
    return a;
  },
};

/** Takes in finite values, counts apart. */
function addBlock(into: Moments, block: Float32Array | Float64Array): void {
  const { length } = block;
  if (length === 0) return;
  let { min, max } = into;
  let a = 0;
  let b = 0;
  let i = length & 1;
  if (i === 1) {
    a = block[0]!;
    if (a < min) min = a;
    if (a > max) max = a;
  }
  for (; i < length; i += 2) {
    const x = block[i]!;
    const y = block[i + 1]!;
    a += x;
    b += y;
    if (x < min) min = x;
    if (x > max) max = x;
    if (y < min) min = y;
    if (y > max) max = y;
  }
  into.min = min;
  into.max = max;
  const sum = a + b;
  const mean = sum / length;
  let squares = 0;
  let spread = 0;
  for (let k = 0; k < length; k += 1) {
    const x = block[k]!;
    const distance = x - mean;
    squares += x * x;
    spread += distance * distance;
  }
  combine(into, length, { high: sum, low: 0 }, { high: spread, low: 0 }, { high: squares, low: 0 });
}

/** Adds the sums of `count` more values to those of `into`. */
function combine(into: Moments, count: number, sum: Sum, spread: Sum, squares: Sum): void {
  if (count === 0) return;
  if (into.finite > 0) {
    const between = valueOf(sum) / count - valueOf(into.sum) / into.finite;
    addTo(into.spread, (between * between * into.finite * count) / (into.finite + count));
  }
  for (const [to, from] of [
    [into.sum, sum],
    [into.spread, spread],
    [into.squares, squares],
  ] as const) {
    addTo(to, from.high);
    to.low += from.low;
  }
  into.finite += count;
}

/** Sums of doubles near 10^308 overflow: then there is no figure rather than an infinite one. -0 is told as 0. */
const told = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/** Mean, population standard deviation, and standard deviation of the non-zeros about zero; null without values. */
export function momentFigures(state: Moments): {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly stdNonZero: number | null;
} {
  const { finite, zeros } = state;
  return {
    min: told(state.min),
    max: told(state.max),
    mean: told(valueOf(state.sum) / finite),
    std: told(Math.sqrt(valueOf(state.spread) / finite)),
    stdNonZero: finite > zeros ? told(Math.sqrt(valueOf(state.squares) / (finite - zeros))) : null,
  };
}

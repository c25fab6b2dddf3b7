import { smallFloats } from './smallFloats.ts';

/** Grids of uniform quantisation, and eight-bit floats with a scale. */
export const uniformMethods = ['uniform-symmetric', 'uniform-asymmetric', 'fp8-e4m3', 'fp8-e5m2'] as const;
export type UniformMethod = (typeof uniformMethods)[number];

const finite = (table: Float32Array): Float64Array =>
  Float64Array.from(new Set(Array.from(table, (value) => value + 0).filter(Number.isFinite))).toSorted();

const eightBit = {
  'fp8-e4m3': finite(smallFloats.f8e4m3fn),
  'fp8-e5m2': finite(smallFloats.f8e5m2),
} as const;

/** What one group's grid is told by. */
export interface DrawnGrid {
  /** As it is written: a positive number of single precision, or a double where weights are doubles. */
  readonly scale: number;
  /** The level that is 0, of `uniform-asymmetric`. */
  readonly zero: number;
}

/** Values of a grid that has at most k of them; eight-bit floats have those that they have. */
export function levelsOf(method: UniformMethod, k: number): number {
  if (method === 'uniform-symmetric') return 2 * Math.max(1, Math.floor((k - 1) / 2)) + 1;
  return method === 'uniform-asymmetric' ? Math.max(2, k) : eightBit[method].length;
}

/**
 * The grid of so many levels for weights from `low` to `high`, the zero included:
 *
 * uniform-symmetric   q * s, |q| <= (levels - 1) / 2, s such that the largest magnitude is the last q
 * uniform-asymmetric  (q - z) * s, 0 <= q < levels, over the range with 0 in it; z is the whole number next to -low / s
 *                     (both: Jacob et al. 2018, section 2.1)
 * fp8-*               the finite values of the type times a scale that makes its largest the largest magnitude
 *                     (Micikevicius et al. 2022)
 *
 * `wide`: the scale is kept as a double.
 */
export function drawGrid(
  method: UniformMethod,
  levels: number,
  { low, high }: { readonly low: number; readonly high: number },
  wide: boolean,
): DrawnGrid {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (method === 'uniform-symmetric') return { scale: written(largest / ((levels - 1) / 2), wide), zero: 0 };
  if (method !== 'uniform-asymmetric')
    return { scale: written(largest / eightBit[method].at(-1)!, wide), zero: 0 };
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  const steps = levels - 1;
  const scale = written(to / steps - from / steps, wide);
  return { scale, zero: Math.max(0, Math.min(steps, Math.round(-from / scale))) };
}

/** A scale as it is written, and never 0. */
const written = (scale: number, wide: boolean): number =>
  wide
    ? Math.max(Number.MIN_VALUE, scale)
    : Math.max(2 ** -149, Math.min((2 - 2 ** -23) * 2 ** 127, Math.fround(scale)));

/** The value of a level, from 0; ascending. Encoder and decoder both take it from here, so that it is the same double. */
export function levelValue(
  method: UniformMethod,
  levels: number,
  { scale, zero }: DrawnGrid,
  level: number,
): number {
  if (method === 'uniform-symmetric') return (level - (levels - 1) / 2) * scale;
  return method === 'uniform-asymmetric' ? (level - zero) * scale : eightBit[method][level]! * scale;
}

/** Bits of what a grid is told by: a scale, and a zero point of as many bits as a code. */
export const gridBits = (method: UniformMethod, bits: number, wide: boolean): number =>
  (wide ? 64 : 32) + (method === 'uniform-asymmetric' ? bits : 0);

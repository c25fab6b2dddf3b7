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

/**
 * The values that a grid of `levels` offers for weights from `low` to `high`, ascending, the zero included:
 *
 * uniform-symmetric   q * s, |q| <= floor((levels - 1) / 2), s such that the largest magnitude is the last q
 * uniform-asymmetric  (q - z) * s, 0 <= q < levels, over the range with 0 in it; z is the whole number next to -low / s
 *                     (both: Jacob et al. 2018, section 2.1)
 * fp8-*               the finite values of the type times a scale that makes its largest the largest magnitude
 *                     (Micikevicius et al. 2022)
 */
export function uniformGrid(method: UniformMethod, levels: number, low: number, high: number): Float64Array {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (method === 'uniform-symmetric') {
    const most = Math.max(1, Math.floor((levels - 1) / 2));
    return Float64Array.from({ length: 2 * most + 1 }, (_, i) => ((i - most) / most) * largest);
  }
  if (method === 'uniform-asymmetric') {
    const [from, to] = [Math.min(0, low), Math.max(0, high)];
    const steps = Math.max(1, levels - 1);
    const scale = to / steps - from / steps;
    const zero = Math.round(-from / scale);
    return Float64Array.from({ length: steps + 1 }, (_, i) => (i - zero) * scale);
  }
  const values = eightBit[method];
  const top = values.at(-1)!;
  return values.map((value) => (value / top) * largest);
}

/** Bits of what a grid is told by: a scale in single precision, and a zero point of as many bits as a code. */
export const gridBits = (method: UniformMethod, bits: number): number =>
  32 + (method === 'uniform-asymmetric' ? bits : 0);

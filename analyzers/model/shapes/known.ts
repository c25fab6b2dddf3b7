import { limits } from '../../bytes/limits.ts';
import type { DType } from '../dtype.ts';

/** Extents of a value, null where one is not known. */
export type Shape = readonly (number | null)[];

/** The numbers of a small value in C order (a shape, axes, sizes), null where one is not known. */
export type Numbers = readonly (number | null)[];

/** What can be said of a value without running the model. */
export interface Known {
  readonly shape: Shape | null;
  readonly dtype: DType | null;
  /** At most limits.smallTensor of them, else null. */
  readonly numbers: Numbers | null;
}

export const unknown: Known = { shape: null, dtype: null, numbers: null };

export const shaped = (shape: Shape | null, dtype: DType | null = null): Known => ({
  shape,
  dtype,
  numbers: null,
});

/** A vector of numbers, as operators that read shapes give it. */
export const vector = (numbers: Numbers, dtype: DType = 'i64'): Known =>
  known([numbers.length], dtype, numbers);

export const scalar = (value: number | null, dtype: DType = 'i64'): Known => known([], dtype, [value]);

export const known = (shape: Shape, dtype: DType | null, numbers: Numbers | null): Known => ({
  shape,
  dtype,
  numbers: numbers !== null && numbers.length <= limits.smallTensor ? numbers : null,
});

/** Product of extents; null when one is unknown or none (a file may say -3), or the product is no longer exact. */
export function product(extents: Shape): number | null {
  let n = 1;
  let sure = true;
  for (const extent of extents) {
    if (extent === 0) return 0;
    if (extent === null || extent < 0 || !Number.isInteger(extent)) sure = false;
    else n *= extent;
  }
  return sure && Number.isSafeInteger(n) ? n : null;
}

export const isWhole = (shape: Shape | null): shape is readonly number[] =>
  shape !== null && shape.every((extent) => extent !== null);

/** An axis counted from the end when negative; null when there is no such axis. */
export function axisOf(axis: number, rank: number): number | null {
  const at = axis < 0 ? axis + rank : axis;
  return Number.isInteger(at) && at >= 0 && at < rank ? at : null;
}

/** Multidirectional broadcasting; extents that contradict each other are unknown. */
export function broadcast(a: Shape | null, b: Shape | null): Shape | null {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = i < rank - a.length ? 1 : a[i - rank + a.length]!;
    const y = i < rank - b.length ? 1 : b[i - rank + b.length]!;
    if (x === 1) return y;
    if (y === 1) return x;
    // One of them may turn out to be 1, but then the other one decides; two that differ cannot both be right.
    if (x === null) return y;
    if (y === null) return x;
    return x === y ? x : null;
  });
}

/** What two values have in common: of the outcomes of a choice. */
export function meet(a: Shape | null, b: Shape | null): Shape | null {
  if (a === null || b === null || a.length !== b.length) return null;
  return a.map((extent, i) => (extent === b[i] ? extent : null));
}

/** The better known of an inferred and a declared shape, extent by extent; the inferred one wins. */
export function refine(inferred: Shape | null, declared: Shape | null): Shape | null {
  if (inferred === null) return declared;
  if (declared === null || declared.length !== inferred.length) return inferred;
  return inferred.map((extent, i) => extent ?? declared[i]!);
}

/** C-order strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1)
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The numbers of a small value of `shape` whose element at `index` stands at `at(index)` of `from`. */
export function pickNumbers(
  from: Numbers | null,
  shape: Shape | null,
  at: (index: readonly number[]) => number,
): Numbers | null {
  if (from === null || !isWhole(shape)) return null;
  const count = product(shape);
  if (count === null || count > limits.smallTensor) return null;
  const index = shape.map(() => 0);
  return Array.from({ length: count }, () => {
    const value = from[at(index)] ?? null;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
    return value;
  });
}

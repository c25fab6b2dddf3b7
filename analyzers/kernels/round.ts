import { smallFloats } from './smallFloats.ts';

/** The values that a stored type can hold, as far as a codebook needs them. */
export interface Grid {
  /** The nearest value that can be stored; never beyond the largest finite one. */
  readonly round: (value: number) => number;
  /** The smallest positive value. */
  readonly smallest: number;
}

/** Floats with `fraction` bits after the leading one, the lowest normal exponent, and subnormals below it. Ties to even. */
function binaryGrid(fraction: number, lowest: number, most: number): Grid {
  return {
    smallest: 2 ** (lowest - fraction),
    round(value) {
      const magnitude = Math.abs(value);
      if (magnitude === 0) return 0;
      let exponent = Math.max(lowest, Math.floor(Math.log2(magnitude)));
      // The logarithm may be one off beside a power of two.
      if (exponent > lowest && 2 ** exponent > magnitude) exponent -= 1;
      const unit = 2 ** (exponent - fraction);
      return Math.sign(value) * Math.min(most, roundEven(magnitude / unit) * unit);
    },
  };
}

function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const largest32 = (2 - 2 ** -23) * 2 ** 127;

const grids = {
  f64: { round: (value: number) => value, smallest: Number.MIN_VALUE },
  f32: {
    round: (value: number) => Math.fround(Math.max(-largest32, Math.min(largest32, value))),
    smallest: 2 ** -149,
  },
  f16: binaryGrid(10, -14, 65504),
  bf16: binaryGrid(7, -126, (2 - 2 ** -7) * 2 ** 127),
  ...(Object.fromEntries(
    Object.entries(smallFloats).map(([name, table]) => [
      name,
      valuesGrid(Float64Array.from(table.filter((value) => Number.isFinite(value))).toSorted()),
    ]),
  ) as Record<keyof typeof smallFloats, Grid>),
} satisfies Record<string, Grid>;

export type FloatName = keyof typeof grids;
export const floatGrid = (name: FloatName): Grid => grids[name];

/** Whole numbers, for integers whose scale is not known. */
export const integerGrid: Grid = { round: (value) => Math.round(value), smallest: 1 };

/**
 * Whole numbers from `lowest` to `highest` times a positive scale, as dequantised integers are. `single`: products
 * are rounded to single precision, as dequantise() does in a Float32Array.
 */
export function stepGrid(scale: number, lowest: number, highest: number, single: boolean): Grid {
  const product = (steps: number): number => (single ? Math.fround(steps * scale) : steps * scale);
  return {
    smallest: product(1),
    round: (value) => product(Math.max(lowest, Math.min(highest, Math.round(value / scale)))),
  };
}

/** Some values, ascending: the nearest of them, the lower one of two equally near. */
export function valuesGrid(values: Float64Array): Grid {
  return {
    smallest: values.find((value) => value > 0) ?? Number.MIN_VALUE,
    round(value) {
      let low = 0;
      let high = values.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (values[middle]! < value) low = middle + 1;
        else high = middle;
      }
      const above = values[low] ?? value;
      const below = values[low - 1] ?? above;
      return value - below <= above - value ? below : above;
    },
  };
}

/**
 * A codebook as it can be stored: each centroid rounded, equal ones merged, none of them zero (zero is what pruned
 * weights and padding are): one that would be becomes the smallest value of its sign. Ascending. `borders` are the
 * upper ones of all but the last; one between two that are merged goes.
 */
export function roundIntervals(
  centroids: Float64Array,
  borders: Float64Array,
  grid: Grid,
): { centroids: Float64Array; borders: Float64Array } {
  const kept: number[] = [];
  const between: number[] = [];
  for (let code = 0; code < centroids.length; code += 1) {
    const rounded = storedCentroid(centroids[code]!, grid);
    if (rounded === kept.at(-1)) continue;
    if (kept.length > 0) between.push(borders[code - 1]!);
    kept.push(rounded);
  }
  return { centroids: Float64Array.from(kept), borders: Float64Array.from(between) };
}

/** A centroid as it can be stored. Rounding keeps the order, so equal centroids stand side by side. */
export function storedCentroid(centroid: number, grid: Grid): number {
  const nearest = grid.round(centroid);
  if (nearest !== 0) return nearest;
  return centroid < 0 ? grid.round(-grid.smallest) || grid.smallest : grid.smallest;
}

import { floatGrid, integerGrid, stepGrid, storedCentroid, type FloatName, type Grid } from './round.ts';
import { wordsOf, type StoredName, type StoredWords } from './storedWords.ts';
import { gridBits, levelValue, type DrawnGrid, type UniformMethod } from './uniformGrid.ts';

/**
 * A layer's shared values as levels of a grid: with the scale (and zero point) of a group they give each centroid bit
 * for bit. Plain values, safe to keep in a container.
 */
export interface GridCode {
  readonly method: UniformMethod;
  readonly levels: number;
  /** Type of the stored elements. */
  readonly type: StoredName;
  /** A power of two that values are multiplied by; 1 but for doubles of extreme magnitudes. */
  readonly unit: number;
  /** Integers under a scale: that scale, and the steps from the zero point that there are. Null: no scale. */
  readonly scale: number | null;
  readonly lowest: number;
  readonly highest: number;
  /** Products of scale and steps are rounded to single precision. */
  readonly single: boolean;
  readonly zeroPoint: number;
}

/** Scales are doubles where weights are. */
export const isWide = (type: StoredName): boolean => type === 'f64';

/** Bits of the scales and zero points of so many groups, with codes of so many bits. */
export const gridCodeBits = ({ method, type }: GridCode, codeBits: number, groups: number): number =>
  groups * gridBits(method, codeBits, isWide(type));

/** What centroids of the layer are rounded to. */
export function roundingOf({ type, scale, lowest, highest, single }: GridCode): Grid {
  if (scale !== null) return stepGrid(scale, lowest, highest, single);
  return /^b?f/.test(type) ? floatGrid(type as FloatName) : integerGrid;
}

/** The centroid at a level as the layer stores it; levels may share one. */
export function centroidAt(grid: GridCode, rounding: Grid, drawn: DrawnGrid, level: number): number {
  const value = levelValue(grid.method, grid.levels, drawn, level);
  return storedCentroid(grid.unit === 1 ? value : value * grid.unit, rounding);
}

/** The bit patterns of such centroids. */
export const gridWords = ({ type, scale, zeroPoint }: GridCode, centroids: Float64Array): StoredWords =>
  wordsOf(
    type,
    scale === null ? centroids : centroids.map((centroid) => Math.round(centroid / scale) + zeroPoint),
  );

import { assigner, nearest } from './assign.ts';
import { uniformGrid, type UniformMethod } from './uniformGrid.ts';

/** The least and the largest weight of each row, zero included. */
export interface RowRanges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** What a grid with a scale for each row makes of the weights. */
export interface RowGrid {
  /** By value of the grid. */
  readonly counts: Float64Array;
  readonly error: () => number;
  readonly take: (value: number, row: number) => void;
}

/** A grid as `uniformGrid` draws it, over the range of each row; its values are rounded to what the layer can store. */
export function rowGrid(
  method: UniformMethod,
  bits: number,
  { low, high }: RowRanges,
  round: (value: number) => number,
): RowGrid {
  const levels = 2 ** bits;
  const counts = new Float64Array(levels);
  let error = 0;
  const count = (code: number, value: number, told: number): void => {
    counts[code]! += 1;
    error += (value - round(told)) ** 2;
  };
  if (method === 'uniform-asymmetric')
    return {
      counts,
      error: () => error,
      take(value, row) {
        const scale = Math.max(Number.MIN_VALUE, high[row]! / (levels - 1) - low[row]! / (levels - 1));
        const zero = Math.round(-low[row]! / scale);
        const code = Math.max(0, Math.min(levels - 1, Math.round(value / scale) + zero));
        count(code, value, (code - zero) * scale);
      },
    };
  // The other grids are the same for every row but for their scale.
  const unit = uniformGrid(method, levels, -1, 1);
  const by = assigner(unit);
  return {
    counts,
    error: () => error,
    take(value, row) {
      const largest = Math.max(-low[row]!, high[row]!);
      const code = nearest(by, value / largest);
      count(code, value, unit[code]! * largest);
    },
  };
}

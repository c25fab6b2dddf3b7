import { forEachRun, type AxisMap } from './axes.ts';
import type { Statistic } from './monoid.ts';
import { zeroWords } from './words.ts';

/** [rows] and [cols]: sums of squares, and how many values are not zero. */
export interface Bands {
  readonly rowSquares: Float64Array;
  readonly rowNonZeros: Uint32Array;
  readonly colSquares: Float64Array;
  readonly colNonZeros: Uint32Array;
}

/**
 * Squared norm and non-zeros of each row and column of the view that `map` describes. A value that is not finite
 * counts as non-zero and makes the norms of its row and column not finite.
 */
export const bands = (map: AxisMap): Statistic<Bands> => ({
  empty: ({ rows, cols }) => ({
    rowSquares: new Float64Array(rows),
    rowNonZeros: new Uint32Array(rows),
    colSquares: new Float64Array(cols),
    colNonZeros: new Uint32Array(cols),
  }),
  add(into, values, firstIndex) {
    const words = zeroWords(values);
    const { rowSquares, rowNonZeros, colSquares, colNonZeros } = into;
    forEachRun(map, firstIndex, values.length, (start, length, row, col, rowStep, colStep) => {
      // An axis belongs to the rows or to the columns, so one of the two stands still in a run.
      if (rowStep === 0)
        addRun(
          values,
          words,
          start,
          length,
          rowSquares,
          rowNonZeros,
          row,
          colSquares,
          colNonZeros,
          col,
          colStep,
        );
      else
        addRun(
          values,
          words,
          start,
          length,
          colSquares,
          colNonZeros,
          col,
          rowSquares,
          rowNonZeros,
          row,
          rowStep,
        );
    });
  },
  merge(a, b) {
    addAll(a.rowSquares, b.rowSquares);
    addAll(a.rowNonZeros, b.rowNonZeros);
    addAll(a.colSquares, b.colSquares);
    addAll(a.colNonZeros, b.colNonZeros);
    return a;
  },
});

/** One run: all of it in band `still` of one kind, element after element `step` bands further in the other kind. */
function addRun(
  values: Float32Array | Float64Array,
  words: Int32Array,
  start: number,
  length: number,
  stillSquares: Float64Array,
  stillNonZeros: Uint32Array,
  still: number,
  movingSquares: Float64Array,
  movingNonZeros: Uint32Array,
  moving: number,
  step: number,
): void {
  let squares = 0;
  let nonZeros = 0;
  let at = moving;
  for (let i = start; i < start + length; i += 1) {
    const value = values[i]!;
    const square = value * value;
    const nonZero = (0 - (words[i]! & 0x7fffffff)) >>> 31;
    squares += square;
    nonZeros += nonZero;
    movingSquares[at] = movingSquares[at]! + square;
    movingNonZeros[at] = movingNonZeros[at]! + nonZero;
    at += step;
  }
  stillSquares[still] = stillSquares[still]! + squares;
  stillNonZeros[still] = stillNonZeros[still]! + nonZeros;
}

function addAll(into: Float64Array | Uint32Array, more: Float64Array | Uint32Array): void {
  for (let i = 0; i < into.length; i += 1) into[i] = into[i]! + more[i]!;
}

/** Bands without a non-zero. */
export function deadBands(nonZeros: Uint32Array): number {
  let dead = 0;
  for (const count of nonZeros) if (count === 0) dead += 1;
  return dead;
}

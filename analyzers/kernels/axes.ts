/**
 * How an index in C order becomes a row and a column: digit d of the index in the mixed radix `dims` (slowest
 * first) adds d * rowStep to the row and d * colStep to the column. At least one dimension; the steps of an axis
 * that only rows run over have colStep 0, and the other way round.
 */
export interface AxisMap {
  readonly dims: readonly number[];
  readonly rowStep: readonly number[];
  readonly colStep: readonly number[];
}

/**
 * Calls `visit` for every run of the elements first .. first + count - 1: `length` elements from `start` on
 * (counted from `first`, so an index into a chunk), the first of which stands at (row, col) and each next one
 * rowStep rows and colStep columns further. Runs come in order and cover every element once.
 */
export function forEachRun(
  map: AxisMap,
  first: number,
  count: number,
  visit: (start: number, length: number, row: number, col: number, rowStep: number, colStep: number) => void,
): void {
  const { dims, rowStep, colStep } = map;
  const last = dims.length - 1;
  const digits = new Array<number>(dims.length).fill(0);
  let row = 0;
  let col = 0;
  let rest = first;
  for (let axis = last; axis >= 0; axis -= 1) {
    const digit = rest % dims[axis]!;
    rest = (rest - digit) / dims[axis]!;
    digits[axis] = digit;
    row += digit * rowStep[axis]!;
    col += digit * colStep[axis]!;
  }
  const inner = dims[last]!;
  const innerRow = rowStep[last]!;
  const innerCol = colStep[last]!;
  for (let start = 0; start < count;) {
    const length = Math.min(inner - digits[last]!, count - start);
    visit(start, length, row, col, innerRow, innerCol);
    start += length;
    // Carry: the inner digit goes back to 0 and the slower ones count up.
    row -= digits[last]! * innerRow;
    col -= digits[last]! * innerCol;
    digits[last] = 0;
    for (let axis = last - 1; axis >= 0; axis -= 1) {
      const next = digits[axis]! + 1;
      if (next < dims[axis]!) {
        digits[axis] = next;
        row += rowStep[axis]!;
        col += colStep[axis]!;
        break;
      }
      row -= digits[axis]! * rowStep[axis]!;
      col -= digits[axis]! * colStep[axis]!;
      digits[axis] = 0;
    }
  }
}

import { geometricGaps } from './geometricGaps.ts';
import type { SparseRows } from './gemv.ts';
import { mulberry32 } from './mulberry32.ts';

/**
 * Draws where the entries of a random matrix stand, row after row, each place with probability `density`.
 *
 * starts   [rows + 1], columns [rows x cols] or more; overwritten
 * returns  how many entries were drawn
 */
export function drawRows(
  { rows, cols, starts, columns }: Pick<SparseRows, 'rows' | 'cols' | 'starts' | 'columns'>,
  density: number,
  seed: number,
): number {
  const gap = geometricGaps(density, mulberry32(seed));
  let entries = 0;
  // The column of the next entry, counted from the start of the row.
  let next = gap();
  for (let row = 0; row < rows; row += 1) {
    starts[row] = entries;
    for (; next < cols; next += 1 + gap()) {
      columns[entries] = next;
      entries += 1;
    }
    next -= cols;
  }
  starts[rows] = entries;
  return entries;
}

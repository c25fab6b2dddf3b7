import { forEachRun, type AxisMap } from './axes.ts';
import { setBit } from './mask.ts';
import { addRanks, narrowRank, searchRank } from './select.ts';

/**
 * Blocks of so many rows and columns over the rows x cols view; those at the lower and right edge have less.
 * Whole rows (filters) are blocks of 1 x cols, whole columns of rows x 1.
 */
export interface Blocks {
  readonly down: number;
  readonly across: number;
  /** Blocks that the edge cuts. */
  readonly cut: number;
  /** [rows] and [cols]: the block that each lies in. */
  readonly ofRow: Uint32Array;
  readonly ofCol: Uint32Array;
  /** [down, across] elements. */
  readonly sizes: Float64Array;
}

export function blocksOf(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  block: { readonly rows: number; readonly cols: number },
): Blocks {
  const down = Math.ceil(rows / block.rows);
  const across = Math.ceil(cols / block.cols);
  const lowest = rows % block.rows;
  const rightmost = cols % block.cols;
  const sizes = new Float64Array(down * across);
  for (let d = 0, at = 0; d < down; d += 1)
    for (let a = 0; a < across; a += 1, at += 1)
      sizes[at] =
        (lowest > 0 && d === down - 1 ? lowest : block.rows) *
        (rightmost > 0 && a === across - 1 ? rightmost : block.cols);
  const edgeDown = lowest > 0 ? 1 : 0;
  const edgeAcross = rightmost > 0 ? 1 : 0;
  return {
    down,
    across,
    cut: down * across - (down - edgeDown) * (across - edgeAcross),
    ofRow: Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / block.rows)),
    ofCol: Uint32Array.from({ length: cols }, (_, col) => Math.floor(col / block.cols)),
    sizes,
  };
}

/** Adds the squares of the finite scores to the block of each, one after another, so that chunks do not show. */
export function addSquares(
  squares: Float64Array,
  { across, ofRow, ofCol }: Blocks,
  map: AxisMap,
  scores: Float32Array | Float64Array,
  first: number,
): void {
  forEachRun(map, first, scores.length, (start, length, row, col, rowStep, colStep) => {
    for (let i = 0; i < length; i += 1) {
      const score = Math.abs(scores[start + i]!);
      if (score <= Number.MAX_VALUE)
        squares[ofRow[row + i * rowStep]! * across + ofCol[col + i * colStep]!]! += score * score;
    }
  });
}

/**
 * Marks with 1 the `wanted` blocks of the largest mean square, [down, across]: for equal blocks the order of their L2
 * norms, and one that the edge cuts competes by what an element of it has. Of equal ones the earlier wins, so that
 * exactly as many are marked. Means beyond doubles count as the largest one.
 */
export function largestBlocks(squares: Float64Array, sizes: Float64Array, wanted: number): Uint8Array {
  const means = squares.map((sum, at) => Math.min(sum / sizes[at]!, Number.MAX_VALUE));
  const marked = new Uint8Array(means.length);
  if (wanted <= 0) return marked;
  const search = searchRank(Math.min(wanted, means.length));
  for (;;) {
    addRanks(search, means);
    const step = narrowRank(search);
    if (!step.done) continue;
    let left = wanted;
    for (let at = 0; at < means.length; at += 1)
      if (means[at]! > step.magnitude) {
        marked[at] = 1;
        left -= 1;
      }
    for (let at = 0; at < means.length && left > 0; at += 1)
      if (means[at] === step.magnitude) {
        marked[at] = 1;
        left -= 1;
      }
    return marked;
  }
}

/** Sets the bits of the weights with a score in marked blocks, and makes the mark of a block that has one 2. */
export function keepBlocks(
  bits: Uint32Array,
  marked: Uint8Array,
  { across, ofRow, ofCol }: Blocks,
  map: AxisMap,
  scores: Float32Array | Float64Array,
  first: number,
): void {
  forEachRun(map, first, scores.length, (start, length, row, col, rowStep, colStep) => {
    for (let i = 0; i < length; i += 1) {
      const block = ofRow[row + i * rowStep]! * across + ofCol[col + i * colStep]!;
      if (marked[block] === 0) continue;
      const score = Math.abs(scores[start + i]!);
      if (!(score > 0 && score <= Number.MAX_VALUE)) continue;
      setBit(bits, first + start + i);
      marked[block] = 2;
    }
  });
}

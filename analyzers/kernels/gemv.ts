/**
 * Products of a weight matrix and a batch of input vectors in plain loops over typed arrays: what a program without
 * vector instructions makes of dense and of sparse weights. Weights are single precision, sums double.
 */
export interface Batch {
  /** 1, or a multiple of `panel`. */
  readonly batch: number;
  /** [batch / panel x cols x panel], of one vector [cols]: a panel's inputs lie together, as in any fast product. */
  readonly x: Float64Array;
  /** [batch / panel x rows x panel] likewise; overwritten. */
  readonly y: Float64Array;
}

/** Vectors whose sums are in registers at once. */
export const panel = 8;

/** [rows x cols] row after row. */
export interface DenseMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

/** Compressed sparse rows: entries starts[row] .. starts[row + 1] of `columns` and `values` are those of a row. */
export interface SparseRows {
  readonly rows: number;
  readonly cols: number;
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

/** y = W x for one vector. Four rows at once, so that each input is loaded once for four products. */
export function denseVector({ rows, cols, values }: DenseMatrix, { x, y }: Batch): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    const first = row * cols;
    const second = first + cols;
    const third = second + cols;
    const fourth = third + cols;
    for (let col = 0; col < cols; col += 1) {
      const input = x[col]!;
      a += values[first + col]! * input;
      b += values[second + col]! * input;
      c += values[third + col]! * input;
      d += values[fourth + col]! * input;
    }
    y[row] = a;
    y[row + 1] = b;
    y[row + 2] = c;
    y[row + 3] = d;
  }
  for (; row < rows; row += 1) {
    let sum = 0;
    for (let col = 0, at = row * cols; col < cols; col += 1, at += 1) sum += values[at]! * x[col]!;
    y[row] = sum;
  }
}

/** y = W x for one vector. Two sums in turn, so that an addition need not wait for the one before. */
export function sparseVector({ rows, starts, columns, values }: SparseRows, { x, y }: Batch): void {
  for (let row = 0; row < rows; row += 1) {
    const end = starts[row + 1]!;
    let even = 0;
    let odd = 0;
    let at = starts[row]!;
    for (; at + 2 <= end; at += 2) {
      even += values[at]! * x[columns[at]!]!;
      odd += values[at + 1]! * x[columns[at + 1]!]!;
    }
    if (at < end) even += values[at]! * x[columns[at]!]!;
    y[row] = even + odd;
  }
}

/**
 * Y = W X, a panel of vectors after the other. Two rows and four vectors of it at once: eight sums in registers for six
 * loads.
 */
export function denseBatch({ rows, cols, values }: DenseMatrix, { batch, x, y }: Batch): void {
  for (let from = 0, to = 0; from < batch * cols; from += panel * cols, to += panel * rows)
    for (let row = 0; row < rows; row += 2) {
      // An odd last row is computed twice rather than by a loop of its own.
      const other = Math.min(row + 1, rows - 1);
      const first = row * cols;
      const second = other * cols;
      for (let lane = 0; lane < panel; lane += 4) {
        let a0 = 0;
        let a1 = 0;
        let a2 = 0;
        let a3 = 0;
        let b0 = 0;
        let b1 = 0;
        let b2 = 0;
        let b3 = 0;
        for (let col = 0, at = from + lane; col < cols; col += 1, at += panel) {
          const a = values[first + col]!;
          const b = values[second + col]!;
          const x0 = x[at]!;
          const x1 = x[at + 1]!;
          const x2 = x[at + 2]!;
          const x3 = x[at + 3]!;
          a0 += a * x0;
          a1 += a * x1;
          a2 += a * x2;
          a3 += a * x3;
          b0 += b * x0;
          b1 += b * x1;
          b2 += b * x2;
          b3 += b * x3;
        }
        const above = to + row * panel + lane;
        const below = to + other * panel + lane;
        y[above] = a0;
        y[above + 1] = a1;
        y[above + 2] = a2;
        y[above + 3] = a3;
        y[below] = b0;
        y[below + 1] = b1;
        y[below + 2] = b2;
        y[below + 3] = b3;
      }
    }
}

/** Y = W X likewise, over the entries alone. */
export function sparseBatch(
  { rows, cols, starts, columns, values }: SparseRows,
  { batch, x, y }: Batch,
): void {
  for (let from = 0, to = 0; from < batch * cols; from += panel * cols)
    for (let row = 0; row < rows; row += 1, to += panel) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      let s6 = 0;
      let s7 = 0;
      const end = starts[row + 1]!;
      for (let entry = starts[row]!; entry < end; entry += 1) {
        const value = values[entry]!;
        const input = from + columns[entry]! * panel;
        s0 += value * x[input]!;
        s1 += value * x[input + 1]!;
        s2 += value * x[input + 2]!;
        s3 += value * x[input + 3]!;
        s4 += value * x[input + 4]!;
        s5 += value * x[input + 5]!;
        s6 += value * x[input + 6]!;
        s7 += value * x[input + 7]!;
      }
      y[to] = s0;
      y[to + 1] = s1;
      y[to + 2] = s2;
      y[to + 3] = s3;
      y[to + 4] = s4;
      y[to + 5] = s5;
      y[to + 6] = s6;
      y[to + 7] = s7;
    }
}

import type { Slices } from './eieCycles.ts';
import { geometricGaps } from './geometricGaps.ts';
import { mulberry32 } from './mulberry32.ts';

/** A matrix whose weights are each non-zero with the same probability, none of them kept. */
export interface SyntheticMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly pes: number;
  /** Probability of a non-zero, 0 to 1. */
  readonly density: number;
  readonly indexBits: number;
  readonly seed: number;
}

/** So that the columns that are active do not follow the weights of the same seed. */
const activeStream = 0x9e3779b9;

/**
 * The entries of every slice of such a matrix in the interleaved form of kernels/interleaved.ts: only the non-zeros are
 * drawn, column by column, each by its distance to the one before. The same seed gives the same matrix, whatever the
 * PEs and the index bits. `padding` is of all slices, `columnPadding` of each column.
 *
 * Time O(cols x pes + non-zeros). A RangeError for sizes that are not whole or a density that is none.
 */
export function syntheticSlices({ rows, cols, pes, density, indexBits, seed }: SyntheticMatrix): {
  readonly slices: Slices;
  readonly padding: number;
  readonly columnPadding: Uint32Array;
  readonly nonZeros: number;
} {
  whole({ rows, cols, indexBits }, 0);
  whole({ pes }, 1);
  share('density', density);
  const entries = new Uint32Array(cols * pes);
  const columnPadding = new Uint32Array(cols);
  const last = new Int32Array(pes);
  const gap = geometricGaps(density, mulberry32(seed));
  const stride = 2 ** indexBits;
  let nonZeros = 0;
  // Columns lie behind one another: `next` is the row of the next non-zero, counted from the top of this one.
  let next = gap();
  for (let column = 0; column < cols; column += 1) {
    last.fill(-1);
    for (; next < rows; next += 1 + gap()) {
      const pe = next % pes;
      const place = (next - pe) / pes;
      const pads = Math.floor((place - last[pe]! - 1) / stride);
      columnPadding[column]! += pads;
      entries[column * pes + pe]! += 1 + pads;
      nonZeros += 1;
      last[pe] = place;
    }
    next -= rows;
  }
  const padding = columnPadding.reduce((sum, pads) => sum + pads, 0);
  return { slices: { pes, cols, entries }, padding, columnPadding, nonZeros };
}

/** round(activation x cols) columns, every choice of them equally likely; ascending. `activation`: 0 to 1. */
export function syntheticActive(cols: number, activation: number, seed: number): Uint32Array {
  whole({ cols }, 0);
  share('activation', activation);
  const random = mulberry32(seed ^ activeStream);
  const active = new Uint32Array(Math.round(activation * cols));
  let taken = 0;
  // Selection sampling (Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S).
  for (let column = 0; taken < active.length; column += 1) {
    if ((cols - column) * random() >= active.length - taken) continue;
    active[taken] = column;
    taken += 1;
  }
  return active;
}

function whole(sizes: Readonly<Record<string, number>>, least: number): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < least)
      throw new RangeError(`${name} must be a whole number of at least ${least.toString()}`);
}

function share(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must lie between 0 and 1`);
}

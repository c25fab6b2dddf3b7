import { BitReader, BitWriter } from './bits.ts';
import { forEachRun, type AxisMap } from './axes.ts';
import { StreamDamage } from './symbolReader.ts';

/**
 * The form that EIE computes on (Han et al. 2016, EIE, section III): row i belongs to PE i mod N, and each PE holds its
 * rows of a column as entries of a code and the zeros before it in that slice; longer runs take padding entries of zero,
 * one for each 2^width zeros. Pointers of 16 bits, one for each PE and column and one more, say where slices begin.
 */
export interface Interleaving {
  readonly rows: number;
  readonly cols: number;
  readonly pes: number;
  /** Bits of a run. */
  readonly width: number;
  /**
   * So many matrices of rows / groups rows each, one below the other, each with inputs of its own (a grouped
   * convolution): the columns of slices run over group by column, and rows are dealt anew in each. Absent: 1.
   */
  readonly groups?: number;
}

/** EIE's pointers, and so the most entries that one PE can have. */
export const pointerBits = 16;

/** Entries counted while a layer streams by. */
export interface InterleavedCounts {
  readonly of: Interleaving;
  /** [pes x cols] at pe * cols + column: place in the slice of the last non-zero of it; -1 before the first. */
  readonly last: Int32Array;
  /** [pes x cols] entries of each slice, padding included; a row of the matrix meets them side by side. */
  readonly peEntries: Uint32Array;
  /** [cols] padding entries of each column. */
  readonly columnPadding: Uint32Array;
  /** [pes] padding entries of each PE. */
  readonly pePadding: Float64Array;
  padding: number;
  /** Whether the rows of every column came in ascending order; if not, the padding is not known. */
  ordered: boolean;
}

/** How many slices are counted one by one: 8 bytes each. */
export const slicesOf = ({ pes, cols, groups = 1 }: Interleaving): number => pes * cols * groups;

export const emptyInterleaved = (of: Interleaving): InterleavedCounts => ({
  of,
  last: new Int32Array(slicesOf(of)).fill(-1),
  peEntries: new Uint32Array(slicesOf(of)),
  columnPadding: new Uint32Array(of.cols * (of.groups ?? 1)),
  pePadding: new Float64Array(of.pes),
  padding: 0,
  ordered: true,
});

/** Takes in the non-zeros first + positions[0 .. count) of a chunk of `length` elements; `map` says where they stand. */
export function addInterleaved(
  into: InterleavedCounts,
  map: AxisMap,
  positions: Uint32Array,
  count: number,
  first: number,
  length: number,
): void {
  const { last, peEntries, columnPadding, pePadding } = into;
  const { pes, width, cols, rows, groups = 1 } = into.of;
  const groupRows = rows / groups;
  const columns = cols * groups;
  let i = 0;
  let { padding, ordered } = into;
  forEachRun(map, first, length, (start, run, row, col, rowStep, colStep) => {
    // Along a row, the usual way of storing, the PE and the place in its slice stay the same.
    let at = -1;
    let pe = 0;
    let place = 0;
    let offset = 0;
    for (; i < count; i += 1) {
      const along = positions[i]! - start;
      if (along >= run) break;
      const here = row + along * rowStep;
      if (here !== at) {
        at = here;
        const group = groups > 1 ? Math.floor(here / groupRows) : 0;
        const own = here - group * groupRows;
        pe = own % pes;
        place = (own - pe) / pes;
        offset = group * cols;
      }
      const column = offset + col + along * colStep;
      const slice = pe * columns + column;
      const gap = place - last[slice]! - 1;
      const pads = gap > 0 ? gap >>> width : 0;
      if (gap < 0) ordered = false;
      if (pads > 0) {
        padding += pads;
        columnPadding[column]! += pads;
        pePadding[pe]! += pads;
      }
      peEntries[slice]! += 1 + pads;
      last[slice] = place;
    }
  });
  into.padding = padding;
  into.ordered = ordered;
}

/** Entries by column and PE, padding included, and padding by column. */
export interface SliceCounts {
  /** [cols x pes] at column * pes + pe. */
  readonly entries: Uint32Array;
  /** [cols] */
  readonly columnPadding: Uint32Array;
  /** [pes] absent where it is not counted. */
  readonly pePadding?: Float64Array;
  readonly padding: number;
}

/** The slices column after column, as the machine meets them. */
export function slicesCounted({
  of,
  peEntries,
  columnPadding,
  pePadding,
  padding,
}: InterleavedCounts): SliceCounts {
  const { pes } = of;
  const columns = columnPadding.length;
  const entries = new Uint32Array(peEntries.length);
  for (let pe = 0; pe < pes; pe += 1)
    for (let column = 0; column < columns; column += 1)
      entries[column * pes + pe] = peEntries[pe * columns + column]!;
  return { entries, columnPadding, pePadding, padding };
}

export interface InterleavedSize {
  readonly entries: number;
  readonly padding: number;
  /** Entries of the PE that has most. */
  readonly most: number;
  readonly entryBits: number;
  readonly pointerBits: number;
}

/** Entries and bits; null when the rows did not come in order. `codeBits`: of one code. */
export function interleavedSize(
  { of, peEntries, columnPadding, padding, ordered }: InterleavedCounts,
  codeBits: number,
): InterleavedSize | null {
  if (!ordered) return null;
  const perPe = new Float64Array(of.pes);
  const columns = columnPadding.length;
  for (let pe = 0, at = 0; pe < of.pes; pe += 1)
    for (const end = at + columns; at < end; at += 1) perPe[pe]! += peEntries[at]!;
  const entries = perPe.reduce((sum, count) => sum + count, 0);
  return {
    entries,
    padding,
    most: perPe.reduce((a, b) => Math.max(a, b), 0),
    entryBits: entries * (codeBits + of.width),
    pointerBits: (of.cols + 1) * (of.groups ?? 1) * of.pes * pointerBits,
  };
}

/** One PE's memories: entries after one another, and the pointers [cols + 1] to the first of each column. */
export interface PeStreams {
  readonly entries: Uint8Array;
  readonly pointers: Uint16Array;
}

/**
 * The streams of every PE. A PE with more entries than a pointer can say is a RangeError.
 *
 * codes  [rows x cols] row after row; 0 is zero, the others are below 2^codeBits
 */
export function encodeInterleaved(
  codes: ArrayLike<number>,
  { rows, cols, pes, width }: Interleaving,
  codeBits: number,
): PeStreams[] {
  const stride = 2 ** width;
  return Array.from({ length: pes }, (_, pe) => {
    const into = new BitWriter();
    const pointers = new Uint16Array(cols + 1);
    let entries = 0;
    for (let col = 0; col < cols; col += 1) {
      let run = 0;
      for (let row = pe; row < rows; row += pes) {
        const code = codes[row * cols + col]!;
        if (code === 0) {
          run += 1;
          continue;
        }
        for (; run >= stride; run -= stride) {
          into.put(0, codeBits);
          into.put(stride - 1, width);
          entries += 1;
        }
        into.put(code, codeBits);
        into.put(run, width);
        entries += 1;
        run = 0;
      }
      if (entries >= 2 ** pointerBits)
        throw new RangeError(`PE ${pe.toString()} has more entries than a pointer can say`);
      pointers[col + 1] = entries;
    }
    return { entries: into.bytes(), pointers };
  });
}

/** Undoes encodeInterleaved: [rows x cols] row after row. Entries outside the matrix are StreamDamage. */
export function decodeInterleaved(
  streams: readonly PeStreams[],
  { rows, cols, pes, width }: Interleaving,
  codeBits: number,
): Uint32Array {
  const codes = new Uint32Array(rows * cols);
  for (const [pe, { entries, pointers }] of streams.entries()) {
    const from = new BitReader(entries);
    for (let col = 0; col < cols; col += 1) {
      let place = -1;
      for (let entry = pointers[col]!; entry < pointers[col + 1]!; entry += 1) {
        const code = from.get(codeBits);
        place += from.get(width) + 1;
        const row = pe + place * pes;
        if (row >= rows) throw new StreamDamage('an entry lies below the last row');
        codes[row * cols + col] = code;
      }
    }
  }
  return codes;
}

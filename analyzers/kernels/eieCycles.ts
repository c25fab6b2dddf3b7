/**
 * A matrix as EIE's processing elements hold it: entries, padding zeros included, of every slice (one PE's part of one
 * column). Rows are dealt in turn: row i is on PE i mod pes (Han et al. 2016, EIE, section III).
 */
export interface Slices {
  readonly pes: number;
  readonly cols: number;
  /** [cols * pes] at column * pes + pe. */
  readonly entries: Uint32Array;
}

/** What one matrix-vector product takes. Counts are whole; cycles are of the clock of the PEs. */
export interface EieRun {
  /** From the first broadcast to the last write. */
  readonly cycles: number;
  /** Entries of the columns whose activation is not zero, all PEs together. */
  readonly activeEntries: number;
  /** Pairs of pointers read: one for each PE and active column. */
  readonly pointerReads: number;
  /** Words of the sparse-matrix SRAM read. */
  readonly matrixReads: number;
  /** [pes] entries that each PE works through. */
  readonly work: Float64Array;
  /** [pes] cycles in which a PE has no column to work on, between its first and the last cycle of all. */
  readonly starved: Float64Array;
}

export interface EieMachine {
  /** Entries of the activation ring buffer, at least 2: one fewer is queued, as one slot tells full from empty. */
  readonly ring: number;
  /** Entries that one read of the sparse-matrix SRAM brings. */
  readonly entriesPerRead: number;
}

/** Cycles from a broadcast to the first entry of its column, and of the pipeline behind the last one. */
export const pointerStages = 2;
export const drainStages = 6;
/** Places beyond are brought back, so that sums of two are whole in 32 bits. */
const farPlace = 2 ** 30;

/**
 * The cycles of one matrix-vector product, exact for the published pipeline (EIE, sections IV and VI): one activation
 * is broadcast a cycle when every queue has room; a PE starts a column two cycles after its broadcast at the earliest,
 * and takes a cycle for each entry and one for an empty slice. As a max-plus recurrence over the active columns j:
 *
 *   b[j]    = max(b[j-1] + 1 + gap[j], max_p s[p][j - queue])
 *   s[p][j] = max(b[j] + 2, s[p][j-1] + max(1, entries[p][j-1]))
 *
 * where gap is what the leading-non-zero detection spends on groups of `pes` activations that are all zero.
 * `active`: columns with a non-zero activation, ascending. `columnAt`: where the last of them stands among the
 * activations, if not at its own number (a bias column lies behind the last group). `visit` is called after each of
 * them with its place among them and the cycle of its broadcast; `work` and `starved` are then those up to it.
 *
 * Time O(active x pes). A RangeError for a ring below 2.
 */
export function eieCycles(
  { pes, entries }: Slices,
  active: Uint32Array,
  { ring, entriesPerRead }: EieMachine,
  columnAt: (column: number) => number = (column) => column,
  visit?: (j: number, broadcast: number, work: Float64Array, starved: Float64Array) => void,
): EieRun {
  if (ring < 2) throw new RangeError('a ring buffer has at least two entries');
  const queue = ring - 1;
  const work = new Float64Array(pes);
  const starved = new Float64Array(pes);
  const base = { pointerReads: pes * active.length, work, starved };
  if (active.length === 0) return { ...base, cycles: 0, activeEntries: 0, matrixReads: 0 };

  const free = new Float64Array(pes);
  const latestStart = new Float64Array(active.length);
  // Entries from the start of the word in each PE's register to its next one; none is there yet.
  const place = new Uint32Array(pes).fill(entriesPerRead);
  let broadcast = -1;
  let before = -1;
  let from = 0;
  let matrixReads = 0;
  for (let j = 0; j < active.length; j += 1) {
    const column = active[j]!;
    skipTo(column, from, { entries, pes }, place, entriesPerRead);
    from = column + 1;
    const at = columnAt(column);
    broadcast += 1 + scanGap(at, before, pes);
    before = at;
    if (j >= queue) broadcast = Math.max(broadcast, latestStart[j - queue]!);
    const earliest = broadcast + pointerStages;
    // Waiting for the first column is no starvation.
    if (j === 0) free.fill(earliest);
    let latest = earliest;
    const slice = column * pes;
    for (let pe = 0; pe < pes; pe += 1) {
      const count = entries[slice + pe]! | 0;
      const ready = free[pe]!;
      const start = Math.max(ready, earliest);
      latest = Math.max(latest, start);
      starved[pe]! += start - ready;
      // An empty slice takes one as well; a branch would often be foretold wrongly.
      free[pe] = start + (count + ((count - 1) >>> 31));
      work[pe]! += count;
    }
    latestStart[j] = latest;
    matrixReads += readColumn(entries, slice, place, entriesPerRead);
    visit?.(j, broadcast, work, starved);
  }
  let end = 0;
  for (let pe = 0; pe < pes; pe += 1) end = Math.max(end, free[pe]!);
  for (let pe = 0; pe < pes; pe += 1) starved[pe]! += end - free[pe]!;
  const activeEntries = work.reduce((sum, count) => sum + count, 0);
  const lastColumn = active.at(-1)!;
  const emptyEnd = entries.subarray(lastColumn * pes, (lastColumn + 1) * pes).every((count) => count === 0);
  // An empty last column writes nothing, so its last stage is not waited for.
  return { ...base, cycles: end + drainStages - (emptyEnd ? 1 : 0), activeEntries, matrixReads };
}

/** Moves every PE's place over columns that are not read. */
function skipTo(
  column: number,
  from: number,
  { entries, pes }: Pick<Slices, 'entries' | 'pes'>,
  place: Uint32Array,
  entriesPerRead: number,
): void {
  for (let at = from * pes, end = column * pes; at < end; at += pes)
    for (let pe = 0; pe < pes; pe += 1) place[pe]! += entries[at + pe]!;
  // Far behind its word, it only matters where in a word it stands.
  for (let pe = 0; pe < pes; pe += 1)
    if (place[pe]! > farPlace) place[pe] = entriesPerRead + (place[pe]! % entriesPerRead);
}

/**
 * Words of the matrix SRAM that are read for the slices of one column, which start at `slice`.
 *
 * place  [pes] entries from the start of the word in the PE's register to its next one; moved on
 */
function readColumn(entries: Uint32Array, slice: number, place: Uint32Array, entriesPerRead: number): number {
  let reads = 0;
  for (let pe = 0; pe < place.length; pe += 1) {
    const count = entries[slice + pe]! | 0;
    if (count === 0) continue;
    const at = place[pe]! | 0;
    const first = (at / entriesPerRead) | 0;
    const last = ((at + count - 1) / entriesPerRead) | 0;
    // One more when the first word is another than the one in the register.
    reads += last - first + (-first >>> 31);
    place[pe] = at + count - last * entriesPerRead;
  }
  return reads;
}

/** Cycles that the scan for the next non-zero activation spends beyond one: a group of `pes` is looked at in one. */
export function scanGap(at: number, before: number, pes: number): number {
  const group = Math.floor(at / pes);
  if (before < 0) return group;
  return group - Math.floor(before / pes) - (before % pes === pes - 1 ? 1 : 0);
}

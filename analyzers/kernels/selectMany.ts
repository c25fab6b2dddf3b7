import { fromDigits } from './select.ts';

/**
 * Exact search for several K-th largest magnitudes at once, as kernels/select.ts does for one: one pass over the
 * weights for each 16 bits of |w|, two for f32 and four for f64, however many ranks are asked for. From the second
 * pass on there is a table of counts for each prefix that holds one of them. NaN and infinities are left out.
 */
export interface RankSearches {
  readonly ranks: readonly number[];
  /** By rank: digits found so far, the place among the magnitudes that begin with them, and the table of those. */
  readonly found: { digits: readonly number[]; rank: number; slot: number }[];
  /** Digits found, and how many a magnitude has; 0 until the first values are seen. */
  level: number;
  of: number;
  /** [level][slots * 65536] by digit: the table of the prefix one digit longer, or -1. */
  readonly tables: Int32Array[];
  /** [slots * 65536] by the next digit. */
  counts: Float64Array;
}

/** A magnitude, how many equal it, and how many are larger. */
export interface Ranked {
  readonly magnitude: number;
  readonly ties: number;
  readonly above: number;
}

const digitsOf16 = 1 << 16;

/** Ranks from 1 on, largest first; each takes 512 KiB at most. */
export const searchRanks = (ranks: readonly number[]): RankSearches => ({
  ranks,
  found: ranks.map((rank) => ({ digits: [], rank, slot: 0 })),
  level: 0,
  of: 0,
  tables: [],
  counts: new Float64Array(digitsOf16),
});

/** Counts the next digit of the values that can still be one of them. All values of one search have one type. */
export function addRanksOfAll(search: RankSearches, values: Float32Array | Float64Array): void {
  const { counts, tables, level } = search;
  const { buffer, byteOffset, length } = values;
  if (values instanceof Float32Array) {
    search.of = 2;
    const words = new Uint32Array(buffer, byteOffset, length);
    const table = tables[0];
    for (let i = 0; i < length; i += 1) {
      const word = words[i]! & 0x7fffffff;
      if (table === undefined) counts[word >>> 16]! += 1;
      else {
        const slot = table[word >>> 16]!;
        if (slot >= 0) counts[slot * digitsOf16 + (word & 0xffff)]! += 1;
      }
    }
    return;
  }
  search.of = 4;
  const halves = new Uint16Array(buffer, byteOffset, length * 4);
  for (let i = 3; i < halves.length; i += 4) {
    let slot = 0;
    let digit = halves[i]! & 0x7fff;
    for (let at = 0; at < level && slot >= 0; at += 1) {
      slot = tables[at]![slot * digitsOf16 + digit]!;
      digit = halves[i - 1 - at]!;
    }
    if (slot >= 0) counts[slot * digitsOf16 + digit]! += 1;
  }
}

/** What the counts tell once every value has been added: null when another pass is needed, or the answers by rank. */
export function narrowRanks(search: RankSearches): readonly Ranked[] | null {
  const { counts, found, of } = search;
  // Exponent all ones: the first digit of NaN and infinity.
  const top = search.level > 0 ? digitsOf16 - 1 : of === 4 ? 0x7fef : 0x7f7f;
  const table = new Int32Array(counts.length).fill(-1);
  const ends: (Ranked | null)[] = [];
  let slots = 0;
  // In descending order of magnitude, the counts of a prefix are walked once for all ranks in it.
  const order = [...found.keys()].toSorted(
    (a, b) => found[a]!.slot - found[b]!.slot || found[a]!.rank - found[b]!.rank,
  );
  let slot = -1;
  let digit = 0;
  let above = 0;
  for (const at of order) {
    const one = found[at]!;
    if (one.slot < 0) {
      ends[at] = { magnitude: 0, ties: 0, above: search.ranks[at]! - one.rank };
      continue;
    }
    if (one.slot !== slot) {
      slot = one.slot;
      digit = top;
      above = 0;
    }
    const base = slot * digitsOf16;
    while (digit > 0 && above + counts[base + digit]! < one.rank) {
      above += counts[base + digit]!;
      digit -= 1;
    }
    const here = counts[base + digit]!;
    if (above + here < one.rank) {
      // Fewer finite values than the rank asks for.
      one.slot = -1;
      ends[at] = { magnitude: 0, ties: 0, above: search.ranks[at]! - one.rank };
      continue;
    }
    if (table[base + digit]! < 0) {
      table[base + digit] = slots;
      slots += 1;
    }
    one.digits = [...one.digits, digit];
    one.rank -= above;
    one.slot = table[base + digit]!;
    ends[at] = { magnitude: 0, ties: here, above: search.ranks[at]! - one.rank };
  }
  search.tables.push(table);
  search.level += 1;
  search.counts = new Float64Array(slots * digitsOf16);
  if (slots > 0 && search.level < of) return null;
  return ends.map((end, at) =>
    found[at]!.slot < 0 ? end! : { ...end!, magnitude: fromDigits(found[at]!.digits) },
  );
}

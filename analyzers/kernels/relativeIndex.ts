/** Widest relative index in bits. */
export const widestIndex = 16;
const smallGaps = 1 << 12;

/**
 * How many zeros stand before each kept weight, counted: from it follows the size of the index stream of every
 * width, so no stream is made to find the cheapest (Han, Mao and Dally 2016, section 2, figure 2).
 * The positions run over the whole tensor in C order: no new start at rows, nothing after the last kept weight.
 */
export interface GapHistogram {
  /** [4096] gaps below 4096. */
  readonly small: Float64Array;
  readonly large: Map<number, number>;
  /** Position of the last kept weight; -1 before the first. */
  last: number;
}

export const emptyGaps = (): GapHistogram => ({
  small: new Float64Array(smallGaps),
  large: new Map(),
  last: -1,
});

/** Takes in the kept positions first + positions[0 .. count), which ascend and lie after all earlier ones. */
export function addGaps(into: GapHistogram, positions: Uint32Array, count: number, first: number): void {
  const { small, large } = into;
  let last = into.last - first;
  for (let i = 0; i < count; i += 1) {
    const at = positions[i]!;
    const gap = at - last - 1;
    if (gap < smallGaps) small[gap]! += 1;
    else large.set(gap, (large.get(gap) ?? 0) + 1);
    last = at;
  }
  into.last = last + first;
}

/** Gaps that occur with their counts, ascending: what all widths are computed from. */
export interface GapCounts {
  readonly gaps: Float64Array;
  readonly counts: Float64Array;
}

export function gapCounts(histogram: GapHistogram): GapCounts {
  const gaps: number[] = [];
  const counts: number[] = [];
  for (let gap = 0; gap < smallGaps; gap += 1) {
    const count = histogram.small[gap]!;
    if (count === 0) continue;
    gaps.push(gap);
    counts.push(count);
  }
  for (const [gap, count] of [...histogram.large].toSorted((a, b) => a[0] - b[0])) {
    gaps.push(gap);
    counts.push(count);
  }
  return { gaps: Float64Array.from(gaps), counts: Float64Array.from(counts) };
}

/**
 * Symbols of the index stream at one width, padding apart; [2^width], or shorter where no larger gap occurs. A gap g takes floor(g / 2^width) padding entries, each of which says
 * 2^width - 1 and is itself the next zero, and then one entry g mod 2^width for the kept weight.
 */
export function indexSymbols(gaps: GapCounts, width: number): { counts: Float64Array; padding: number } {
  const stride = 2 ** width;
  const counts = new Float64Array(Math.min(stride, (gaps.gaps.at(-1) ?? 0) + 1));
  let padding = 0;
  for (let i = 0; i < gaps.gaps.length; i += 1) {
    const gap = gaps.gaps[i]!;
    const count = gaps.counts[i]!;
    const rest = gap % stride;
    counts[rest]! += count;
    padding += ((gap - rest) / stride) * count;
  }
  return { counts, padding };
}

/** Symbols with an escape instead of padding: [2^width + 1], the last one says 2^width zeros more and is no entry. */
export function escapeSymbols(gaps: GapCounts, width: number): { counts: Float64Array; escapes: number } {
  const { counts, padding } = indexSymbols(gaps, width);
  const all = new Float64Array(2 ** width + 1);
  all.set(counts);
  all[2 ** width] = padding;
  return { counts: all, escapes: padding };
}

/**
 * The streams themselves: `runs` (zeros before each entry, below 2^width) and `codes` (0 for padding).
 *
 * positions  [kept] ascending;  codes  [kept] 1, 2, ...
 */
export function encodeRelative(
  positions: ArrayLike<number>,
  codes: ArrayLike<number>,
  width: number,
): { runs: number[]; codes: number[] } {
  const stride = 2 ** width;
  const runs: number[] = [];
  const entries: number[] = [];
  let last = -1;
  for (let i = 0; i < positions.length; i += 1) {
    let gap = positions[i]! - last - 1;
    for (; gap >= stride; gap -= stride) {
      runs.push(stride - 1);
      entries.push(0);
    }
    runs.push(gap);
    entries.push(codes[i]!);
    last = positions[i]!;
  }
  return { runs, codes: entries };
}

/** Undoes encodeRelative: the code at each of n positions, 0 where nothing is kept. Entries past the end are a RangeError. */
export function decodeRelative(runs: ArrayLike<number>, codes: ArrayLike<number>, n: number): Uint32Array {
  const dense = new Uint32Array(n);
  let at = -1;
  for (let i = 0; i < runs.length; i += 1) {
    at += runs[i]! + 1;
    if (at >= n) throw new RangeError('an entry lies behind the last weight');
    dense[at] = codes[i]!;
  }
  return dense;
}

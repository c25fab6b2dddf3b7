/**
 * Exact search for the K-th largest magnitude by counting, without sorting or holding the weights: one pass over
 * the weights for each 16 bits of |w| (two for f32, four for f64), from the top. The bits of non-negative floats
 * order as the floats do, so denormals rank exactly. NaN and infinities are left out.
 */
export interface RankSearch {
  /** Digits of 16 bits found so far, from the top. */
  digits: number[];
  /** How many digits a magnitude has; 0 until the first values are seen. */
  of: number;
  /** Place of the wanted magnitude among those that begin with `digits`, largest first, from 1. */
  rank: number;
  /** [65536] by the next digit, of the magnitudes that begin with `digits`. */
  counts: Float64Array;
}

export const searchRank = (rank: number): RankSearch => ({
  digits: [],
  of: 0,
  rank,
  counts: new Float64Array(1 << 16),
});

/** Counts the next digit of the values that can still be the one. All values of one search have one type. */
export function addRanks(search: RankSearch, values: Float32Array | Float64Array): void {
  const { counts, digits } = search;
  const { buffer, byteOffset, length } = values;
  if (values instanceof Float32Array) {
    search.of = 2;
    const words = new Uint32Array(buffer, byteOffset, length);
    if (digits.length === 0) {
      for (let i = 0; i < length; i += 1) counts[(words[i]! >>> 16) & 0x7fff]! += 1;
      return;
    }
    const top = digits[0]!;
    for (let i = 0; i < length; i += 1) {
      const word = words[i]! & 0x7fffffff;
      if (word >>> 16 === top) counts[word & 0xffff]! += 1;
    }
    return;
  }
  search.of = 4;
  const halves = new Uint16Array(buffer, byteOffset, length * 4);
  const level = digits.length;
  const [d0 = 0, d1 = 0, d2 = 0] = digits;
  for (let i = 0; i < halves.length; i += 4) {
    const top = halves[i + 3]! & 0x7fff;
    if (level > 0 && top !== d0) continue;
    if (level > 1 && halves[i + 2]! !== d1) continue;
    if (level > 2 && halves[i + 1]! !== d2) continue;
    const digit = level === 0 ? top : halves[i + 3 - level]!;
    counts[digit]! += 1;
  }
}

let doubles = new Float64Array(0);

/** As addRanks, by the bits that the values have as doubles: those of singles and doubles can be counted together. */
export function addDoubleRanks(search: RankSearch, values: Float32Array | Float64Array): void {
  if (values instanceof Float64Array) {
    addRanks(search, values);
    return;
  }
  if (doubles.length < values.length) doubles = new Float64Array(values.length);
  doubles.set(values);
  addRanks(search, doubles.subarray(0, values.length));
}

/** What the counts tell once every value has been added: whether another pass is needed, or the answer. */
export type RankStep =
  | { readonly done: false }
  /** `ties`: values of exactly this magnitude. Zero when fewer finite values exist than the rank asks for. */
  | { readonly done: true; readonly magnitude: number; readonly ties: number };

export function narrowRank(search: RankSearch): RankStep {
  const { counts, digits, of } = search;
  // Exponent all ones: the first digit of NaN and infinity.
  const top = digits.length > 0 ? 0xffff : of === 4 ? 0x7fef : 0x7f7f;
  let digit = top;
  let above = 0;
  while (digit > 0 && above + counts[digit]! < search.rank) {
    above += counts[digit]!;
    digit -= 1;
  }
  const here = counts[digit]!;
  if (above + here < search.rank) return { done: true, magnitude: 0, ties: 0 };
  search.digits = [...digits, digit];
  search.rank -= above;
  search.counts = new Float64Array(1 << 16);
  if (search.digits.length < of) return { done: false };
  return { done: true, magnitude: fromDigits(search.digits), ties: here };
}

/** The magnitude of these digits, from the top: two of a single, four of a double. */
export function fromDigits(digits: readonly number[]): number {
  const halves = Uint16Array.from(digits.toReversed());
  return digits.length === 2 ? new Float32Array(halves.buffer)[0]! : new Float64Array(halves.buffer)[0]!;
}

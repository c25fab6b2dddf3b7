import type { StoredWords } from './storedWords.ts';

/**
 * Stored elements as planes: plane 0 holds the lowest byte of each, plane 1 the next. Signs and exponents repeat far
 * more than fractions do, so each plane is coded by itself. Types below 8 bits are one plane of their own width.
 */
export interface PlaneCounts {
  readonly planes: number;
  /** Bits of one symbol of a plane. */
  readonly symbolBits: number;
  /** By plane: [2^symbolBits] how often each symbol stands in it. */
  readonly counts: readonly Float64Array[];
  elements: number;
  /** Elements whose bits are all zero (-0 is not among them). */
  zeros: number;
}

export function emptyPlanes(elementBits: number): PlaneCounts {
  const planes = Math.max(1, elementBits / 8);
  const symbolBits = Math.min(8, elementBits);
  return {
    planes,
    symbolBits,
    counts: Array.from({ length: planes }, () => new Float64Array(2 ** symbolBits)),
    elements: 0,
    zeros: 0,
  };
}

export function addPlanes(into: PlaneCounts, words: StoredWords): void {
  const { counts, planes } = into;
  const { low, high } = words;
  into.elements += low.length;
  if (planes === 4 && low.length >= manyWords) {
    addHalves(counts, low);
    return;
  }
  for (let plane = 0; plane < planes; plane += 1) {
    const count = counts[plane]!;
    const from = plane < 4 ? low : high;
    const shift = 8 * (plane % 4);
    for (let i = 0; i < from.length; i += 1) count[(from[i]! >>> shift) & 255]! += 1;
  }
}

/** Words from which on two large tables are quicker than four small ones, whose hot places wait for each other. */
const manyWords = 1 << 16;

function addHalves(counts: readonly Float64Array[], words: Uint32Array): void {
  const lower = new Uint32Array(1 << 16);
  const upper = new Uint32Array(1 << 16);
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!;
    lower[word & 0xffff]! += 1;
    upper[word >>> 16]! += 1;
  }
  const [c0, c1, c2, c3] = counts as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let half = 0; half < 1 << 16; half += 1) {
    c0[half & 255]! += lower[half]!;
    c1[half >>> 8]! += lower[half]!;
    c2[half & 255]! += upper[half]!;
    c3[half >>> 8]! += upper[half]!;
  }
}

/** Writes the places of the elements whose bits are not all zero and returns how many there are. */
export function findNonZero(into: PlaneCounts, { low, high }: StoredWords, positions: Uint32Array): number {
  let count = 0;
  const n = low.length;
  if (high.length === 0) {
    for (let i = 0; i < n; i += 1) {
      positions[count] = i;
      count += (low[i]! | -low[i]!) >>> 31;
    }
  } else {
    for (let i = 0; i < n; i += 1) {
      positions[count] = i;
      const word = low[i]! | high[i]!;
      count += (word | -word) >>> 31;
    }
  }
  into.zeros += n - count;
  return count;
}

/** The planes of the elements that are not zero: each zero had symbol 0 in every plane. */
export function withoutZeros({ counts, zeros }: PlaneCounts): readonly Float64Array[] {
  return counts.map((plane) => {
    const rest = plane.slice();
    rest[0]! -= zeros;
    return rest;
  });
}

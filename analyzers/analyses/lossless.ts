import { losslessHeader, losslessPlan, type LosslessPlan } from '../kernels/lossless.ts';
import { addPlanes, emptyPlanes, findNonZero } from '../kernels/planes.ts';
import { addGaps, emptyGaps, gapCounts } from '../kernels/relativeIndex.ts';
import { storedWords, wordsIn, type StoredWords } from '../kernels/storedWords.ts';
import type { WeightBytes } from '../model/chunk.ts';
import { dtypeBits, type DType } from '../model/dtype.ts';
import { scratchFor, type Taker } from './sweeps.ts';

/**
 * Counts the stored elements of a layer while they stream by, and then tells the bits of the smallest lossless coding
 * of all its weights: as they are, with the header, when none were seen. `take` sees numbers and is exact where
 * wordsAreExact() is; `takeRaw` sees the elements themselves.
 */
export function losslessCounter(dtype: DType): {
  take: Taker;
  takeRaw: (part: WeightBytes) => void;
  bits: (weights: number) => number;
  plan: (weights: number) => LosslessPlan | null;
} {
  const elementBits = dtypeBits[dtype];
  const planes = emptyPlanes(elementBits);
  const gaps = emptyGaps();
  const wordsOf = storedWords(dtype);
  let low = new Uint32Array(0);
  let high = low;
  const room = (count: number): void => {
    if (elementBits !== 32 && low.length < count) low = new Uint32Array(count);
    if (elementBits > 32 && high.length < count) high = new Uint32Array(count);
  };
  const add = (words: StoredWords, first: number): void => {
    const positions = scratchFor(words.low.length);
    addPlanes(planes, words);
    addGaps(gaps, positions, findNonZero(planes, words, positions), first);
  };
  const planOf = (weights: number): LosslessPlan | null =>
    planes.elements === weights ? losslessPlan(planes, gapCounts(gaps)) : null;
  return {
    take(values, first) {
      // Integers of 32 bits come as doubles.
      if (low.length < values.length && dtype !== 'f32') low = new Uint32Array(values.length);
      room(values.length);
      add(wordsOf(values, low, high), first);
    },
    takeRaw({ first, count, bytes }) {
      room(count);
      add(wordsIn(bytes, elementBits, count, low, high), first);
    },
    bits: (weights) => planOf(weights)?.bits ?? losslessHeader + weights * elementBits,
    plan: planOf,
  };
}

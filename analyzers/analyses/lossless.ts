import { losslessHeader, losslessPlan, type LosslessPlan } from '../kernels/lossless.ts';
import { addPlanes, emptyPlanes, findNonZero } from '../kernels/planes.ts';
import { addGaps, emptyGaps, gapCounts } from '../kernels/relativeIndex.ts';
import { storedWords } from '../kernels/storedWords.ts';
import { dtypeBits, type DType } from '../model/dtype.ts';
import { scratchFor, type Taker } from './sweeps.ts';

/**
 * Counts the stored elements of a layer while they stream by, and then tells the bits of the smallest lossless coding
 * of all its weights: as they are, with the header, when none were seen.
 */
export function losslessCounter(dtype: DType): {
  take: Taker;
  bits: (weights: number) => number;
  plan: (weights: number) => LosslessPlan | null;
} {
  const planes = emptyPlanes(dtypeBits[dtype]);
  const gaps = emptyGaps();
  const wordsOf = storedWords(dtype);
  let low = new Uint32Array(0);
  let high = low;
  let wide = 0;
  const planOf = (weights: number): LosslessPlan | null =>
    planes.elements === weights ? losslessPlan(planes, gapCounts(gaps)) : null;
  return {
    take(values, first) {
      const positions = scratchFor(values.length);
      if (wide < values.length) {
        wide = values.length;
        low = new Uint32Array(dtype === 'f32' ? 0 : values.length);
        high = new Uint32Array(dtypeBits[dtype] > 32 ? values.length : 0);
      }
      const words = wordsOf(values, low, high);
      addPlanes(planes, words);
      addGaps(gaps, positions, findNonZero(planes, words, positions), first);
    },
    bits: (weights) => planOf(weights)?.bits ?? losslessHeader + weights * dtypeBits[dtype],
    plan: planOf,
  };
}

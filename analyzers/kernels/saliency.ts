import { forEachRun, type AxisMap } from './axes.ts';

type Values = Float32Array | Float64Array;

/**
 * Scores of the elements first, first + 1, ... of a layer, by which weights are ranked. Signs say nothing. A score of
 * 0, NaN or infinity is never kept, and a weight that is 0 or not finite has such a score. The array is valid until
 * the next call, and may be `values` itself. N:M, blocks and thresholds work on scores alone, whatever they come from.
 */
export type Saliency = (values: Values, first: number) => Values;

/** Han et al. 2015: the magnitude of the weight as it is stored. */
export const magnitude: Saliency = (values) => values;

/** The magnitude times a factor of the weight's row: |w| with the batch norm behind the layer folded in. [rows] factors. */
export function foldedMagnitude(map: AxisMap, factors: Float64Array): Saliency {
  let room = new Float64Array(0);
  return (values, first) => {
    if (room.length < values.length) room = new Float64Array(values.length);
    const scores = room.subarray(0, values.length);
    forEachRun(map, first, values.length, (start, length, row, _col, rowStep) => {
      for (let i = 0; i < length; i += 1)
        scores[start + i] = Math.abs(values[start + i]!) * factors[row + i * rowStep]!;
    });
    return scores;
  };
}

/** Scores from outside (OBD, Taylor) for the elements of a chunk, where the weight is one that can be kept; else 0. */
export function givenScores(values: Values, scores: Values): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const size = Math.abs(values[i]!);
    if (size > 0 && size <= Number.MAX_VALUE) result[i] = Math.abs(scores[i]!);
  }
  return result;
}

/** What thresholds need to know of all scores of a layer. */
export interface ScoreFacts {
  /** Scores that are 0. */
  zeros: number;
  nonFinite: number;
  /** The largest finite score. */
  most: number;
  /** Sum of squares of the finite scores. */
  squares: number;
}

export const emptyFacts = (): ScoreFacts => ({ zeros: 0, nonFinite: 0, most: 0, squares: 0 });

export function addFacts(into: ScoreFacts, scores: Values): void {
  for (let i = 0; i < scores.length; i += 1) {
    const score = Math.abs(scores[i]!);
    if (score === 0) into.zeros += 1;
    else if (score <= Number.MAX_VALUE) {
      into.most = Math.max(into.most, score);
      into.squares += score * score;
    } else into.nonFinite += 1;
  }
}

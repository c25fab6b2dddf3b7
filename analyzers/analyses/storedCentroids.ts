import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { wordsOf, type StoredWords } from '../kernels/storedWords.ts';
import { isFloating, type DType } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { sharesSteps } from './shareSteps.ts';

/** The bit patterns of the centroids as they are stored: of a quantised layer, steps from the zero point. */
export function centroidWords({
  codebook,
  layer,
  steps,
}: {
  readonly codebook: { readonly centroids: Float64Array } | null;
  readonly layer: Pick<Layer, 'weight'>;
  readonly steps: QuantisationSteps | null;
}): StoredWords {
  const centroids = codebook?.centroids ?? new Float64Array(0);
  const { dtype } = layer.weight;
  return wordsOf(dtype, storedNumbers(dtype, centroids, steps));
}

/** The bit pattern of a weight that is not kept: 0, or the zero point. */
export function zeroWord(dtype: DType, steps: QuantisationSteps | null): [number, number] {
  const { low, high } = wordsOf(dtype, storedNumbers(dtype, Float64Array.of(0), steps));
  return [low[0]!, high[0] ?? 0];
}

/** Steps are stored from the zero point on; floats have none. */
function storedNumbers(dtype: DType, centroids: Float64Array, steps: QuantisationSteps | null): Float64Array {
  if (steps === null || isFloating(dtype)) return centroids;
  const scale = sharesSteps(dtype, steps) ? 1 : steps.scales[0]!;
  return centroids.map((centroid) => Math.round(centroid / scale) + steps.zeroPoints[0]!);
}

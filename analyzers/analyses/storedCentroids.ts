import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { storedWords, type StoredWords } from '../kernels/storedWords.ts';
import type { DType } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';

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
  return wordsOf(layer.weight.dtype, storedNumbers(centroids, steps));
}

/** The bit pattern of a weight that is not kept: 0, or the zero point. */
export function zeroWord(dtype: DType, steps: QuantisationSteps | null): [number, number] {
  const { low, high } = wordsOf(dtype, storedNumbers(Float64Array.of(0), steps));
  return [low[0]!, high[0] ?? 0];
}

const storedNumbers = (reals: Float64Array, steps: QuantisationSteps | null): Float64Array =>
  steps === null ? reals : reals.map((real) => Math.round(real / steps.scales[0]!) + steps.zeroPoints[0]!);

function wordsOf(dtype: DType, numbers: Float64Array): StoredWords {
  const wide = dtype === 'f64' || /^[iu](?:32|64)$/.test(dtype);
  const values = wide ? numbers : Float32Array.from(numbers);
  const { low, high } = storedWords(dtype)(
    values,
    new Uint32Array(values.length),
    new Uint32Array(values.length),
  );
  return { low: low.slice(), high: high.slice() };
}

import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { Chunk } from './chunk.ts';
import { malformed } from './extentStream.ts';
import type { Quantisation } from './layer.ts';
import { elementsOf, type Tensor } from './tensor.ts';

/**
 * Scale and zero point of a weight, read whole: one number, or one for each place along the axis.
 * An unknown scale is 1, an absent zero point 0. Throws ReadError('weights/malformed') when a size does not fit.
 */
export async function quantisationSteps(
  sources: Sources,
  weight: Tensor,
  { scale, zeroPoint, axis }: Quantisation,
  read: (part: Tensor) => AsyncIterable<Chunk>,
): Promise<QuantisationSteps> {
  const size = axis === null ? 1 : (weight.shape[axis] ?? 1);
  for (const [part, what] of [
    [scale, 'scale'],
    [zeroPoint, 'zero point'],
  ] as const) {
    const has = part === null ? 1 : elementsOf(part.shape);
    if (has === 1 || (has === size && has <= limits.scales)) continue;
    if (has === size)
      throw await malformed(
        sources,
        weight,
        `its ${what} has more than ${limits.scales.toString()} elements`,
      );
    const wanted = axis === null ? 'one' : `one or ${size.toString()} (axis ${axis.toString()})`;
    throw await malformed(sources, weight, `its ${what} has ${has.toString()} elements, not ${wanted}`);
  }
  const scales = scale === null ? Float64Array.of(1) : await whole(read(scale), scale);
  const zeroPoints = zeroPoint === null ? Float64Array.of(0) : await whole(read(zeroPoint), zeroPoint);
  const places = Math.max(scales.length, zeroPoints.length);
  return {
    scales: repeated(scales, places),
    zeroPoints: repeated(zeroPoints, places),
    inner: axis === null ? 1 : elementsOf(weight.shape.slice(axis + 1)),
  };
}

const repeated = (numbers: Float64Array, times: number): Float64Array =>
  numbers.length === times ? numbers : new Float64Array(times).fill(numbers[0]!);

async function whole(chunks: AsyncIterable<Chunk>, { shape }: Tensor): Promise<Float64Array> {
  const all = new Float64Array(elementsOf(shape));
  for await (const { first, values } of chunks) all.set(values, first);
  return all;
}

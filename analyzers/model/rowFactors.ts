import type { Sources } from '../bytes/sources.ts';
import type { Layer } from './layer.ts';
import type { Tensor } from './tensor.ts';
import { readTensor } from './weights.ts';

/**
 * [rows] |scale / sqrt(variance + epsilon)|: what the batch norm behind a layer multiplies each of its outputs by, and
 * what folding it would multiply each row of the weight by. Null without one, or where a factor is not a finite number.
 * Throws like readTensor.
 */
export async function readRowFactors(
  sources: Sources,
  { rows, norm }: Pick<Layer, 'rows' | 'norm'>,
  signal: AbortSignal,
): Promise<Float64Array | null> {
  if (norm === undefined) return null;
  const numbers = async (tensor: Tensor): Promise<Float64Array> => {
    const all = new Float64Array(rows);
    for await (const { first, values } of readTensor(sources, tensor, signal)) all.set(values, first);
    return all;
  };
  const factors = await numbers(norm.scale);
  const variance = await numbers(norm.variance);
  for (let row = 0; row < rows; row += 1)
    factors[row] = Math.abs(factors[row]! / Math.sqrt(variance[row]! + norm.epsilon));
  return factors.every((factor) => Number.isFinite(factor)) ? factors : null;
}

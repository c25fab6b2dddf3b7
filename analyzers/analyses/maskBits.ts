import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { emptyBits } from '../kernels/mask.ts';

/** A bit for each weight. Throws ReadError when there are more weights than bits are spent on. */
export function bitsFor(weights: number): Uint32Array {
  if (weights > limits.maskBits)
    throw new ReadError(
      'limits/shape-overflow',
      '',
      `this rule takes a bit for each weight, of at most ${limits.maskBits.toString()}, and the layer has ${weights.toString()}; prune it by density or threshold`,
    );
  return emptyBits(weights);
}

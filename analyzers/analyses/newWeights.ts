import { Elements, elementsIn } from '../kernels/elements.ts';
import { findKeptBy } from '../kernels/mask.ts';
import type { Pass, RawPass, WeightBytes } from '../model/chunk.ts';
import { shareCoder } from '../kernels/shareCoder.ts';
import type { Settled } from './settleLayer.ts';
import { shareNumbers } from './shareSteps.ts';
import { centroidWords } from './storedCentroids.ts';
import { scratchFor } from './sweeps.ts';

/** The ways to read a layer's weights, each as often as it is wanted, in the same chunks. */
export interface LayerPasses {
  /** Real numbers, scale and zero point applied. */
  readonly weights: Pass;
  /** Stored elements, bit for bit. */
  readonly raw: RawPass;
  /** Stored elements after pruning and sharing. */
  readonly newWeights: RawPass;
}

/** All passes of a settled layer from those over its file. */
export const layerPasses = (settled: Settled, weights: Pass, raw: RawPass): LayerPasses => ({
  weights,
  raw,
  newWeights: (signal) => newWeights(settled, weights, raw, signal),
});

/**
 * The layer's stored elements after pruning and sharing, in C order: what an export writes and what a `.slim` file
 * decodes to. Where nothing is changed they are the original ones bit for bit.
 */
export async function* newWeights(
  settled: Settled,
  weights: Pass,
  raw: RawPass,
  signal: AbortSignal,
): AsyncGenerator<WeightBytes, void, undefined> {
  if (settled.unchanged) {
    yield* raw(signal);
    return;
  }
  const { elementBits, zero, codebook } = settled;
  const table = codebook === null ? null : centroidWords(settled);
  const coder = codebook === null ? null : shareCoder(codebook);
  const numbers = shareNumbers(settled.layer.weight.dtype, settled.steps);
  const stored = table === null ? raw(signal)[Symbol.asyncIterator]() : null;
  let out: Elements | null = null;
  for await (const { first, values } of weights(signal)) {
    signal.throwIfAborted();
    out ??= new Elements(elementBits, values.length);
    out.fill(zero[0], zero[1]);
    const positions = scratchFor(values.length);
    const count = findKeptBy(settled.survey.mask, values, first, positions);
    if (table !== null && coder !== null) {
      const own = numbers(values, positions, count, first);
      for (let i = 0; i < count; i += 1) {
        const at = positions[i]!;
        const entry = coder.entry(own[at]!, first + at);
        out.set(at, table.low[entry]!, table.high[entry] ?? 0);
      }
    } else if (stored !== null) {
      const { value: part } = (await stored.next()) as { value: WeightBytes };
      const old = elementsIn(part.bytes, elementBits);
      for (let i = 0; i < count; i += 1)
        out.set(positions[i]!, old.low(positions[i]!), old.high(positions[i]!));
    }
    yield { first, count: values.length, bytes: out.part(values.length) };
  }
}

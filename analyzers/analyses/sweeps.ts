import type { Pass } from '../model/chunk.ts';

/** Takes in the elements first, first + 1, ... of a layer. Must not keep `values`: the buffer is used again. */
export type Taker = (values: Float32Array | Float64Array, first: number) => void;

let scratch = new Uint32Array(0);

/** Room for one number an element of a chunk. Valid until a taker returns: the next one on this thread uses it again. */
export function scratchFor(elements: number): Uint32Array {
  if (scratch.length < elements) scratch = new Uint32Array(elements);
  return scratch;
}

/** Streams the layer once more and hands every chunk to each taker in turn. */
export type Sweep = (...takers: readonly Taker[]) => Promise<void>;

/**
 * Passes over a layer, as many as are asked for. Progress is a share of `planned` passes and never falls; the signal
 * ends a pass between chunks.
 */
export function sweepsOf(
  pass: Pass,
  weights: number,
  planned: number,
  options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Sweep {
  const { signal, progress } = options;
  let done = 0;
  return async (...takers) => {
    for await (const { first, values } of pass(signal)) {
      signal.throwIfAborted();
      for (const take of takers) take(values, first);
      if (weights > 0) progress(Math.min(1, (done + (first + values.length) / weights) / planned));
    }
    signal.throwIfAborted();
    done += 1;
  };
}

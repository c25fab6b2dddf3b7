import type { Chunk, Pass } from '../model/chunk.ts';
import { limits } from '../bytes/limits.ts';

/** Bytes that one thread keeps of decoded weights, and of one layer: so that a slider answers without reading. */
const cacheLimits = { total: 64 * 1024 * 1024, layer: 16 * 1024 * 1024 } as const;

interface Kept {
  readonly values: Float32Array | Float64Array;
}

/** Decoded weights of the layers that were read last, by a key that names the model's state and the layer. */
export class WeightCache {
  readonly #kept = new Map<string, Kept>();
  readonly #total: number;
  readonly #layer: number;
  #bytes = 0;

  constructor(total: number = cacheLimits.total, layer: number = cacheLimits.layer) {
    this.#total = total;
    this.#layer = layer;
  }

  /** Bytes that are kept now; never more than the total. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * `pass` with memory: the first pass that runs to its end is kept when the layer is small enough, later ones are
   * answered from memory with the same numbers in the same chunks. Consumers must not write into chunks.
   */
  through(key: string, weights: number, pass: Pass): Pass {
    return (signal) => {
      const kept = this.#use(key);
      if (kept !== null) return chunksOf(kept.values, signal);
      return this.#recorded(key, weights, pass(signal));
    };
  }

  async *#recorded(key: string, weights: number, chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
    let values: Float32Array | Float64Array | null = null;
    let filled = 0;
    for await (const chunk of chunks) {
      if (filled === 0 && weights * chunk.values.BYTES_PER_ELEMENT <= this.#layer)
        values = chunk.values instanceof Float64Array ? new Float64Array(weights) : new Float32Array(weights);
      if (values !== null && chunk.first + chunk.values.length <= weights)
        values.set(chunk.values, chunk.first);
      filled += chunk.values.length;
      yield chunk;
    }
    if (values !== null && filled === weights) this.#keep(key, values);
  }

  #use(key: string): Kept | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  #keep(key: string, values: Float32Array | Float64Array): void {
    if (values.byteLength > this.#total) return;
    this.#drop(key);
    this.#kept.set(key, { values });
    this.#bytes += values.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#total) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.values.byteLength ?? 0;
    this.#kept.delete(key);
  }
}

async function* chunksOf(values: Float32Array | Float64Array, signal: AbortSignal): AsyncGenerator<Chunk> {
  for (let first = 0; first < values.length; first += limits.chunkElements) {
    signal.throwIfAborted();
    yield { first, values: values.subarray(first, first + limits.chunkElements) };
  }
}

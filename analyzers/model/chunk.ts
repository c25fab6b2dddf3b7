/**
 * A run of a tensor's elements in C order of the stored tensor, as real numbers.
 * Float64Array for f64 and for integers of 32 and 64 bits, Float32Array for everything else: always exact.
 */
export interface Chunk {
  /** Index of values[0] in the tensor. */
  readonly first: number;
  /** Valid until the next chunk is asked for: the buffer is used again. */
  readonly values: Float32Array | Float64Array;
}

/** One pass over a layer's weights from the first to the last. Every call starts anew; a signal ends it between chunks. */
export type Pass = (signal: AbortSignal) => AsyncIterable<Chunk>;

/** Stored elements first .. first + count - 1, little-endian and packed as ONNX packs raw_data. */
export interface WeightBytes {
  /** Of types below 8 bits a multiple of 8. */
  readonly first: number;
  readonly count: number;
  /** Begins at a multiple of 8 of its buffer. Valid until the next one is asked for. */
  readonly bytes: Uint8Array;
}

/** One pass over a layer's stored elements, in the chunks of its Pass. */
export type RawPass = (signal: AbortSignal) => AsyncIterable<WeightBytes>;

import { codedLayerOf, encodeLayer } from '../../analyzers/analyses/encodeLayer.ts';
import { layerPasses, type LayerPasses } from '../../analyzers/analyses/newWeights.ts';
import { settleLayer, type Settled } from '../../analyzers/analyses/settleLayer.ts';
import { decode, valuesFor } from '../../analyzers/kernels/decode.ts';
import { dequantise, type QuantisationSteps } from '../../analyzers/kernels/dequantise.ts';
import { decodeLayer } from '../../analyzers/kernels/layerDecoder.ts';
import type { CodedLayer } from '../../analyzers/kernels/codedLayer.ts';
import type { Pass, RawPass } from '../../analyzers/model/chunk.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';
import type { View } from '../../analyzers/model/layer.ts';
import type { RecipeRule } from '../../analyzers/report/recipe.ts';
import { denseLayer, recipeOf } from './layerFixture.ts';

const { signal } = new AbortController();

export interface Stored {
  readonly dtype: DType;
  readonly rows: number;
  readonly cols: number;
  /** Elements as they are stored, packed. */
  readonly bytes: Uint8Array;
  readonly steps?: QuantisationSteps | null;
  /** How rows and columns lie in it; rows x cols in that order without it. */
  readonly view?: View;
}

/** Settles a layer in memory under one rule; its passes go in chunks of so many elements. */
export async function settled(
  { dtype, rows, cols, bytes, steps = null, view }: Stored,
  rule: Omit<RecipeRule, 'match'>,
  runs: 'escape' | 'padding' = 'escape',
  chunk = 64,
): Promise<{ settled: Settled; passes: LayerPasses }> {
  const n = rows * cols;
  const scalar = {
    name: 's',
    dtype: 'f32',
    shape: [],
    place: 'initializer',
    data: { kind: 'inline', values: [1] },
  } as const;
  const layer = denseLayer(rows, cols, {
    dtype,
    ...(view === undefined ? {} : { view }),
    ...(steps === null ? {} : { quantisation: { scale: scalar, zeroPoint: scalar, axis: null } }),
  });
  const partOf = (first: number, count: number): Uint8Array =>
    bytes.slice((first * dtypeBits[dtype]) / 8, Math.ceil(((first + count) * dtypeBits[dtype]) / 8));
  const raw: RawPass = async function* () {
    await Promise.resolve();
    for (let first = 0; first < n; first += chunk) {
      const count = Math.min(chunk, n - first);
      yield { first, count, bytes: partOf(first, count) };
    }
  };
  const pass: Pass = async function* (stop) {
    for await (const { first, count, bytes: part } of raw(stop)) {
      const values = valuesFor(dtype, count);
      decode(dtype, part, values);
      if (steps !== null) dequantise(values, first, steps);
      yield { first, values };
    }
  };
  const all = await settleLayer(layer, recipeOf(rule, { runs }), pass, {
    signal,
    profile: null,
    progress: () => {},
    raw,
    steps: () => Promise.resolve(steps),
  });
  return { settled: all, passes: layerPasses(all, pass, raw) };
}

/** Stored elements as real numbers, scale and zero point applied. */
export function realNumbers(
  { dtype, rows, cols, steps = null }: Stored,
  bytes: Uint8Array,
): Float32Array | Float64Array {
  const values = valuesFor(dtype, rows * cols);
  decode(dtype, bytes, values);
  if (steps !== null) dequantise(values, 0, steps);
  return values;
}

/** Every stream of a layer, whole. */
export async function streamsOf(all: Settled, passes: LayerPasses): Promise<Uint8Array[]> {
  const streams = all.sizes.plan.slim.streams.map((): Uint8Array[] => []);
  for await (const { stream, bytes } of encodeLayer(all, passes, signal)) streams[stream]!.push(bytes);
  return streams.map((parts) => {
    const stream = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      stream.set(part, at);
      at += part.length;
    }
    return stream;
  });
}

/** What the decoder makes of streams; elements packed as they are stored. */
export async function decoded(
  coded: CodedLayer,
  streams: readonly Uint8Array[],
  chunk = 128,
): Promise<Uint8Array> {
  const read = (stream: number, offset: number, into: Uint8Array): Promise<void> => {
    const from = streams[stream]!.subarray(offset, offset + into.length);
    if (from.length < into.length) return Promise.reject(new RangeError('read past the end of a stream'));
    into.set(from);
    return Promise.resolve();
  };
  return whole(decodeLayer(coded, read, chunk, signal), coded.weights, coded.elementBits);
}

export async function whole(
  runs: AsyncIterable<{ first: number; count: number; bytes: Uint8Array }>,
  n: number,
  bits: number,
): Promise<Uint8Array> {
  const all = new Uint8Array(Math.ceil((n * bits) / 8));
  let next = 0;
  for await (const { first, count, bytes } of runs) {
    if (first !== next) throw new Error('elements are missing');
    all.set(bytes, (first * bits) / 8);
    next = first + count;
  }
  if (next !== n) throw new Error(`${next.toString()} of ${n.toString()} elements came`);
  return all;
}

export { codedLayerOf };

import { ReadError, type ReadErrorCode } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import { bytesOf, decode, valuesFor } from '../kernels/decode.ts';
import { Elements } from '../kernels/elements.ts';
import { storedWords } from '../kernels/storedWords.ts';
import { dequantise, type QuantisationSteps } from '../kernels/dequantise.ts';
import type { Chunk, WeightBytes } from './chunk.ts';
import { codedElements } from './codedElements.ts';
import { dtypeBits } from './dtype.ts';
import { extentStream, malformed } from './extentStream.ts';
import type { Layer } from './layer.ts';
import { quantisationSteps } from './quantisation.ts';
import { recordReader } from './records.ts';
import { sparseChunks } from './sparse.ts';
import { elementsOf, type Tensor } from './tensor.ts';

/**
 * One pass over a tensor's stored numbers from the first to the last, without scale or zero point, in chunks of
 * limits.chunkElements that share one buffer (another size must be a multiple of 8: packed elements begin at bytes).
 * Exact, but for integers beyond 2^53, which are rounded to doubles.
 * Throws ReadError: with the tensor's own code when nothing can be read, 'weights/malformed' when its bytes
 * contradict its shape, 'file/*' when the file gives way; the signal's reason when it is aborted.
 */
export async function* readTensor(
  sources: Sources,
  tensor: Tensor,
  signal: AbortSignal,
  chunkElements: number = limits.chunkElements,
): AsyncGenerator<Chunk, void, undefined> {
  signal.throwIfAborted();
  const { data } = tensor;
  switch (data.kind) {
    case 'raw':
    case 'varint':
    case 'tagged':
      yield* storedChunks(sources, tensor, signal, chunkElements);
      return;
    case 'sparse':
      yield* sparseChunks(
        sources,
        tensor,
        data,
        (part) => readTensor(sources, part, signal, chunkElements),
        chunkElements,
        signal,
      );
      return;
    case 'coded': {
      const values = valuesFor(tensor.dtype, Math.min(elementsOf(tensor.shape), chunkElements));
      for await (const { first, count, bytes } of codedElements(
        sources,
        tensor,
        data,
        signal,
        chunkElements,
      )) {
        const chunk = values.subarray(0, count);
        decode(tensor.dtype, bytes, chunk);
        yield { first, values: chunk };
      }
      return;
    }
    case 'inline': {
      if (data.values.length !== elementsOf(tensor.shape))
        throw await malformed(sources, tensor, 'it has another number of elements than its shape says');
      const values = valuesFor(tensor.dtype, data.values.length);
      values.set(data.values);
      if (values.length > 0) yield { first: 0, values };
      return;
    }
    case 'none':
      // A reader gives codes of its own (a type that nobody knows, a generated weight): they are told as they are.
      throw new ReadError(data.code as ReadErrorCode, '', data.reason);
  }
}

/** Numbers that lie in files element by element. */
async function* storedChunks(
  sources: Sources,
  tensor: Tensor,
  signal: AbortSignal,
  chunkElements: number,
): AsyncGenerator<Chunk, void, undefined> {
  const { dtype } = tensor;
  const values = valuesFor(dtype, Math.min(elementsOf(tensor.shape), chunkElements));
  const direct = bytesOf(dtype, values);
  const room = direct ?? new Uint8Array(Math.ceil((values.length * dtypeBits[dtype]) / 8));
  for await (const { first, count, bytes } of storedBytes(sources, tensor, room, chunkElements, signal)) {
    const chunk = values.subarray(0, count);
    if (direct === null) decode(dtype, bytes, chunk);
    yield { first, values: chunk };
  }
}

/** Whether its elements lie in a file one by one; those of sparse tensors and in attributes do not. */
export const hasRaw = ({ data }: Tensor): boolean => data.kind !== 'sparse' && data.kind !== 'inline';

/**
 * One pass over a tensor's stored elements bit for bit, in the chunks of readTensor: where a file has them as varints,
 * their little-endian bytes; those of sparse tensors with their zeros, made again from their numbers.
 * Throws as readTensor.
 */
export async function* readRaw(
  sources: Sources,
  tensor: Tensor,
  signal: AbortSignal,
  chunkElements: number = limits.chunkElements,
): AsyncGenerator<WeightBytes, void, undefined> {
  signal.throwIfAborted();
  const { data, dtype } = tensor;
  if (data.kind === 'none') throw new ReadError(data.code as ReadErrorCode, '', data.reason);
  if (data.kind === 'sparse' || data.kind === 'inline') {
    yield* encodedChunks(readTensor(sources, tensor, signal, chunkElements), tensor);
    return;
  }
  if (data.kind === 'coded') {
    yield* codedElements(sources, tensor, data, signal, chunkElements);
    return;
  }
  const most = Math.min(elementsOf(tensor.shape), chunkElements);
  const room = new Uint8Array(Math.ceil((most * dtypeBits[dtype]) / 8));
  yield* storedBytes(sources, tensor, room, chunkElements, signal);
}

/** Stored elements made from their numbers. */
async function* encodedChunks(
  chunks: AsyncIterable<Chunk>,
  { dtype }: Tensor,
): AsyncGenerator<WeightBytes, void, undefined> {
  const words = storedWords(dtype);
  let into: { elements: Elements; low: Uint32Array; high: Uint32Array } | null = null;
  for await (const { first, values } of chunks) {
    const { length } = values;
    into ??= {
      elements: new Elements(dtypeBits[dtype], length),
      low: new Uint32Array(length),
      high: new Uint32Array(length),
    };
    const { low, high } = words(values, into.low, into.high);
    for (let i = 0; i < length; i += 1) into.elements.set(i, low[i]!, high[i] ?? 0);
    yield { first, count: length, bytes: into.elements.part(length) };
  }
}

/** Elements as they are stored, read into `room`. */
async function* storedBytes(
  sources: Sources,
  tensor: Tensor,
  room: Uint8Array,
  chunkElements: number,
  signal: AbortSignal,
): AsyncGenerator<WeightBytes, void, undefined> {
  const { data, dtype } = tensor;
  if (data.kind !== 'raw' && data.kind !== 'varint' && data.kind !== 'tagged') return;
  const count = elementsOf(tensor.shape);
  const bits = dtypeBits[dtype];
  const bytesFor = (elements: number): number => Math.ceil((elements * bits) / 8);
  const stream = extentStream(sources, data.extents);
  if (data.kind === 'raw' && stream.rest < bytesFor(count)) {
    const has = `${stream.rest.toString()} ${stream.rest === 1 ? 'byte' : 'bytes'}, its shape needs ${bytesFor(count).toString()}`;
    throw await malformed(sources, tensor, `it has ${has}`);
  }
  const records =
    data.kind === 'raw'
      ? null
      : recordReader(stream, {
          tagBytes: data.kind === 'tagged' ? data.tagBytes : 0,
          varint: data.kind === 'varint' || data.of === 'varint',
          width: Math.max(1, bits / 8),
        });
  for (let first = 0; first < count; first += chunkElements) {
    signal.throwIfAborted();
    const length = Math.min(chunkElements, count - first);
    const stored = room.subarray(0, bytesFor(length));
    if (records === null) await stream.read(stored, signal);
    else {
      const wrong = await records.fill(stored, signal);
      if (wrong !== null) throw await malformed(sources, tensor, wrong);
    }
    yield { first, count: length, bytes: stored };
  }
}

/**
 * One pass over a layer's weights as real numbers: (stored - zeroPoint) * scale where it is quantised, rounded to
 * float32 as run times do, and the stored numbers where it is not. A value is 0 exactly where the stored number is
 * the zero point (unless the scale itself is 0).
 * Throws like readTensor, and 'weights/malformed' when scale or zero point do not fit the weight.
 */
export async function* readWeights(
  sources: Sources,
  layer: Pick<Layer, 'weight' | 'quantisation'>,
  signal: AbortSignal,
  chunkElements: number = limits.chunkElements,
): AsyncGenerator<Chunk, void, undefined> {
  const chunks = readTensor(sources, layer.weight, signal, chunkElements);
  const steps = await readSteps(sources, layer, signal);
  if (steps === null) {
    yield* chunks;
    return;
  }
  for await (const { first, values } of chunks) {
    dequantise(values, first, steps);
    yield { first, values };
  }
}

/** Scale and zero point of a layer's weight, null where it is not quantised. Throws as readWeights. */
export async function readSteps(
  sources: Sources,
  { weight, quantisation }: Pick<Layer, 'weight' | 'quantisation'>,
  signal: AbortSignal,
): Promise<QuantisationSteps | null> {
  if (quantisation === null) return null;
  return quantisationSteps(sources, weight, quantisation, (part) => readTensor(sources, part, signal));
}

/** All numbers of a tensor that has at most limits.smallTensor elements, null of a larger one. */
export async function readSmall(
  sources: Sources,
  tensor: Tensor,
  signal: AbortSignal,
): Promise<readonly number[] | null> {
  if (elementsOf(tensor.shape) > limits.smallTensor) return null;
  const numbers: number[] = [];
  for await (const { values } of readTensor(sources, tensor, signal)) numbers.push(...values);
  return numbers;
}

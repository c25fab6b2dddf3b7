import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import { valuesFor } from '../kernels/decode.ts';
import type { Chunk } from './chunk.ts';
import { malformed } from './extentStream.ts';
import { elementsOf, type Tensor, type TensorData } from './tensor.ts';

type Sparse = Extract<TensorData, { kind: 'sparse' }>;
type Chunks = AsyncIterable<Chunk>;
/** Positions (indices in C order of the dense tensor) and the values there, up to a chunk of them at once. */
interface Entries {
  readonly positions: Float64Array;
  readonly values: Float32Array | Float64Array;
}

/**
 * A sparse tensor with its zeros, in chunks like a dense one. `read` streams a part's stored numbers.
 * Indices may be flat or [count, rank] coordinates. A first pass checks that they lie in the tensor and ascend, as
 * ONNX wants; up to limits.unsortedEntries that do not ascend are sorted. Two entries at one place are refused.
 */
export async function* sparseChunks(
  sources: Sources,
  tensor: Tensor,
  data: Sparse,
  read: (part: Tensor) => Chunks,
  chunkElements: number,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, undefined> {
  const count = elementsOf(tensor.shape);
  if (count > limits.sparseElements) {
    const most = limits.sparseElements.toString();
    throw new ReadError(
      'limits/shape-overflow',
      '',
      `${tensor.name}: ${count.toString()} elements with the zeros; at most ${most} are read`,
    );
  }
  const perEntry = data.rank > 1 ? data.rank : 1;
  if (
    elementsOf(data.values.shape) !== data.count ||
    elementsOf(data.indices.shape) !== data.count * perEntry
  )
    throw await malformed(sources, tensor, 'its values and its indices differ in number');
  if (perEntry > 1 && perEntry !== tensor.shape.length)
    throw await malformed(sources, tensor, 'its indices have another rank than its shape');
  const order = await checked(() => sparsePositions(tensor, data, read(data.indices)), count);
  if (order === 'outside') throw await malformed(sources, tensor, 'an index lies outside of its shape');
  if (order === 'descends' && data.count > limits.unsortedEntries)
    throw await malformed(sources, tensor, 'its indices do not ascend');
  const paired = pairs(sparsePositions(tensor, data, read(data.indices)), read(data.values));
  const entries = order === 'descends' ? sorted(paired, tensor, data.count) : paired;
  const chunk = valuesFor(tensor.dtype, Math.min(count, chunkElements));
  let filled = -1;
  let first = 0;
  let dirty = false;
  for await (const { positions, values } of entries) {
    for (let i = 0; i < positions.length; i += 1) {
      const position = positions[i]!;
      while (position >= first + chunk.length) {
        signal.throwIfAborted();
        yield { first, values: chunk };
        first += chunk.length;
        if (dirty) chunk.fill(0);
        dirty = false;
      }
      if (position === filled) throw await malformed(sources, tensor, 'two values stand at one index');
      filled = position;
      chunk[position - first] = values[i]!;
      dirty = true;
    }
  }
  for (; first < count; first += chunk.length) {
    signal.throwIfAborted();
    yield { first, values: chunk.subarray(0, Math.min(chunk.length, count - first)) };
    if (dirty) chunk.fill(0);
    dirty = false;
  }
}

/** Flat positions from the stream of indices; NaN where a coordinate lies outside of the shape. */
export async function* sparsePositions(
  tensor: Pick<Tensor, 'shape'>,
  data: Sparse,
  indices: AsyncIterable<Chunk>,
): AsyncGenerator<Float64Array> {
  if (data.rank <= 1) {
    for await (const { values } of indices) yield Float64Array.from(values);
    return;
  }
  const { shape } = tensor;
  const rank = shape.length;
  let position = 0;
  let axis = 0;
  for await (const { values } of indices) {
    const positions = new Float64Array(Math.ceil(values.length / rank) + 1);
    let done = 0;
    for (const coordinate of values) {
      const size = shape[axis]!;
      position = coordinate >= 0 && coordinate < size ? position * size + coordinate : Number.NaN;
      axis += 1;
      if (axis === rank) {
        positions[done] = position;
        done += 1;
        position = 0;
        axis = 0;
      }
    }
    yield positions.subarray(0, done);
  }
}

async function checked(
  positions: () => AsyncIterable<Float64Array>,
  count: number,
): Promise<'ascends' | 'descends' | 'outside'> {
  let last = -1;
  let ascends = true;
  for await (const some of positions())
    for (const position of some) {
      if (!(position >= 0 && position < count)) return 'outside';
      if (position < last) ascends = false;
      last = position;
    }
  return ascends ? 'ascends' : 'descends';
}

/** Runs of positions with their values, though the two streams break at different places. */
async function* pairs(positions: AsyncGenerator<Float64Array>, values: Chunks): AsyncGenerator<Entries> {
  let waiting: Float64Array = new Float64Array(0);
  for await (const chunk of values) {
    let used = 0;
    while (used < chunk.values.length) {
      if (waiting.length === 0) {
        const next = await positions.next();
        if (next.done === true) return;
        waiting = next.value;
        continue;
      }
      const length = Math.min(waiting.length, chunk.values.length - used);
      yield { positions: waiting.subarray(0, length), values: chunk.values.subarray(used, used + length) };
      waiting = waiting.subarray(length);
      used += length;
    }
  }
}

/** All entries in the order of their positions. */
async function* sorted(
  entries: AsyncIterable<Entries>,
  tensor: Tensor,
  count: number,
): AsyncGenerator<Entries> {
  const positions = new Float64Array(count);
  const values = valuesFor(tensor.dtype, count);
  let done = 0;
  for await (const some of entries) {
    positions.set(some.positions, done);
    values.set(some.values, done);
    done += some.positions.length;
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i).toSorted(
    (a, b) => positions[a]! - positions[b]!,
  );
  const sortedValues = valuesFor(tensor.dtype, count);
  for (const [i, from] of order.entries()) sortedValues[i] = values[from]!;
  yield { positions: positions.toSorted(), values: sortedValues };
}

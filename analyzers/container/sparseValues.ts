import type { Sources } from '../bytes/sources.ts';
import type { WeightBytes } from '../model/chunk.ts';
import { dtypeBits } from '../model/dtype.ts';
import { sparsePositions } from '../model/sparse.ts';
import type { Tensor } from '../model/tensor.ts';
import { readTensor } from '../model/weights.ts';

/**
 * The elements of a tensor that stand in its file, in their order there, out of all of its elements: of a sparse one
 * those at its positions, which ascend. A piece is valid until the next one is asked for.
 */
export async function* valuesOf(
  tensor: Tensor,
  elements: AsyncIterable<WeightBytes>,
  sources: Sources,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { data, dtype } = tensor;
  if (data.kind !== 'sparse') {
    for await (const { bytes } of elements) yield bytes;
    return;
  }
  yield* picked(
    sparsePositions(tensor, data, readTensor(sources, data.indices, signal)),
    elements,
    dtypeBits[dtype] / 8,
  );
}

/** Elements of `width` bytes at ascending positions. Ends with the elements, or where positions do not ascend. */
export async function* picked(
  positions: AsyncIterable<Float64Array>,
  elements: AsyncIterable<WeightBytes>,
  width: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const places = positions[Symbol.asyncIterator]();
  let some: Float64Array = new Float64Array(0);
  let next = 0;
  let last = -1;
  for await (const { first, count, bytes } of elements) {
    const out = new Uint8Array(count * width);
    let at = 0;
    for (;;) {
      if (next === some.length) {
        const more = await places.next();
        if (more.done === true) break;
        some = more.value;
        next = 0;
        continue;
      }
      const position = some[next]!;
      if (!(position > last)) return;
      if (position >= first + count) break;
      const from = (position - first) * width;
      for (let i = 0; i < width; i += 1) out[at + i] = bytes[from + i]!;
      at += width;
      last = position;
      next += 1;
    }
    if (at > 0) yield out.subarray(0, at);
  }
}

/** Whether the positions of a tensor's values ascend, so that they can be written in one pass; true of one without. */
export async function ascends(
  { data, shape }: Tensor,
  sources: Sources,
  signal: AbortSignal,
): Promise<boolean> {
  if (data.kind !== 'sparse') return true;
  let last = -1;
  for await (const some of sparsePositions({ shape }, data, readTensor(sources, data.indices, signal)))
    for (const position of some) {
      // One outside of the shape is told of by whoever reads the weights.
      if (position <= last) return false;
      last = position;
    }
  return true;
}

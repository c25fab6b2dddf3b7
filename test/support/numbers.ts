import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { openSources, type Sources } from '../../analyzers/bytes/sources.ts';
import type { Chunk } from '../../analyzers/model/chunk.ts';
import type { DType } from '../../analyzers/model/dtype.ts';
import type { Tensor, TensorData } from '../../analyzers/model/tensor.ts';
import type { Bytes } from './protobuf.ts';

export const never = new AbortController().signal;

/** Files in memory; their index is that of an extent's source. */
export const sourcesOf = (...files: readonly Bytes[]): Sources =>
  openSources(
    files.map((file, i) => ({ kind: 'bytes', name: `file${i}`, bytes: file.buffer })),
    async (ref) => {
      if (ref.kind !== 'bytes') throw new Error('only bytes in memory');
      return memorySource(ref.name, new Uint8Array(ref.bytes));
    },
  );

export const tensor = (dtype: DType, shape: readonly number[], data: TensorData): Tensor => ({
  name: 'w',
  dtype,
  shape,
  place: 'initializer',
  data,
});

/** All bytes of the first file as one extent. */
export const rawTensor = (dtype: DType, shape: readonly number[], byteLength: number): Tensor =>
  tensor(dtype, shape, { kind: 'raw', extents: [{ source: 0, offset: 0, byteLength }] });

export const inlineTensor = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor('f32', shape, { kind: 'inline', values });

/** The numbers of all chunks, and where each chunk began. */
export async function collect(
  chunks: AsyncIterable<Chunk>,
): Promise<{ numbers: number[]; firsts: number[] }> {
  const numbers: number[] = [];
  const firsts: number[] = [];
  for await (const { first, values } of chunks) {
    firsts.push(first);
    for (const value of values) numbers.push(value);
  }
  return { numbers, firsts };
}

import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import type { Model } from '../../analyzers/model/model.ts';
import type { Tensor } from '../../analyzers/model/tensor.ts';
import { readTensor } from '../../analyzers/model/weights.ts';
import { onnxModel, type ModelSpec } from './onnxFixture.ts';

const never = new AbortController().signal;

/** Reads the bytes of an ONNX file as a model. `beside` are the files next to it. */
export function readBytes(
  bytes: Uint8Array,
  beside: Readonly<Record<string, Uint8Array>> = {},
  name = 'model.onnx',
): Promise<Model> {
  return onnxFormat.read(memorySource(name, bytes, new Map(Object.entries(beside))), never);
}

export function readModel(
  spec: ModelSpec,
  beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<Model> {
  return readBytes(onnxModel(spec), beside);
}

/** What the reader answers: a model, or the error that it is allowed to throw. Anything else is thrown on. */
export async function outcome(bytes: Uint8Array): Promise<Model | ReadError> {
  try {
    return await readBytes(bytes);
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}

/** The stored numbers of a tensor, read where its data says. */
export async function numbersOf(model: Model, tensor: Tensor): Promise<number[]> {
  const sources = openSources(model.sources, async (ref) => {
    if (ref.kind !== 'bytes') throw new Error('only bytes in memory are read here');
    return memorySource(ref.name, new Uint8Array(ref.bytes));
  });
  const numbers: number[] = [];
  for await (const chunk of readTensor(sources, tensor, never)) {
    for (const value of chunk.values) numbers.push(value);
  }
  await sources.close();
  return numbers;
}

/** The only tensor of that name. */
export function tensorNamed(model: Model, name: string): Tensor {
  const found = model.tensors.filter((t) => t.name === name);
  const [first] = found;
  if (first === undefined || found.length !== 1) throw new Error(`${String(found.length)} tensors ${name}`);
  return first;
}

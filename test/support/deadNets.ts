import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { ByteSource, SourceRef } from '../../analyzers/bytes/source.ts';
import { removeDeadUnits, type Removed } from '../../analyzers/run/removeDeadUnits.ts';
import { seeded } from './denseModel.ts';
import { f32, onnxModel, type NodeSpec, type TensorSpec, type ValueSpec } from './onnxFixture.ts';
import { loadOnnx, type Fed } from './ort.ts';

const never = new AbortController().signal;

/** Bytes as a source that is handed to whoever opens it. */
export function bytesRef(bytes: Uint8Array, name = 'model.onnx'): SourceRef {
  const shared = new ArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return { kind: 'bytes', name, bytes: shared };
}

export async function openBytes(ref: SourceRef): Promise<ByteSource> {
  if (ref.kind !== 'bytes') throw new Error('only bytes in memory are read here');
  return memorySource(ref.name, new Uint8Array(ref.bytes));
}

export const withoutDead = (bytes: Uint8Array): Promise<Removed> =>
  removeDeadUnits(bytesRef(bytes), openBytes, never);

/** Random numbers between -1 and 1 of a shape. */
export function feed(shape: readonly number[], seed: number): Fed {
  const random = seeded(seed);
  const count = shape.reduce((n, extent) => n * extent, 1);
  return { type: 'float32', shape, values: Float32Array.from({ length: count }, () => 2 * random() - 1) };
}

/** What a model gives for these inputs. */
export async function outputsOf(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Fed>>,
): Promise<Readonly<Record<string, Fed>>> {
  const model = await loadOnnx(bytes);
  try {
    return await model.run(feeds);
  } finally {
    await model.release();
  }
}

/** A tensor of random weights, 0 wherever `dead` says so of its place along each axis. */
export function weights(
  name: string,
  shape: readonly number[],
  seed: number,
  dead: (...at: number[]) => boolean = () => false,
): TensorSpec {
  const random = seeded(seed);
  return f32(name, shape, (flat) => {
    const value = random() - 0.5;
    const at = shape.map((_, axis) => {
      const inner = shape.slice(axis + 1).reduce((n, extent) => n * extent, 1);
      return Math.floor(flat / inner) % shape[axis]!;
    });
    return dead(...at) ? 0 : value;
  });
}

/** A model out of nodes in a row; each tensor is named once. */
export const net = (
  nodes: readonly NodeSpec[],
  initializers: readonly TensorSpec[],
  inputs: readonly ValueSpec[],
  outputs: readonly ValueSpec[],
  values: readonly ValueSpec[] = [],
): Uint8Array => onnxModel({ nodes, initializers, inputs, outputs, values });

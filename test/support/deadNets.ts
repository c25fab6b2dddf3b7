import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { ByteSource, SourceRef } from '../../analyzers/bytes/source.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { readModel } from '../../analyzers/run/openModel.ts';
import { removeDeadUnits, type Removed } from '../../analyzers/run/removeDeadUnits.ts';
import { seeded } from './denseModel.ts';
import { f32, onnxModel, type NodeSpec, type TensorSpec, type ValueSpec } from './onnxFixture.ts';
import { placesOf } from './layersIn.ts';
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

/**
 * The bytes of a model whose layers' rows with the smallest norms are all 0: `share` of each layer's rows, but for the
 * layers that `spare` names. Only of weights that lie in the file as raw floats.
 */
export async function withoutSmallestRows(
  bytes: Uint8Array,
  share: number,
  spare: (layer: Layer) => boolean,
): Promise<Uint8Array> {
  const { opened } = await readModel(bytesRef(bytes), openBytes, never);
  const out = bytes.slice();
  for (const layer of opened.layers) {
    const { data, dtype } = layer.weight;
    if (spare(layer) || data.kind !== 'raw' || data.extents.length !== 1 || dtype !== 'f32') continue;
    const view = new DataView(out.buffer, data.extents[0]!.offset, data.extents[0]!.byteLength);
    const norms = new Float64Array(layer.rows);
    const places = placesOf(layer);
    for (const [flat, [row]] of places.entries()) norms[row]! += view.getFloat32(4 * flat, true) ** 2;
    const order = [...norms.keys()].toSorted((a, b) => norms[a]! - norms[b]!);
    const gone = new Set(order.slice(0, Math.floor(share * layer.rows)));
    for (const [flat, [row]] of places.entries()) if (gone.has(row)) view.setFloat32(4 * flat, 0, true);
  }
  return out;
}

import type { ByteSource } from '../../analyzers/bytes/source.ts';
import { dtypeOfCode } from '../../analyzers/model/onnxTypes.ts';
import type { DType } from '../../analyzers/model/dtype.ts';
import * as pb from './protobuf.ts';

/** How a tensor is written. Exactly one of the data fields, or none for a tensor without data. */
export interface TensorSpec {
  readonly name?: string;
  /** A type, or any code, known or not. Default f32. */
  readonly dtype?: DType | number;
  readonly shape: readonly (number | bigint)[];
  /** raw_data: little-endian elements. */
  readonly raw?: Uint8Array;
  /** float_data, double_data, int32_data, int64_data, uint64_data. */
  readonly floats?: readonly number[];
  readonly doubles?: readonly number[];
  readonly int32s?: readonly number[];
  readonly int64s?: readonly (number | bigint)[];
  readonly uint64s?: readonly (number | bigint)[];
  readonly strings?: readonly string[];
  /** The typed fields and dims as one packed run (default) or element by element. */
  readonly packed?: boolean;
  /** external_data entries, as they stand; sets data_location. */
  readonly external?: Readonly<Record<string, string | number>>;
  /** Wire bytes put behind the rest of the message. */
  readonly more?: Uint8Array;
}

/** Stored values at positions of a tensor whose rest is zero; the name stands in `values`. */
export interface SparseSpec {
  readonly values: TensorSpec;
  readonly indices: TensorSpec;
  readonly shape: readonly number[];
}

/** A bare number is an int, a bare list ints, a bare text a string. */
export type AttributeSpec =
  | number
  | string
  | readonly number[]
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly floats: readonly number[]; readonly packed?: boolean }
  | { readonly ints: readonly (number | bigint)[]; readonly packed?: boolean }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorSpec }
  | { readonly sparse: SparseSpec }
  | { readonly graph: GraphSpec }
  | { readonly graphs: readonly GraphSpec[] }
  | { readonly reference: string; readonly type?: number };

export interface NodeSpec {
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** Default type f32; a missing shape is unknown, a text a symbol, null an unnamed dimension. */
export interface ValueSpec {
  readonly name: string;
  readonly dtype?: DType;
  readonly shape?: readonly (number | string | null)[];
}

export interface GraphSpec {
  readonly name?: string;
  readonly nodes?: readonly NodeSpec[];
  readonly initializers?: readonly TensorSpec[];
  readonly sparse?: readonly SparseSpec[];
  readonly inputs?: readonly ValueSpec[];
  readonly outputs?: readonly ValueSpec[];
  readonly values?: readonly ValueSpec[];
}

export interface FunctionSpec {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeSpec>>;
  readonly nodes?: readonly NodeSpec[];
}

export interface ModelSpec extends GraphSpec {
  readonly functions?: readonly FunctionSpec[];
  /** Version of ai.onnx (default 17), or every domain's. */
  readonly opset?: number | Readonly<Record<string, number>>;
  readonly ir?: number;
  readonly producer?: readonly [name: string, version: string];
  readonly metadata?: Readonly<Record<string, string>>;
}

const codeOf = new Map([...dtypeOfCode].map(([code, dtype]) => [dtype, code]));

/** The bytes of an ONNX file, fields in the order that protobuf libraries write them. */
export function onnxModel(spec: ModelSpec): pb.Bytes {
  const opset = typeof spec.opset === 'object' ? spec.opset : { '': spec.opset ?? 17 };
  const [producer, version] = spec.producer ?? ['fixture', '1'];
  return pb.concat(
    pb.int(1, spec.ir ?? 8),
    pb.text(2, producer),
    pb.text(3, version),
    pb.bytes(7, graphBytes(spec)),
    ...Object.entries(opset).map(([domain, v]) => pb.bytes(8, pb.concat(pb.text(1, domain), pb.int(2, v)))),
    ...entries(14, spec.metadata ?? {}),
    ...(spec.functions ?? []).map((f) => pb.bytes(25, functionBytes(f))),
  );
}

/** A GraphProto. */
export function graphBytes(spec: GraphSpec): pb.Bytes {
  return pb.concat(
    ...(spec.nodes ?? []).map((n) => pb.bytes(1, nodeBytes(n))),
    pb.text(2, spec.name ?? 'main'),
    ...(spec.initializers ?? []).map((t) => pb.bytes(5, tensorBytes(t))),
    ...(spec.inputs ?? []).map((v) => pb.bytes(11, valueBytes(v))),
    ...(spec.outputs ?? []).map((v) => pb.bytes(12, valueBytes(v))),
    ...(spec.values ?? []).map((v) => pb.bytes(13, valueBytes(v))),
    ...(spec.sparse ?? []).map((s) => pb.bytes(15, sparseBytes(s))),
  );
}

/** A TensorProto. */
export function tensorBytes(spec: TensorSpec): pb.Bytes {
  const packed = spec.packed ?? true;
  const list = (field: number, values: readonly (number | bigint)[] | undefined) =>
    values === undefined
      ? []
      : packed
        ? [pb.bytes(field, pb.varints(values))]
        : values.map((v) => pb.int(field, v));
  const code = typeof spec.dtype === 'number' ? spec.dtype : codeOf.get(spec.dtype ?? 'f32');
  return pb.concat(
    ...list(1, spec.shape.length > 0 ? spec.shape : undefined),
    pb.int(2, code ?? 0),
    ...(spec.floats === undefined
      ? []
      : packed
        ? [pb.bytes(4, pb.floats32(spec.floats))]
        : spec.floats.map((v) => pb.float(4, v))),
    ...list(5, spec.int32s),
    ...(spec.strings ?? []).map((s) => pb.text(6, s)),
    ...list(7, spec.int64s),
    ...(spec.name === undefined ? [] : [pb.text(8, spec.name)]),
    ...(spec.raw === undefined ? [] : [pb.bytes(9, spec.raw)]),
    ...(spec.doubles === undefined
      ? []
      : packed
        ? [pb.bytes(10, pb.floats64(spec.doubles))]
        : spec.doubles.map((v) => pb.double(10, v))),
    ...list(11, spec.uint64s),
    ...(spec.external === undefined ? [] : [...entries(13, spec.external), pb.int(14, 1)]),
    spec.more ?? new Uint8Array(0),
  );
}

function sparseBytes(spec: SparseSpec): pb.Bytes {
  return pb.concat(
    pb.bytes(1, tensorBytes(spec.values)),
    pb.bytes(2, tensorBytes(spec.indices)),
    pb.bytes(3, pb.varints(spec.shape)),
  );
}

/** A NodeProto. */
export function nodeBytes(spec: NodeSpec): pb.Bytes {
  return pb.concat(
    ...(spec.inputs ?? []).map((name) => pb.text(1, name)),
    ...(spec.outputs ?? []).map((name) => pb.text(2, name)),
    ...(spec.name === undefined ? [] : [pb.text(3, spec.name)]),
    pb.text(4, spec.op),
    ...Object.entries(spec.attributes ?? {}).map(([name, a]) => pb.bytes(5, attributeBytes(name, a))),
    ...(spec.domain === undefined ? [] : [pb.text(7, spec.domain)]),
    ...(spec.overload === undefined ? [] : [pb.text(8, spec.overload)]),
  );
}

function attributeBytes(name: string, spec: AttributeSpec): pb.Bytes {
  const [type, ...value] = attributeValue(spec);
  return pb.concat(pb.text(1, name), ...value, pb.int(20, type));
}

function attributeValue(spec: AttributeSpec): [type: number, ...pb.Bytes[]] {
  if (typeof spec === 'number') return [2, pb.int(3, spec)];
  if (typeof spec === 'string') return [3, pb.text(4, spec)];
  if (isList(spec)) return [7, ...spec.map((v) => pb.int(8, v))];
  if ('int' in spec) return [2, pb.int(3, spec.int)];
  if ('float' in spec) return [1, pb.float(2, spec.float)];
  if ('floats' in spec) {
    const packed = spec.packed === true;
    return [
      6,
      ...(packed ? [pb.bytes(7, pb.floats32(spec.floats))] : spec.floats.map((v) => pb.float(7, v))),
    ];
  }
  if ('ints' in spec) {
    const packed = spec.packed === true;
    return [7, ...(packed ? [pb.bytes(8, pb.varints(spec.ints))] : spec.ints.map((v) => pb.int(8, v)))];
  }
  if ('strings' in spec) return [8, ...spec.strings.map((s) => pb.text(9, s))];
  if ('tensor' in spec) return [4, pb.bytes(5, tensorBytes(spec.tensor))];
  if ('sparse' in spec) return [11, pb.bytes(22, sparseBytes(spec.sparse))];
  if ('graph' in spec) return [5, pb.bytes(6, graphBytes(spec.graph))];
  if ('graphs' in spec) return [10, ...spec.graphs.map((g) => pb.bytes(11, graphBytes(g)))];
  return [spec.type ?? 2, pb.text(21, spec.reference)];
}

const isList = (spec: AttributeSpec): spec is readonly number[] => Array.isArray(spec);

function functionBytes(spec: FunctionSpec): pb.Bytes {
  return pb.concat(
    pb.text(1, spec.name),
    ...(spec.inputs ?? []).map((name) => pb.text(4, name)),
    ...(spec.outputs ?? []).map((name) => pb.text(5, name)),
    ...(spec.attributes ?? []).map((name) => pb.text(6, name)),
    ...(spec.nodes ?? []).map((n) => pb.bytes(7, nodeBytes(n))),
    pb.text(10, spec.domain),
    ...Object.entries(spec.defaults ?? {}).map(([name, a]) => pb.bytes(11, attributeBytes(name, a))),
    ...(spec.overload === undefined ? [] : [pb.text(13, spec.overload)]),
  );
}

function valueBytes(spec: ValueSpec): pb.Bytes {
  const dims = spec.shape?.map((d) =>
    pb.bytes(1, typeof d === 'number' ? pb.int(1, d) : d === null ? new Uint8Array(0) : pb.text(2, d)),
  );
  const tensor = pb.concat(
    pb.int(1, codeOf.get(spec.dtype ?? 'f32') ?? 0),
    ...(dims === undefined ? [] : [pb.bytes(2, pb.concat(...dims))]),
  );
  return pb.concat(pb.text(1, spec.name), pb.bytes(2, pb.bytes(1, tensor)));
}

const entries = (field: number, map: Readonly<Record<string, string | number>>): pb.Bytes[] =>
  Object.entries(map).map(([k, v]) => pb.bytes(field, pb.concat(pb.text(1, k), pb.text(2, String(v)))));

/** A float32 tensor whose element i is fill(i), stored as raw_data. */
export function f32(
  name: string,
  shape: readonly number[],
  fill: (i: number) => number = () => 0,
): TensorSpec {
  const count = shape.reduce((n, d) => n * d, 1);
  return { name, shape, raw: pb.floats32(Array.from({ length: count }, (_, i) => fill(i))) };
}

/** An int64 tensor, as shapes and axes are stored. */
export function i64(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): TensorSpec {
  return { name, dtype: 'i64', shape, int64s: values };
}

export interface Counted {
  readonly source: ByteSource;
  /** Bytes and calls so far, siblings included. */
  readonly counts: { bytes: number; reads: number };
}

/** A source that counts what is read of it. */
export function countingSource(source: ByteSource, counts = { bytes: 0, reads: 0 }): Counted {
  const counting: ByteSource = {
    ref: source.ref,
    name: source.name,
    size: source.size,
    async read(offset, into, signal) {
      counts.bytes += into.length;
      counts.reads += 1;
      await source.read(offset, into, signal);
    },
    sibling: async (name) => countingSource(await source.sibling(name), counts).source,
    close: () => source.close(),
  };
  return { source: counting, counts };
}

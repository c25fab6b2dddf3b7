import proto, { type onnx } from 'onnx-proto';

/** What stands in a decoded message where a 64-bit integer is: a number in bundles, a Long where that package is found. */
export type Integer = number | { toNumber(): number } | null | undefined;

/** The double nearest to a decoded integer. */
export function integer(value: Integer): number {
  if (value === null || value === undefined) return 0;
  return typeof value === 'number' ? value : value.toNumber();
}

/** A graph whose parts come one by one, each decoded when it is asked for: the whole decoded tree takes ten times its bytes. */
export interface GraphParts {
  readonly name: string;
  readonly nodes: Iterable<onnx.INodeProto>;
  readonly initializers: Iterable<onnx.ITensorProto>;
  readonly sparse: Iterable<onnx.ISparseTensorProto>;
  readonly inputs: Iterable<onnx.IValueInfoProto>;
  readonly outputs: Iterable<onnx.IValueInfoProto>;
  readonly values: Iterable<onnx.IValueInfoProto>;
}

export interface ModelParts {
  /** Everything but the graph and the functions. */
  readonly head: onnx.IModelProto;
  readonly graph: GraphParts | null;
  readonly functions: Iterable<onnx.IFunctionProto>;
}

/** The parts of a graph that a node's attribute holds; it was decoded with the node. */
export const partsOf = (graph: onnx.IGraphProto): GraphParts => ({
  name: graph.name ?? '',
  nodes: graph.node ?? [],
  initializers: graph.initializer ?? [],
  sparse: graph.sparseInitializer ?? [],
  inputs: graph.input ?? [],
  outputs: graph.output ?? [],
  values: graph.valueInfo ?? [],
});

/** Decodes what the walker wrote. Every message in it is complete and within its parent. */
export function decodeModel(skeleton: Uint8Array): ModelParts {
  const model = split(skeleton, new Set([7, 25]));
  // Of a field that should come once the last counts.
  const graph = model.parts.get(7)?.at(-1);
  return {
    head: proto.onnx.ModelProto.decode(model.rest),
    graph: graph === undefined ? null : decodeGraph(graph),
    functions: decoded(model.parts.get(25), (bytes) => proto.onnx.FunctionProto.decode(bytes)),
  };
}

function decodeGraph(bytes: Uint8Array): GraphParts {
  const { rest, parts } = split(bytes, new Set([1, 5, 11, 12, 13, 15]));
  const values = (field: number) =>
    decoded(parts.get(field), (value) => proto.onnx.ValueInfoProto.decode(value));
  return {
    name: proto.onnx.GraphProto.decode(rest).name,
    nodes: decoded(parts.get(1), (node) => proto.onnx.NodeProto.decode(node)),
    initializers: decoded(parts.get(5), (tensor) => proto.onnx.TensorProto.decode(tensor)),
    sparse: decoded(parts.get(15), (tensor) => proto.onnx.SparseTensorProto.decode(tensor)),
    inputs: values(11),
    outputs: values(12),
    values: values(13),
  };
}

function* decoded<T>(
  parts: readonly Uint8Array[] | undefined,
  decode: (bytes: Uint8Array) => T,
): Generator<T> {
  for (const part of parts ?? []) yield decode(part);
}

/** Messages of the named fields one by one, and all other fields as one message of the same kind. */
function split(
  bytes: Uint8Array,
  fields: ReadonlySet<number>,
): { readonly rest: Uint8Array; readonly parts: Map<number, Uint8Array[]> } {
  const parts = new Map<number, Uint8Array[]>();
  const rest: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let unit = 1;
    for (;;) {
      const b = bytes[at] ?? 0;
      at += 1;
      value += (b & 127) * unit;
      if (b < 128) return value;
      unit *= 128;
    }
  };
  while (at < bytes.length) {
    const from = at;
    const tag = varint();
    const field = Math.floor(tag / 8);
    const length = tag % 8 === 2 ? varint() : tag % 8 === 5 ? 4 : 0;
    if (tag % 8 === 0) varint();
    const start = at;
    at += length;
    if (!fields.has(field)) rest.push(bytes.subarray(from, at));
    else {
      const list = parts.get(field) ?? [];
      list.push(bytes.subarray(start, at));
      parts.set(field, list);
    }
  }
  return { rest: joined(rest), parts };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

export type { onnx } from 'onnx-proto';

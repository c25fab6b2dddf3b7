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

/** A local function, and the attributes that have defaults: onnx-proto is older than these. */
export interface FunctionParts {
  readonly head: onnx.IFunctionProto;
  readonly defaults: Iterable<onnx.IAttributeProto>;
}

export interface ModelParts {
  /** Everything but the graph and the functions. */
  readonly head: onnx.IModelProto;
  readonly graph: GraphParts | null;
  readonly functions: Iterable<FunctionParts>;
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
  const model = split(skeleton, 0, skeleton.length, new Set([7, 25]));
  const graphs = model.places.get(7) ?? [];
  // Of a field that should come once the last counts.
  const [start, end] = graphs.slice(-2);
  return {
    head: proto.onnx.ModelProto.decode(model.rest),
    graph: start === undefined || end === undefined ? null : decodeGraph(skeleton, start, end),
    functions: decoded(skeleton, model.places.get(25), decodeFunction),
  };
}

function decodeFunction(bytes: Uint8Array): FunctionParts {
  const { rest, places } = split(bytes, 0, bytes.length, new Set([11]));
  return {
    head: proto.onnx.FunctionProto.decode(rest),
    defaults: decoded(bytes, places.get(11), (part) => proto.onnx.AttributeProto.decode(part)),
  };
}

function decodeGraph(bytes: Uint8Array, start: number, end: number): GraphParts {
  const { rest, places } = split(bytes, start, end, new Set([1, 5, 11, 12, 13, 15]));
  const values = (field: number) =>
    decoded(bytes, places.get(field), (value) => proto.onnx.ValueInfoProto.decode(value));
  return {
    name: proto.onnx.GraphProto.decode(rest).name,
    nodes: decoded(bytes, places.get(1), (node) => proto.onnx.NodeProto.decode(node)),
    initializers: decoded(bytes, places.get(5), (tensor) => proto.onnx.TensorProto.decode(tensor)),
    sparse: decoded(bytes, places.get(15), (tensor) => proto.onnx.SparseTensorProto.decode(tensor)),
    inputs: values(11),
    outputs: values(12),
    values: values(13),
  };
}

/** Decodes the messages at `places`, each when it is asked for. */
function* decoded<T>(
  bytes: Uint8Array,
  places: readonly number[] | undefined,
  decode: (bytes: Uint8Array) => T,
): Generator<T> {
  const list = places ?? [];
  for (let i = 0; i < list.length; i += 2) yield decode(bytes.subarray(list[i], list[i + 1]));
}

interface Split {
  /** Start and end of each message of the wanted fields, one after the other. */
  readonly places: Map<number, number[]>;
  /** All other fields, as one message of the same kind. */
  readonly rest: Uint8Array;
}

function split(bytes: Uint8Array, start: number, end: number, wanted: ReadonlySet<number>): Split {
  const places = new Map<number, number[]>([...wanted].map((field) => [field, []]));
  const rest: Uint8Array[] = [];
  let at = start;
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
  while (at < end) {
    const from = at;
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      const list = places.get(Math.floor(tag / 8));
      at += length;
      if (list !== undefined) {
        list.push(at - length, at);
        continue;
      }
    }
    rest.push(bytes.subarray(from, at));
  }
  return { places, rest: joined(rest) };
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

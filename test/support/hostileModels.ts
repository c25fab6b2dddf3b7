import { onnxModel, tensorBytes } from './onnxFixture.ts';
import * as pb from './protobuf.ts';

/** A file made to hurt a reader, and the error or problem that answers it. */
export interface Hostile {
  readonly name: string;
  readonly code: string;
  /** Whether the model is refused, or read with a problem told. */
  readonly as: 'error' | 'problem';
  /** Whether the answer names a byte. */
  readonly offset: boolean;
  make(): Uint8Array;
}

const model = (graph: Uint8Array, ...more: readonly Uint8Array[]): pb.Bytes =>
  pb.concat(pb.int(1, 8), pb.text(2, 'x'), pb.bytes(7, graph), pb.bytes(8, pb.int(2, 17)), ...more);

/** n copies of a message, made in one piece. */
export function repeated(part: Uint8Array, n: number): pb.Bytes {
  const all = new Uint8Array(part.length * n);
  for (let i = 0; i < n; i += 1) all.set(part, i * part.length);
  return all;
}

const empty = new Uint8Array(0);

/** A graph in an attribute of a node of a graph, and so on. */
function nestedGraphs(depth: number): pb.Bytes {
  let graph: pb.Bytes = pb.text(2, 'innermost');
  for (let i = 0; i < depth; i += 1) graph = pb.bytes(1, pb.bytes(5, pb.bytes(6, graph)));
  return graph;
}

function nestedTypes(depth: number): pb.Bytes {
  let type: pb.Bytes = empty;
  for (let i = 0; i < depth; i += 1) type = pb.bytes(4, pb.bytes(1, type));
  return pb.bytes(11, pb.concat(pb.text(1, 'x'), pb.bytes(2, type)));
}

const refused = (name: string, code: string, make: () => Uint8Array): Hostile => ({
  name,
  code,
  as: 'error',
  offset: true,
  make,
});
const told = (name: string, code: string, make: () => Uint8Array): Hostile => ({
  name,
  code,
  as: 'problem',
  offset: true,
  make,
});

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const hostileModels: readonly Hostile[] = [
  refused('an empty file', 'file/empty', () => empty),
  refused('an HTML page', 'file/not-a-model', () =>
    bytesOf('\n<!DOCTYPE html><html><body>404</body></html>'),
  ),
  refused('a Git LFS pointer', 'file/not-a-model', () =>
    bytesOf('version https://git-lfs.github.com/spec/v1\n'),
  ),
  refused('one zero byte', 'file/not-a-model', () => new Uint8Array(1)),
  refused('a megabyte of zeros', 'file/not-a-model', () => new Uint8Array(1_000_000)),
  refused('a megabyte of ones', 'file/not-a-model', () => new Uint8Array(1_000_000).fill(255)),
  refused('10^6 empty initializers', 'limits/tensors', () => model(repeated(pb.bytes(5, empty), 1_000_000))),
  refused('10^6 empty nodes', 'limits/messages', () => model(repeated(pb.bytes(1, empty), 1_000_000))),
  refused('10^6 empty attributes in one node', 'limits/messages', () =>
    model(pb.bytes(1, repeated(pb.bytes(5, empty), 1_000_000))),
  ),
  refused('1,025 attributes in one node', 'limits/messages', () =>
    model(pb.bytes(1, repeated(pb.bytes(5, pb.text(1, 'a')), 1025))),
  ),
  refused('10^6 empty functions', 'limits/messages', () =>
    model(empty, repeated(pb.bytes(25, empty), 1_000_000)),
  ),
  refused('10^6 one-element runs of a tensor', 'limits/messages', () =>
    model(pb.bytes(5, repeated(pb.bytes(5, Uint8Array.of(1)), 1_000_000))),
  ),
  refused('5 * 10^6 inputs of one node', 'limits/messages', () =>
    model(pb.bytes(1, repeated(pb.bytes(1, empty), 5_000_000))),
  ),
  refused('5 * 10^6 numbers in attributes', 'limits/messages', () =>
    model(pb.bytes(1, repeated(pb.bytes(5, pb.bytes(8, new Uint8Array(1_000_000))), 5))),
  ),
  refused('70 MB of metadata', 'limits/structure', () =>
    model(empty, repeated(pb.bytes(14, pb.bytes(2, new Uint8Array(60_000))), 1_200)),
  ),
  refused('3,000 nested subgraphs', 'limits/depth', () => model(nestedGraphs(3000))),
  refused('22 nested subgraphs', 'limits/depth', () => model(nestedGraphs(22))),
  refused('a name of a megabyte', 'limits/strings', () => model(pb.bytes(2, new Uint8Array(1_000_000)))),
  refused('a tensor name of a megabyte', 'limits/strings', () =>
    model(pb.bytes(5, pb.bytes(8, new Uint8Array(1_000_000)))),
  ),
  refused('a graph longer than the file', 'file/truncated', () =>
    pb.concat(pb.int(1, 8), pb.text(2, 'x'), pb.claim(7, 1_000_000), new Uint8Array(10)),
  ),
  refused('a tensor longer than the file', 'file/truncated', () =>
    model(pb.bytes(5, pb.concat(pb.text(8, 'w'), pb.claim(9, 2 ** 40)))),
  ),
  refused('a length beyond 2^53', 'file/truncated', () =>
    model(pb.concat(Uint8Array.of(0x2a), pb.varint(2n ** 63n))),
  ),
  refused('a node that claims bytes of its neighbour', 'file/damaged', () =>
    model(pb.concat(pb.bytes(1, pb.claim(5, 3)), pb.bytes(1, pb.text(4, 'Relu')), empty)),
  ),
  refused('an attribute list that ends within a number', 'file/damaged', () =>
    model(pb.bytes(1, pb.bytes(5, pb.bytes(8, Uint8Array.of(1, 0x80))))),
  ),
  refused('an attribute list of endless numbers', 'file/damaged', () =>
    model(pb.bytes(1, pb.bytes(5, pb.bytes(8, new Uint8Array(20).fill(0x80))))),
  ),
  refused('a group, which protobuf gave up', 'file/damaged', () => model(Uint8Array.of(0x0b, 0x0c))),
  refused('a model without a graph', 'file/truncated', () => pb.concat(pb.int(1, 8), pb.text(2, 'x'))),
  told('dims whose product overflows 2^53', 'limits/shape-overflow', () =>
    onnxModel({ initializers: [{ name: 'w', shape: [2 ** 30, 2 ** 30], raw: new Uint8Array(4) }] }),
  ),
  told('dims that wrap to a small number in 64 bits', 'limits/shape-overflow', () =>
    onnxModel({ initializers: [{ name: 'w', shape: [2n ** 32n, 2n ** 32n, 4n], raw: new Uint8Array(16) }] }),
  ),
  told('4 bytes that claim 2^40 elements', 'onnx/data-size', () =>
    onnxModel({ initializers: [{ name: 'w', shape: [2 ** 20, 2 ** 20], raw: new Uint8Array(4) }] }),
  ),
  told('a petabyte of external data', 'onnx/external-data-missing', () =>
    onnxModel({ initializers: [{ name: 'w', shape: [2], external: { location: 'x', length: 1e15 } }] }),
  ),
  told('a tensor that claims bytes of its neighbour', 'onnx/tensor-damaged', () =>
    model(pb.concat(pb.bytes(5, pb.claim(9, 3)), pb.bytes(5, tensorBytes({ shape: [1], floats: [1] })))),
  ),
  told('types nested 1,000 deep, which are not needed', 'onnx/no-data', () =>
    model(pb.concat(nestedTypes(1000), pb.bytes(5, tensorBytes({ name: 'w', shape: [1] })))),
  ),
];

import { f32, i64, onnxModel, type GraphSpec, type ModelSpec } from './onnxFixture.ts';

const value = { name: 'x', shape: ['N', 3, 8, 8] } as const;
const constant = (output: string) => ({
  op: 'Constant',
  outputs: [output],
  attributes: { value: { tensor: f32('', [2, 2], (i) => i) } },
});
const body: GraphSpec = {
  name: 'body',
  nodes: [constant('c')],
  initializers: [f32('b', [3])],
  inputs: [value],
};

/** Small models, one for each way in which weights and structure are written: what mutants are made from. */
export const seedModels: Readonly<Record<string, ModelSpec>> = {
  conv: {
    nodes: [
      {
        op: 'Conv',
        name: 'conv1',
        inputs: ['x', 'w', 'b'],
        outputs: ['y'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: 1, auto_pad: 'NOTSET' },
      },
    ],
    initializers: [f32('w', [2, 3, 3, 3], (i) => i / 10), f32('b', [2])],
    inputs: [value],
    outputs: [{ name: 'y', shape: ['N', 2, 8, 8] }],
  },
  typed: {
    initializers: [
      { name: 'f', shape: [3], floats: [1, 2, 3] },
      { name: 'h', dtype: 'f16', shape: [2], int32s: [0x3c00, 0xc000] },
      i64('shape', [1, -1]),
      { name: 'd', dtype: 'f64', shape: [2], doubles: [1, 2] },
      { name: 'u', dtype: 'u64', shape: [2], uint64s: [1, 2 ** 40] },
    ],
  },
  unpacked: {
    initializers: [
      { name: 'f', shape: [3], floats: [1, 2, 3], packed: false },
      { name: 'i', dtype: 'i8', shape: [3], int32s: [1, -2, 3], packed: false },
    ],
  },
  severalRuns: { initializers: [{ ...i64('i', [1, 2], [4]), more: Uint8Array.of(58, 2, 3, 4) }] },
  narrow: {
    initializers: [
      { name: 'q', dtype: 'i4', shape: [5], raw: Uint8Array.of(1, 2, 3) },
      { name: 'p', dtype: 'u2', shape: [5], int32s: [1, 2] },
      { name: 'e', dtype: 'f8e4m3fn', shape: [2], raw: Uint8Array.of(1, 2) },
    ],
  },
  sparse: { sparse: [{ values: f32('s', [2]), indices: i64('', [0, 5, 1, 1], [2, 2]), shape: [2, 8] }] },
  constants: {
    nodes: [
      constant('t'),
      { op: 'Constant', outputs: ['f'], attributes: { value_floats: { floats: Array<number>(70).fill(1) } } },
      {
        op: 'Constant',
        outputs: ['i'],
        attributes: { value_ints: { ints: Array<number>(70).fill(1), packed: true } },
      },
      {
        op: 'Constant',
        outputs: ['s'],
        attributes: {
          sparse_value: { sparse: { values: f32('v', [1]), indices: i64('', [0]), shape: [4] } },
        },
      },
    ],
  },
  subgraphs: {
    nodes: [
      { op: 'If', attributes: { then_branch: { graph: body }, else_branch: { graph: body } } },
      {
        op: 'Loop',
        attributes: {
          body: { graph: { ...body, nodes: [{ op: 'If', attributes: { g: { graph: body } } }] } },
        },
      },
      { op: 'Scan', attributes: { bodies: { graphs: [body, body] } } },
    ],
  },
  functions: {
    nodes: [{ op: 'F', domain: 'mine', inputs: ['x'], outputs: ['y'] }],
    functions: [
      {
        name: 'F',
        domain: 'mine',
        inputs: ['a'],
        outputs: ['c'],
        attributes: ['axis'],
        nodes: [constant('c'), { op: 'Softmax', attributes: { axis: { reference: 'axis' } } }],
      },
    ],
    opset: { '': 17, mine: 1 },
  },
  external: {
    initializers: [
      { name: 'w', shape: [2, 2], external: { location: 'w.bin', offset: 0, length: 16 } },
      { name: 'v', shape: [2], external: { location: 'v.bin' } },
    ],
  },
  quantised: {
    nodes: [{ op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['w'], attributes: { axis: 0 } }],
    initializers: [
      { name: 'q', dtype: 'u8', shape: [2, 3], raw: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      f32('s', [2], () => 0.5),
      { name: 'z', dtype: 'u8', shape: [2], int32s: [128, 127] },
    ],
  },
  strange: {
    initializers: [
      { name: '', shape: [] },
      { name: 'empty', shape: [0] },
      { name: 'empty raw', shape: [0], raw: new Uint8Array(0) },
      { name: 'words', dtype: 8, shape: [1], strings: ['a'] },
      { name: 'code', dtype: 99, shape: [1], raw: Uint8Array.of(1) },
      { name: '__proto__', shape: [2n ** 60n] },
    ],
    inputs: [{ name: 'x' }],
    values: [{ name: 'v', dtype: 'bool', shape: [null, -1] }],
    metadata: { __proto__x: 'y', opset: 'z' },
  },
};

export const seedBytes = (): Map<string, Uint8Array> =>
  new Map(Object.entries(seedModels).map(([name, spec]) => [name, onnxModel(spec)]));

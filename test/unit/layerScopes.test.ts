import assert from 'node:assert/strict';
import test from 'node:test';
import type { Layer } from '../../analyzers/model/layer.ts';
import { layersIn } from '../support/layersIn.ts';
import { f32, i64 } from '../support/onnxFixture.ts';
import type { FunctionSpec, GraphSpec, ModelSpec, NodeSpec, TensorSpec } from '../support/onnxFixture.ts';

const x = { name: 'x', shape: [2, 3] };
const matmul = (a: string, w: string, y: string, name?: string): NodeSpec => ({
  op: 'MatMul',
  inputs: [a, w],
  outputs: [y],
  ...(name !== undefined && { name }),
});
const constant = (name: string, tensor: TensorSpec): NodeSpec => ({
  op: 'Constant',
  outputs: [name],
  attributes: { value: { tensor } },
});
const bool = (name: string, value: boolean): TensorSpec => ({
  name,
  dtype: 'bool',
  shape: [],
  raw: new Uint8Array([Number(value)]),
});
const facts = (layers: readonly Layer[]) => layers.map((l) => [l.name, l.usedBy.join(), l.macs]);
const shapeless = [{ name: 'y' }];

const twoLayers = (own: string): GraphSpec => ({
  nodes: [matmul('x', own, `h_${own}`), matmul(`h_${own}`, 'outer', 'y')],
  initializers: [f32(own, [3, 3])],
  outputs: shapeless,
});

test('weights of subgraphs are found in their own scope and in the graphs around it', async () => {
  const { layers } = await layersIn({
    inputs: [x, { name: 'c', dtype: 'bool', shape: [] }],
    initializers: [f32('outer', [3, 4])],
    nodes: [
      {
        op: 'If',
        name: 'choice',
        inputs: ['c'],
        outputs: ['y'],
        attributes: { then_branch: { graph: twoLayers('a') }, else_branch: { graph: twoLayers('b') } },
      },
    ],
  });
  // Both branches read `outer`; one inference runs one of them.
  assert.deepEqual(facts(layers), [
    ['a', 'MatMul_0', 18],
    ['outer', 'MatMul_1', 24],
    ['b', 'MatMul_0', 18],
  ]);
});

test('an inner name hides an outer one', async () => {
  const inner: GraphSpec = {
    nodes: [matmul('x', 'w', 'y')],
    initializers: [f32('w', [3, 7])],
    outputs: shapeless,
  };
  const { layers } = await layersIn({
    inputs: [x, { name: 'c', dtype: 'bool', shape: [] }],
    initializers: [f32('w', [3, 2])],
    nodes: [
      {
        op: 'If',
        inputs: ['c'],
        outputs: ['h'],
        attributes: { then_branch: { graph: inner }, else_branch: { graph: { outputs: [{ name: 'x' }] } } },
      },
      matmul('x', 'w', 'z'),
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.name, l.rows]),
    [
      ['w', 7],
      ['w (2)', 2],
    ],
  );
});

const oneLayer = (w: string): GraphSpec => ({ nodes: [matmul('x', w, 'y')], outputs: shapeless });

test('a branch that a known condition rules out multiplies nothing', async () => {
  const { layers } = await layersIn({
    inputs: [x],
    initializers: [bool('c', false), f32('a', [3, 3]), f32('b', [3, 3])],
    nodes: [
      {
        op: 'If',
        inputs: ['c'],
        outputs: ['y'],
        attributes: { then_branch: { graph: oneLayer('a') }, else_branch: { graph: oneLayer('b') } },
      },
    ],
  });
  assert.deepEqual(
    layers.map((l) => l.macs),
    [0, 18],
  );
});

test('a weight that both branches of an If hand out is followed, whatever the condition', async () => {
  const branch: GraphSpec = {
    nodes: [{ op: 'Identity', inputs: ['w'], outputs: ['v'] }],
    outputs: [{ name: 'v' }],
  };
  const spec: ModelSpec = {
    inputs: [x, { name: 'c', dtype: 'bool', shape: [] }],
    initializers: [f32('w', [3, 4])],
    nodes: [
      {
        op: 'If',
        inputs: ['c'],
        outputs: ['chosen'],
        attributes: { then_branch: { graph: branch }, else_branch: { graph: branch } },
      },
      matmul('x', 'chosen', 'y'),
    ],
  };
  assert.deepEqual(facts((await layersIn(spec)).layers), [['w', 'MatMul_1', 24]]);
});

/** Multiplies its state with a weight; `goesOn` is the condition that it gives. */
const loopBody = (goesOn: string): GraphSpec => ({
  inputs: [
    { name: 'i', dtype: 'i64', shape: [] },
    { name: 'c', dtype: 'bool', shape: [] },
    { name: 's', shape: [2, 3] },
  ],
  nodes: [matmul('s', 'w', 't'), { op: 'Identity', inputs: [goesOn], outputs: ['o'] }],
  outputs: [
    { name: 'o', dtype: 'bool', shape: [] },
    { name: 't', shape: [2, 3] },
  ],
});

const loop = (trips: string, goesOn: string, more: readonly TensorSpec[] = []): ModelSpec => ({
  inputs: [x, { name: 'n', dtype: 'i64', shape: [] }, { name: 'stop', dtype: 'bool', shape: [] }],
  initializers: [f32('w', [3, 3]), bool('yes', true), i64('five', [5], []), ...more],
  nodes: [
    {
      op: 'Loop',
      inputs: [trips, 'yes', 'x'],
      outputs: ['y'],
      attributes: { body: { graph: loopBody(goesOn) } },
    },
    matmul('y', 'w', 'z', 'after'),
  ],
});

test('a Loop counts its trips when their number is a constant and the body never ends early', async () => {
  const five = await layersIn(loop('five', 'c'));
  assert.deepEqual(
    five.layers.map((l) => l.macs),
    [18 * 5 + 18],
  );
  const some = await layersIn(loop('n', 'c'));
  assert.deepEqual(
    some.layers.map((l) => l.macs),
    [null],
  );
  const early = await layersIn(loop('five', 'stop'));
  assert.deepEqual(
    early.layers.map((l) => l.macs),
    [null],
  );
});

test('a Scan counts the places of the scanned axis', async () => {
  const body: GraphSpec = {
    inputs: [
      { name: 's', shape: [1, 3] },
      { name: 'e', shape: [1, 3] },
    ],
    nodes: [
      matmul('e', 'w', 'h'),
      { op: 'Add', inputs: ['s', 'h'], outputs: ['t'] },
      { op: 'Identity', inputs: ['t'], outputs: ['u'] },
    ],
    outputs: [{ name: 't' }, { name: 'u' }],
  };
  const { layers } = await layersIn({
    inputs: [
      { name: 'x', shape: [7, 1, 3] },
      { name: 'zero', shape: [1, 3] },
    ],
    initializers: [f32('w', [3, 3]), f32('last', [3, 2])],
    nodes: [
      {
        op: 'Scan',
        inputs: ['zero', 'x'],
        outputs: ['end', 'all'],
        attributes: { body: { graph: body }, num_scan_inputs: 1 },
      },
      matmul('all', 'last', 'y'),
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.name, l.macs]),
    [
      ['w', 9 * 7],
      ['last', 6 * 7],
    ],
  );
});

const local = (op: string, from: string, to: string): NodeSpec => ({
  op,
  domain: 'local',
  inputs: [from],
  outputs: [to],
});

const block: FunctionSpec = {
  name: 'Block',
  domain: 'local',
  inputs: ['a', 'weight'],
  outputs: ['out'],
  attributes: ['turned'],
  nodes: [
    constant('shift', f32('', [3, 3])),
    { op: 'Gemm', inputs: ['a', 'weight'], outputs: ['h'], attributes: { transB: { reference: 'turned' } } },
    matmul('h', 'shift', 'out'),
  ],
};

const callBlock = (name: string, a: string, w: string, y: string, turned?: number): NodeSpec => ({
  op: 'Block',
  domain: 'local',
  name,
  inputs: [a, w],
  outputs: [y],
  attributes: turned === undefined ? {} : { turned },
});

test('a function is read at each of its calls, with the values and attributes of the caller', async () => {
  const { layers } = await layersIn({
    opset: { '': 17, local: 1 },
    inputs: [x],
    initializers: [f32('first', [3, 3]), f32('second', [3, 3])],
    functions: [block],
    nodes: [callBlock('one', 'x', 'first', 'h', 1), callBlock('two', 'h', 'second', 'y')],
  });
  // The function's own constant is one stored tensor, used twice.
  assert.deepEqual(
    layers.map((l) => [l.weight.name, l.usedBy, l.macs, l.view.rowAxes, l.weight.place]),
    [
      ['first', ['one/Gemm_1'], 18, [0], 'initializer'],
      [layers[1]!.weight.name, ['one/MatMul_2', 'two/MatMul_2'], 36, [1], 'function'],
      ['second', ['two/Gemm_1'], 18, [1], 'initializer'],
    ],
  );
});

test('an attribute that a call leaves out has the default that its function declares', async () => {
  const { layers } = await layersIn({
    opset: { '': 17, local: 1 },
    inputs: [x],
    initializers: [f32('first', [3, 3]), f32('second', [3, 3])],
    functions: [{ ...block, attributes: [], defaults: { turned: 1 } }],
    nodes: [callBlock('one', 'x', 'first', 'h'), callBlock('two', 'h', 'second', 'y', 0)],
  });
  const rows = (name: string) => layers.find((layer) => layer.weight.name === name)?.view.rowAxes;
  assert.deepEqual([rows('first'), rows('second')], [[0], [1]]);
});

test('a function that calls itself, and calls that multiply without end, are cut off and told', async () => {
  const own: FunctionSpec = {
    name: 'Again',
    domain: 'local',
    inputs: ['a'],
    outputs: ['b'],
    nodes: [local('Again', 'a', 'b')],
  };
  const { problems } = await layersIn({
    opset: { '': 17, local: 1 },
    inputs: [x],
    functions: [own],
    nodes: [local('Again', 'x', 'y')],
  });
  assert.deepEqual(
    problems.map((p) => p.code),
    ['limits/calls'],
  );

  // Forty levels of a function that calls the next one twice: 2^40 nodes.
  const doubling = Array.from({ length: 40 }, (_, i): FunctionSpec => {
    const idle = Array.from({ length: 500 }, (_unused, k): NodeSpec => ({
      op: 'Idle',
      inputs: ['a'],
      outputs: [`i${k}`],
    }));
    const nodes = [...idle, local(`F${i + 1}`, 'a', 'b'), local(`F${i + 1}`, 'b', 'c')];
    return { name: `F${i}`, domain: 'local', inputs: ['a'], outputs: ['c'], nodes };
  });
  const many = await layersIn({
    opset: { '': 17, local: 1 },
    inputs: [x],
    functions: doubling,
    nodes: [local('F0', 'x', 'y')],
  });
  assert.deepEqual(
    many.problems.map((p) => p.code),
    ['limits/calls'],
  );
});

test('an argument that the caller leaves out is an input that is left out', async () => {
  const optional: FunctionSpec = {
    name: 'Maybe',
    domain: 'local',
    inputs: ['a', 'w', 'b'],
    outputs: ['y'],
    nodes: [{ op: 'Gemm', inputs: ['a', 'w', 'b'], outputs: ['y'] }],
  };
  const { layers, parameters } = await layersIn({
    opset: { '': 17, local: 1 },
    inputs: [x],
    initializers: [f32('w', [3, 4])],
    functions: [optional],
    nodes: [{ op: 'Maybe', domain: 'local', inputs: ['x', 'w'], outputs: ['y'] }],
  });
  assert.deepEqual([facts(layers), parameters], [[['w', 'Maybe_0/Gemm_0', 24]], 12]);
});

test('a tied weight is one layer with both nodes, of the kind of its first use', async () => {
  const { layers, parameters } = await layersIn({
    inputs: [{ name: 'ids', dtype: 'i64', shape: [1, 5] }],
    initializers: [f32('embed.weight', [10, 3])],
    nodes: [
      { op: 'Gather', name: 'look', inputs: ['embed.weight', 'ids'], outputs: ['h'] },
      { op: 'Transpose', inputs: ['embed.weight'], outputs: ['turned'] },
      matmul('h', 'turned', 'y', 'score'),
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.op, l.usedBy, l.rows, l.cols, l.macs]),
    [['embedding', ['look', 'score'], 10, 3, 150]],
  );
  assert.equal(parameters, 30);
});

test('layers come in the order of their first use, whatever the order of the initializers', async () => {
  const { layers } = await layersIn({
    inputs: [x],
    initializers: [f32('c', [3, 3]), f32('b', [3, 3]), f32('a', [3, 3])],
    nodes: [matmul('x', 'a', 'h'), matmul('h', 'b', 'i'), matmul('i', 'c', 'y')],
  });
  assert.deepEqual(
    layers.map((l) => [l.index, l.name, l.first]),
    [
      [0, 'a', true],
      [1, 'b', false],
      [2, 'c', false],
    ],
  );
});

test('the first layer reads the input through whatever has no weights', async () => {
  const { layers } = await layersIn({
    inputs: [{ name: 'x', shape: [1, 3, 8, 8] }],
    initializers: [f32('dead', [3, 3]), f32('mean', [1, 3, 1, 1]), f32('w', [4, 3, 3, 3])],
    nodes: [
      constant('c', f32('', [3, 3])),
      { op: 'Sub', inputs: ['x', 'mean'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'Conv', inputs: ['b', 'w'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(
    layers.map((l) => [l.name, l.first]),
    [['w', true]],
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { Graph } from '../../analyzers/model/graph.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { f32, i64, onnxModel, type AttributeSpec, type GraphSpec } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersOf, readBytes, readModel, tensorNamed } from '../support/readOnnx.ts';

const up = (i: number): number => i + 1;
const constant = (output: string, name: string, value: AttributeSpec) => ({
  op: 'Constant',
  outputs: [output],
  attributes: { [name]: value },
});

function onlyGraph(model: Model, node: number, attribute: string): Graph {
  const found = model.graph?.nodes[node]?.attributes.get(attribute);
  assert.ok(found?.kind === 'graphs');
  const [graph] = found.graphs;
  assert.ok(graph !== undefined && found.graphs.length === 1);
  return graph;
}

test('an initializer is listed with its name, shape and place in the file', async () => {
  const model = await readModel({ initializers: [f32('w', [2, 3], up)] });
  const w = tensorNamed(model, 'w');
  assert.deepEqual([w.dtype, w.shape, w.place], ['f32', [2, 3], 'initializer']);
  assert.deepEqual(model.graph?.initializers, new Map([['w', 0]]));
  assert.deepEqual(await numbersOf(model, w), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(model.problems, []);
});

test('every way to write a Constant makes a tensor named after its output', async () => {
  const long = Array.from({ length: 100 }, (_, i) => i - 50);
  const model = await readModel({
    nodes: [
      constant('t', 'value', { tensor: f32('inner name', [2], up) }),
      constant('f', 'value_float', { float: 0.5 }),
      constant('i', 'value_int', 7),
      constant('fs', 'value_floats', { floats: [1, 2] }),
      constant('is', 'value_ints', [1, 2, 3]),
      constant('long', 'value_ints', long),
      constant('packed', 'value_ints', { ints: long, packed: true }),
      constant('floats', 'value_floats', { floats: long }),
      constant('packed floats', 'value_floats', { floats: long, packed: true }),
    ],
  });
  const expected: Record<string, readonly number[]> = {
    t: [1, 2],
    f: [0.5],
    i: [7],
    fs: [1, 2],
    is: [1, 2, 3],
    long,
    packed: long,
    floats: long,
    'packed floats': long,
  };
  assert.deepEqual(
    model.tensors.map((t) => t.name),
    Object.keys(expected),
  );
  for (const tensor of model.tensors) {
    assert.equal(tensor.place, 'constant');
    assert.deepEqual(await numbersOf(model, tensor), expected[tensor.name], tensor.name);
  }
  assert.deepEqual(tensorNamed(model, 'f').shape, []);
  assert.deepEqual(tensorNamed(model, 'is').dtype, 'i64');
  assert.deepEqual(tensorNamed(model, 'packed').shape, [100]);
  for (const [i, node] of (model.graph?.nodes ?? []).entries()) {
    assert.deepEqual([...node.attributes.values()], [{ kind: 'tensor', tensor: i }]);
  }
});

test('a list of Constant that is longer than an attribute may be is still a tensor', async () => {
  const n = 300_000;
  const ints = Array.from({ length: n }, (_, i) => 1_000_000_000 + i);
  const model = await readModel({ nodes: [constant('c', 'value_ints', { ints, packed: true })] });
  const c = tensorNamed(model, 'c');
  assert.deepEqual([c.dtype, c.shape, c.data.kind], ['i64', [n], 'varint']);
  assert.equal((await numbersOf(model, c))[n - 1], 1_000_000_000 + n - 1);
});

const sparse = (name: string, indices: readonly number[], shape: readonly number[]) => ({
  values: f32(name, [2], up),
  indices: i64('', indices, shape),
  shape: [2, 3],
});

test('a sparse initializer has the declared shape, and its values stand where the positions say', async () => {
  const model = await readModel({
    sparse: [sparse('flat', [1, 5], [2]), sparse('pairs', [0, 1, 1, 2], [2, 2])],
  });
  for (const name of ['flat', 'pairs']) {
    const tensor = tensorNamed(model, name);
    assert.deepEqual([tensor.place, tensor.shape, tensor.data.kind], ['sparse', [2, 3], 'sparse']);
    assert.deepEqual(await numbersOf(model, tensor), [0, 1, 0, 0, 0, 2], name);
  }
  assert.deepEqual(
    model.graph?.initializers,
    new Map([
      ['flat', 0],
      ['pairs', 1],
    ]),
  );
});

test("a Constant's sparse value is a tensor of the constant", async () => {
  const value = { values: f32('v', [1], up), indices: i64('', [2]), shape: [4] };
  const model = await readModel({ nodes: [constant('c', 'sparse_value', { sparse: value })] });
  const c = tensorNamed(model, 'c');
  assert.deepEqual([c.place, c.shape], ['constant', [4]]);
  assert.deepEqual(await numbersOf(model, c), [0, 0, 1, 0]);
});

const body = (name: string): GraphSpec => ({
  name,
  nodes: [constant(`${name} constant`, 'value', { tensor: f32('', [3], up) })],
  initializers: [f32(`${name} initializer`, [2], up)],
});

test('tensors of the graphs in If, Loop and Scan are found, in graphs within graphs too', async () => {
  const deep: GraphSpec = {
    ...body('deep'),
    nodes: [{ op: 'If', attributes: { then_branch: { graph: body('deeper') } } }],
  };
  const model = await readModel({
    nodes: [
      { op: 'If', attributes: { then_branch: { graph: body('then') }, else_branch: { graph: deep } } },
      { op: 'Loop', attributes: { body: { graph: body('loop') } } },
      { op: 'Scan', attributes: { body: { graph: body('scan') }, num_scan_inputs: 1 } },
    ],
  });
  for (const name of ['then', 'deeper', 'loop', 'scan']) {
    assert.equal(tensorNamed(model, `${name} constant`).place, 'subgraphConstant');
    assert.equal(tensorNamed(model, `${name} initializer`).place, 'subgraphInitializer');
  }
  assert.deepEqual([...onlyGraph(model, 1, 'body').initializers.keys()], ['loop initializer']);
  const elseBranch = onlyGraph(model, 0, 'else_branch');
  assert.equal(elseBranch.nodes[0]?.op, 'If');
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'deeper constant')), [1, 2, 3]);
});

test('a list of graphs in one attribute is kept in order', async () => {
  const model = await readModel({
    nodes: [{ op: 'Many', domain: 'x', attributes: { bodies: { graphs: [body('a'), body('b')] } } }],
  });
  const bodies = model.graph?.nodes[0]?.attributes.get('bodies');
  assert.ok(bodies?.kind === 'graphs');
  assert.deepEqual(
    bodies.graphs.map((g) => g.name),
    ['a', 'b'],
  );
});

test('a function keeps its parameters, references and tensors', async () => {
  const model = await readModel({
    functions: [
      {
        name: 'F',
        domain: 'mine',
        inputs: ['x'],
        outputs: ['y'],
        attributes: ['axis'],
        nodes: [
          constant('w', 'value', { tensor: f32('', [2], up) }),
          constant('axis_value', 'value_int', { reference: 'axis' }),
          { op: 'If', attributes: { then_branch: { graph: body('inside') } } },
        ],
      },
    ],
  });
  const [f] = model.functions;
  assert.deepEqual(
    [f?.name, f?.domain, f?.inputs, f?.outputs, f?.attributes],
    ['F', 'mine', ['x'], ['y'], ['axis']],
  );
  assert.deepEqual(f?.nodes[1]?.attributes.get('value_int'), { kind: 'reference', name: 'axis' });
  assert.deepEqual(
    model.tensors.map((t) => [t.name, t.place]),
    [
      ['w', 'function'],
      ['inside initializer', 'function'],
      ['inside constant', 'function'],
    ],
  );
});

test('functions of one name are told apart by their overload, in the nodes that call them too', async () => {
  const model = await readModel({
    nodes: [
      { op: 'F', domain: 'mine', overload: 'b' },
      { op: 'F', domain: 'mine' },
    ],
    functions: [
      { name: 'F', domain: 'mine' },
      { name: 'F', domain: 'mine', overload: 'b' },
    ],
  });
  assert.deepEqual(
    model.functions.map((f) => f.name),
    ['F', 'F:b'],
  );
  assert.deepEqual(
    model.graph?.nodes.map((n) => n.op),
    ['F:b', 'F'],
  );
});

test('a tensor in an attribute of another operator is a value, not a stored weight', async () => {
  const model = await readModel({
    nodes: [{ op: 'ConstantOfShape', attributes: { value: { tensor: f32('fill', [1], () => 9) } } }],
  });
  assert.deepEqual(model.tensors, []);
  const value = model.graph?.nodes[0]?.attributes.get('value');
  assert.ok(value?.kind === 'value');
  assert.deepEqual(await numbersOf(model, value.value), [9]);
});

test('documentation is not taken for anything else', async () => {
  const graph = pb.bytes(1, pb.concat(pb.text(4, 'Relu'), pb.text(6, 'documentation')));
  const model = await readBytes(pb.concat(pb.int(1, 8), pb.bytes(7, graph)));
  assert.equal(model.graph?.nodes[0]?.op, 'Relu');
});

test('attributes of all kinds, shapes of values, opsets and metadata are decoded', async () => {
  const model = await readModel({
    nodes: [
      {
        op: 'Conv',
        name: 'conv',
        domain: 'ai.onnx',
        inputs: ['x', '', 'b'],
        outputs: ['y'],
        attributes: {
          i: { int: -3n },
          f: { float: 0.25 },
          s: 'größe',
          is: [1, -1],
          packed: { ints: [1, -1, 300], packed: true },
          fs: { floats: [1.5] },
          ss: { strings: ['a', 'b'] },
          none: [],
        },
      },
    ],
    inputs: [
      { name: 'x', shape: ['N', 3, null, 5] },
      { name: 'unshaped', dtype: 'i64' },
    ],
    outputs: [{ name: 'y', shape: [] }],
    values: [{ name: 'inner', dtype: 'f16', shape: [-1] }],
    opset: { '': 13, 'com.microsoft': 1 },
    ir: 7,
    producer: ['maker', '2'],
    metadata: { author: 'someone', opset: 'a key of ours', __proto__x: 'y' },
  });
  const graph = model.graph;
  const conv = graph?.nodes[0];
  assert.deepEqual([conv?.name, conv?.op, conv?.domain], ['conv', 'Conv', '']);
  assert.deepEqual(conv?.inputs, ['x', '', 'b']);
  assert.deepEqual(Object.fromEntries(conv?.attributes ?? []), {
    i: { kind: 'int', value: -3 },
    f: { kind: 'float', value: 0.25 },
    s: { kind: 'string', value: 'größe' },
    is: { kind: 'ints', values: [1, -1] },
    packed: { kind: 'ints', values: [1, -1, 300] },
    fs: { kind: 'floats', values: [1.5] },
    ss: { kind: 'strings', values: ['a', 'b'] },
    none: { kind: 'ints', values: [] },
  });
  assert.deepEqual(graph?.inputs, [
    { name: 'x', dtype: 'f32', shape: ['N', 3, null, 5] },
    { name: 'unshaped', dtype: 'i64', shape: null },
  ]);
  assert.deepEqual(graph?.outputs, [{ name: 'y', dtype: 'f32', shape: [] }]);
  assert.deepEqual(graph?.values, [{ name: 'inner', dtype: 'f16', shape: [null] }]);
  assert.deepEqual(Object.fromEntries(model.metadata), {
    opset: 'ai.onnx:13, com.microsoft:1',
    ir: '7',
    producer: 'maker 2',
    author: 'someone',
    __proto__x: 'y',
  });
});

test('a single opset of ai.onnx is a bare number, and a model without one says so', async () => {
  assert.equal((await readModel({ opset: 17 })).metadata.get('opset'), '17');
  const without = await readModel({ opset: {} });
  assert.equal(without.metadata.get('opset'), undefined);
  assert.deepEqual(
    without.problems.map((p) => p.code),
    ['onnx/no-opset'],
  );
});

test('names that mean something to JavaScript or to a terminal are only names', async () => {
  const names = ['__proto__', 'constructor', 'toString', '\u202egnp.exe', '\u001b[31mred', 'a\nb', '名前'];
  const model = await readModel({
    initializers: names.map((name) => f32(name, [1])),
    metadata: Object.fromEntries([['__proto__', 'polluted']]),
  });
  assert.deepEqual([...(model.graph?.initializers.keys() ?? [])], names);
  assert.deepEqual(
    model.tensors.map((t) => t.name),
    names,
  );
  assert.equal(model.metadata.get('__proto__'), 'polluted');
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('of two initializers of one name the first counts, and both are listed; without a name none is found', async () => {
  const model = await readModel({ initializers: [f32('w', [1]), f32('w', [2]), f32('', [3]), f32('', [4])] });
  assert.equal(model.tensors.length, 4);
  assert.deepEqual(model.graph?.initializers, new Map([['w', 0]]));
  assert.deepEqual(
    model.problems.map((p) => p.code),
    ['onnx/duplicate-name'],
  );
});

test('a file whose bytes are no valid text in a name is still read', async () => {
  const bytes = onnxModel({ initializers: [f32('wwww', [1])], nodes: [{ op: 'Relu', name: 'wwww' }] });
  for (let i = 0; i + 4 <= bytes.length; i += 1) {
    if (bytes.subarray(i, i + 4).every((b) => b === 119)) bytes.set([0xff, 0xc0, 0x80, 0xed], i);
  }
  const model = await readBytes(bytes);
  assert.equal(model.tensors.length, 1);
  assert.match(model.tensors[0]?.name ?? '', /\ufffd/);
  assert.match(model.graph?.nodes[0]?.name ?? '', /\ufffd/);
});

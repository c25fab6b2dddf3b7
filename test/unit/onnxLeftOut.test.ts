import assert from 'node:assert/strict';
import test from 'node:test';
import { limits } from '../../analyzers/bytes/limits.ts';
import { f32 } from '../support/onnxFixture.ts';
import { repeated } from '../support/hostileModels.ts';
import * as pb from '../support/protobuf.ts';
import { readBytes, readModel, tensorNamed } from '../support/readOnnx.ts';

/** A model whose one node has one attribute with these bytes. */
const withAttribute = (...parts: readonly Uint8Array[]): pb.Bytes =>
  pb.concat(
    pb.int(1, 8),
    pb.bytes(7, pb.bytes(1, pb.concat(pb.text(4, 'Any'), pb.bytes(5, pb.concat(...parts))))),
    pb.bytes(8, pb.int(2, 17)),
  );

const long = new Uint8Array(limits.attributeBytes + 4);
const lists: readonly (readonly [what: string, ...parts: Uint8Array[]])[] = [
  ['floats', pb.bytes(7, long), pb.int(20, 6)],
  ['floats one by one', repeated(pb.float(7, 1), 220_000), pb.int(20, 6)],
  ['ints', pb.bytes(8, long), pb.int(20, 7)],
  ['a text', pb.bytes(4, long), pb.int(20, 3)],
  ['texts', pb.bytes(9, long), pb.int(20, 8)],
  ['floats without a declared type', pb.bytes(7, long)],
];

for (const [what, ...parts] of lists) {
  test(`an attribute of more than a megabyte of ${what} is left out, and its node stays`, async () => {
    const model = await readBytes(withAttribute(pb.text(1, 'a'), ...parts));
    assert.equal(model.graph?.nodes[0]?.op, 'Any');
    assert.equal(model.graph.nodes[0].attributes.size, 0);
    assert.deepEqual(
      model.problems.map(({ code, severity }) => [code, severity]),
      [['onnx/attribute-left-out', 'note']],
    );
    assert.match(model.problems[0]?.message ?? '', /"a" of "Any"/);
  });
}

test('many attributes that are left out are one note, and texts of a Constant are none', async () => {
  const attribute = pb.bytes(5, pb.concat(pb.text(1, 'value_string'), pb.bytes(4, long), pb.int(20, 3)));
  const node = (op: string) => pb.bytes(1, pb.concat(pb.text(4, op), attribute));
  const read = (...ops: string[]) =>
    readBytes(pb.concat(pb.int(1, 8), pb.bytes(7, pb.concat(...ops.map(node))), pb.bytes(8, pb.int(2, 17))));
  const { problems } = await read('A', 'B', 'Constant');
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.message ?? '', /^2 attributes .* of "A"\./);
  assert.deepEqual((await read('Constant')).problems, []);
});

test('an attribute just within a megabyte is kept whole', async () => {
  const list = new Uint8Array(limits.attributeBytes - 64);
  const model = await readBytes(withAttribute(pb.text(1, 'a'), pb.bytes(8, list), pb.int(20, 7)));
  const a = model.graph?.nodes[0]?.attributes.get('a');
  assert.ok(a?.kind === 'ints' && a.values.length === list.length);
});

test('the graph in an attribute is kept however long it is', async () => {
  const graph = {
    name: 'body',
    initializers: [{ name: 'w', shape: [500_000], raw: new Uint8Array(2_000_000) }],
  };
  const model = await readModel({ nodes: [{ op: 'If', attributes: { then_branch: { graph } } }] });
  assert.equal(tensorNamed(model, 'w').place, 'subgraphInitializer');
  assert.equal(model.graph?.nodes[0]?.attributes.get('then_branch')?.kind, 'graphs');
});

test('a value of metadata beyond 64 KB is left out, its key stays', async () => {
  const model = await readModel({
    metadata: { long: 'x'.repeat(limits.metadataValue + 1), longest: 'y'.repeat(limits.metadataValue) },
  });
  assert.equal(model.metadata.get('long'), '');
  assert.equal(model.metadata.get('longest')?.length, limits.metadataValue);
});

test('fields that a newer writer adds are passed over, wherever they stand', async () => {
  const news = pb.concat(
    pb.int(900, 7),
    pb.bytes(901, new Uint8Array(100_000)),
    pb.float(902, 1),
    pb.double(903, 1),
    pb.text(904, 'news'),
  );
  const graph = pb.concat(
    news,
    pb.bytes(
      1,
      pb.concat(
        news,
        pb.text(4, 'Relu'),
        pb.bytes(5, pb.concat(pb.text(1, 'a'), news, pb.int(3, 1), pb.int(20, 2))),
      ),
    ),
    pb.bytes(
      5,
      pb.concat(
        news,
        pb.bytes(1, pb.varints([1])),
        pb.int(2, 1),
        pb.text(8, 'w'),
        pb.bytes(9, new Uint8Array(4)),
        news,
      ),
    ),
    pb.bytes(11, pb.concat(pb.text(1, 'x'), news)),
  );
  const model = await readBytes(
    pb.concat(pb.int(1, 8), news, pb.bytes(7, graph), news, pb.bytes(8, pb.concat(news, pb.int(2, 99)))),
  );
  assert.deepEqual(model.problems, []);
  assert.equal(model.metadata.get('opset'), '99');
  assert.deepEqual(model.graph?.nodes[0]?.attributes.get('a'), { kind: 'int', value: 1 });
  assert.equal(tensorNamed(model, 'w').data.kind, 'raw');
  assert.deepEqual(model.graph?.inputs, [{ name: 'x', dtype: null, shape: null }]);
});

test('a known field of another wire type is passed over as protobuf says', async () => {
  const graph = pb.concat(
    pb.int(1, 5),
    pb.int(2, 5),
    pb.int(5, 5),
    pb.float(11, 5),
    pb.bytes(1, pb.concat(pb.text(4, 'Relu'), pb.double(4, 1), pb.int(5, 1))),
    pb.bytes(
      5,
      pb.concat(pb.text(2, 'f'), pb.text(1, ''), pb.int(4, 1), pb.float(9, 1), pb.int(8, 3), pb.int(13, 1)),
    ),
  );
  const model = await readBytes(pb.concat(pb.int(1, 8), pb.text(8, ''), pb.bytes(7, graph), pb.int(7, 1)));
  assert.equal(model.graph?.nodes.length, 1);
  assert.equal(model.graph.nodes[0]?.op, 'Relu');
  assert.equal(model.tensors.length, 1);
});

const graphOf = (name: string) => pb.bytes(7, pb.concat(pb.text(2, name), pb.bytes(1, pb.text(4, name))));

test('of a graph written twice the last counts', async () => {
  const model = await readBytes(
    pb.concat(pb.int(1, 8), graphOf('A'), graphOf('B'), pb.bytes(8, pb.int(2, 17))),
  );
  assert.equal(model.graph?.name, 'B');
  assert.deepEqual(
    model.graph.nodes.map((n) => n.op),
    ['B'],
  );
});

test('files of the first versions, which do not declare the types of attributes, are read by what is there', async () => {
  const parts: readonly (readonly [Uint8Array, unknown])[] = [
    [pb.float(2, 0.5), { kind: 'float', value: 0.5 }],
    [pb.int(3, 3), { kind: 'int', value: 3 }],
    [pb.text(4, 's'), { kind: 'string', value: 's' }],
    [pb.bytes(7, pb.floats32([1])), { kind: 'floats', values: [1] }],
    [pb.int(8, 2), { kind: 'ints', values: [2] }],
    [pb.text(9, 't'), { kind: 'strings', values: ['t'] }],
  ];
  for (const [part, expected] of parts) {
    const model = await readBytes(withAttribute(pb.text(1, 'a'), part));
    assert.deepEqual(model.graph?.nodes[0]?.attributes.get('a'), expected);
  }
  const none = await readBytes(withAttribute(pb.text(1, 'a')));
  assert.equal(none.graph?.nodes[0]?.attributes.size, 0);
  const graph = await readBytes(withAttribute(pb.text(1, 'a'), pb.bytes(6, pb.text(2, 'g'))));
  assert.equal(graph.graph?.nodes[0]?.attributes.get('a')?.kind, 'graphs');
});

const attribute = (value: number) => pb.bytes(5, pb.concat(pb.text(1, 'a'), pb.int(3, value), pb.int(20, 2)));

test('of two attributes of one name the first counts', async () => {
  const node = pb.concat(pb.text(4, 'Any'), attribute(1), attribute(2));
  const model = await readBytes(pb.concat(pb.int(1, 8), pb.bytes(7, pb.bytes(1, node))));
  assert.deepEqual(model.graph?.nodes[0]?.attributes.get('a'), { kind: 'int', value: 1 });
});

test('a sparse tensor and a dense one of one name are told as two', async () => {
  const model = await readModel({
    initializers: [f32('w', [1])],
    sparse: [{ values: f32('w', [1]), indices: { dtype: 'i64', shape: [1], int64s: [0] }, shape: [2] }],
  });
  assert.equal(model.tensors.length, 2);
  assert.deepEqual(model.graph?.initializers, new Map([['w', 0]]));
  assert.deepEqual(
    model.problems.map((p) => p.code),
    ['onnx/duplicate-name'],
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import proto from 'onnx-proto';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { bothWays, placesIn } from '../support/exporting.ts';
import { seeded } from '../support/layerFixture.ts';
import {
  f32,
  graphBytes,
  nodeBytes,
  onnxModel,
  tensorBytes,
  type ModelSpec,
} from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersIn, wanted } from '../support/slim.ts';
import { chain, everyForm, recipeBy } from '../support/slimModels.ts';
import { constantProduct, halfBits, product, quantised } from '../support/writtenModels.ts';

const pruned = recipeBy({ '*': { prune: 'density=0.4' } });
const shared = recipeBy({ '*': { prune: 'density=0.4', share: '2' } });

const draw = seeded(11);
const reals = (count: number): number[] => Array.from({ length: count }, () => (draw() + draw() - 1) * 3);
const halves = (count: number): number[] => reals(count).map(halfBits);

/**
 * Exports and compresses; both give the same files, the container reads as the exported model does, that one holds
 * what was to be written, and a protobuf library reads it.
 */
async function checked(spec: ModelSpec | Uint8Array, recipe: Recipe) {
  const bytes = spec instanceof Uint8Array ? spec : onnxModel(spec);
  const both = await bothWays(bytes, recipe);
  assert.deepEqual(both.decompressed, both.exported);
  const own = both.exported.get('net.onnx')!;
  assert.ok(both.before.layers.length > 0 && both.before.layers.length === both.after.layers.length);
  for (const [i, layer] of both.before.layers.entries()) {
    const now = both.after.layers[i]!;
    const values = await numbersIn(now, both.after.sources);
    assert.deepEqual(await numbersIn(both.inside.layers[i]!, both.inside.sources), values, layer.name);
    const stored = await wanted(now, recipeBy({}), both.after.sources);
    assert.deepEqual(stored, await wanted(layer, recipe, both.before.sources), layer.name);
  }
  const decoded = proto.onnx.ModelProto.decode(own);
  return { ...both, bytes, own, decoded };
}

/** What is not weights stays byte for byte, and every extent where it was. */
async function sameElsewhere(spec: ModelSpec | Uint8Array, recipe: Recipe) {
  const both = await checked(spec, recipe);
  const { before, after, bytes, own } = both;
  assert.equal(own.length, bytes.length);
  const blank = (all: Uint8Array): Uint8Array => {
    const copy = all.slice();
    for (const { weight } of before.layers)
      for (const { offset, byteLength } of placesIn(weight)) copy.fill(0, offset, offset + byteLength);
    return copy;
  };
  assert.deepEqual(blank(own), blank(bytes));
  assert.notDeepEqual(own, bytes);
  assert.deepEqual(
    after.layers.map(({ weight }) => placesIn(weight)),
    before.layers.map(({ weight }) => placesIn(weight)),
  );
  assert.deepEqual(both.notes, []);
  return both;
}

test('weights in raw_data, float_data and beside each other are patched where they lie', async () => {
  await sameElsewhere(chain([12, 10, 8]), shared);
  await sameElsewhere(chain([12, 10, 8], 'floats'), shared);
  await sameElsewhere(everyForm.spec, everyForm.recipe);
  await sameElsewhere(
    product([5, 4], { initializers: [{ name: 'w', shape: [5, 4], floats: reals(20) }] }),
    shared,
  );
});

test('varints keep the length of their run: those that shrink leave room that the first ones take', async () => {
  for (const recipe of [pruned, shared])
    for (const packed of [true, false]) {
      const w = { name: 'w', dtype: 'f16', shape: [9, 8], int32s: halves(72), packed } as const;
      const { decoded, after } = await sameElsewhere(
        product([9, 8], { initializers: [w] }, { dtype: 'f16' }),
        recipe,
      );
      const numbers = decoded.graph!.initializer![0]!.int32Data!;
      assert.equal(numbers.length, 72);
      const values = await numbersIn(after.layers[0]!, after.sources);
      assert.deepEqual(numbers, values.map(halfBits));
      assert.ok(values.filter((value) => value === 0).length >= 43);
    }
});

test('negative integers stand as ten bytes, as protobuf wants, and padding never makes a varint longer', async () => {
  const values = Array.from({ length: 64 }, (_, i) => Math.round(reals(1)[0]! * 30) + (i % 5) - 2);
  for (const packed of [true, false]) {
    const { decoded, own, after } = await sameElsewhere(
      quantised([8, 8], 'i8', 0, { int32s: values, packed }),
      pruned,
    );
    const stored = decoded.graph!.initializer![0]!.int32Data!;
    assert.ok(stored.some((value) => value < 0) && stored.filter((value) => value === 0).length >= 38);
    const [place] = placesIn(after.layers[0]!.weight);
    const run = own.subarray(place!.offset, place!.offset + place!.byteLength);
    for (let at = 0, i = 0; at < run.length; i += 1) {
      at += packed ? 0 : 1;
      const from = at;
      while (run[at]! > 127) at += 1;
      at += 1;
      assert.ok(at - from <= 10);
      if (stored[i]! < 0) assert.deepEqual(run.subarray(from, at), pb.varint(stored[i]!));
    }
  }
});

test('numbers below a byte stand packed, a byte in each varint', async () => {
  const packedBytes = Array.from({ length: 20 }, (_, i) => (i * 73) % 256);
  for (const data of [
    { int32s: packedBytes },
    { int32s: packedBytes, packed: false },
    { raw: Uint8Array.from(packedBytes) },
  ])
    await sameElsewhere(quantised([5, 8], 'u4', 0, data), pruned);
});

test('where new numbers take more bytes the lengths around them are rewritten, and the output says so', async () => {
  // Pruned weights become the zero point, which is negative and takes ten bytes instead of one.
  for (const [rows, cols, packed] of [
    [2, 3, true],
    [2, 3, false],
    [4, 3, true],
    [16, 8, true],
    [16, 8, false],
    [60, 40, true],
  ] as const) {
    const values = Array.from({ length: rows * cols }, (_, i) => 1 + ((i * 37) % 100));
    const { own, bytes, decoded, notes } = await checked(
      quantised([rows, cols], 'i8', -3, { int32s: values, packed }),
      recipeBy({ '*': { prune: 'density=0.5' } }),
    );
    assert.match(
      notes.join(),
      /^q: its new numbers take [\d\s]+ bytes more as varints; the lengths around them are rewritten$/,
    );
    assert.ok(own.length > bytes.length);
    const stored = decoded.graph!.initializer![0]!.int32Data!;
    assert.equal(stored.filter((value) => value === -3).length, Math.floor((rows * cols) / 2));
    assert.equal(decoded.graph!.node!.length, 2);
  }
});

const ascending = (name: string) =>
  ({
    name,
    dtype: 'i8',
    shape: [6, 5],
    int32s: Array.from({ length: 30 }, (_, i) => 1 + ((i * 7) % 90)),
  }) as const;

test('only one length grows when the others have room, and several layers can grow at once', async () => {
  const names = ['a', 'b', 'c'];
  const spec: ModelSpec = {
    nodes: names.flatMap((name, i) => [
      { op: 'DequantizeLinear', inputs: [`${name}q`, 's', i === 1 ? 'up' : 'down'], outputs: [`${name}w`] },
      { op: 'MatMul', name, inputs: ['x', `${name}w`], outputs: [`${name}y`] },
    ]),
    initializers: [
      ...names.map((name) => ascending(`${name}q`)),
      f32('s', [], () => 0.5),
      { name: 'down', dtype: 'i8', shape: [], int32s: [-1] },
      { name: 'up', dtype: 'i8', shape: [], int32s: [1] },
      f32('kept', [3], (i) => i),
    ],
    inputs: [{ name: 'x', shape: [1, 6] }],
  };
  const { notes, decoded } = await checked(spec, pruned);
  assert.deepEqual(
    notes.map((note) => note.slice(0, 3)),
    ['aq:', 'cq:'],
  );
  assert.equal(decoded.graph!.initializer!.length, 7);
  assert.equal(decoded.graph!.initializer![6]!.name, 'kept');
});

test('a tensor that is written in several runs, and in a node of a node, is found in each', async () => {
  const numbers = halves(48);
  const more = pb.concat(
    pb.bytes(5, pb.varints(numbers.slice(0, 7))),
    pb.text(12, 'a note in between'),
    pb.bytes(5, pb.varints(numbers.slice(7, 8))),
    pb.bytes(5, new Uint8Array(0)),
    pb.bytes(5, pb.varints(numbers.slice(8))),
  );
  const w = { name: 'w', dtype: 'f16', shape: [8, 6], more } as const;
  await sameElsewhere(product([8, 6], { initializers: [w] }, { dtype: 'f16' }), shared);
  const raw = {
    name: 'w',
    shape: [4, 6],
    more: pb.concat(pb.bytes(4, pb.floats32(reals(10))), pb.bytes(4, pb.floats32(reals(14)))),
  };
  await sameElsewhere(product([4, 6], { initializers: [raw] }), shared);
  const body = {
    nodes: [
      { op: 'Constant', outputs: ['w'], attributes: { value: { tensor: w } } },
      { op: 'MatMul', name: 'fc', inputs: ['x', 'w'], outputs: ['y'] },
    ],
    outputs: [{ name: 'y' }],
  };
  const branches = {
    nodes: [
      {
        op: 'If',
        inputs: ['c'],
        outputs: ['z'],
        attributes: { then_branch: { graph: body }, else_branch: { graph: { nodes: [] } } },
      },
    ],
    inputs: [
      { name: 'x', dtype: 'f16', shape: [1, 8] },
      { name: 'c', dtype: 'bool', shape: [] },
    ],
  } as const;
  await sameElsewhere(branches, shared);
});

test('a run that grows deep in the branches of a node has every length around it rewritten', async () => {
  const tensor = {
    dtype: 'i8',
    shape: [9, 7],
    int32s: Array.from({ length: 63 }, (_, i) => i + 1),
  } as const;
  const body = {
    nodes: [
      { op: 'Constant', outputs: ['q'], attributes: { value: { tensor } } },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'zero'], outputs: ['w'] },
      { op: 'MatMul', name: 'fc', inputs: ['x', 'w'], outputs: ['y'] },
    ],
    outputs: [{ name: 'y' }],
  };
  const branch = (inner: typeof body) => ({
    op: 'If',
    inputs: ['c'],
    outputs: ['z'],
    attributes: { then_branch: { graph: inner }, else_branch: { graph: { nodes: [] } } },
  });
  const spec: ModelSpec = {
    nodes: [
      branch({ ...body, nodes: [branch(body)] as never }),
      { op: 'Relu', inputs: ['z'], outputs: ['end'] },
    ],
    initializers: [f32('s', [], () => 0.5), { name: 'zero', dtype: 'i8', shape: [], int32s: [-4] }],
    inputs: [
      { name: 'x', shape: [1, 9] },
      { name: 'c', dtype: 'bool', shape: [] },
    ],
    outputs: [{ name: 'end' }],
  };
  const { notes, decoded } = await checked(spec, pruned);
  assert.match(notes.join(), /lengths around them are rewritten$/);
  assert.deepEqual(
    decoded.graph!.node!.map(({ opType }) => opType),
    ['If', 'Relu'],
  );
  const [then] = decoded.graph!.node![0]!.attribute!;
  const inner = then!.g!.node![0]!.attribute![0]!.g!;
  assert.equal(inner.node!.length, 3);
  assert.equal(inner.node![0]!.attribute![0]!.t!.int32Data!.filter((value) => value === -4).length, 38);
});

test('lists in attributes are written element by element as they were', async () => {
  await sameElsewhere(constantProduct([12, 10], { value_floats: { floats: reals(120) } }), shared);
  await sameElsewhere(
    constantProduct([12, 10], { value_floats: { floats: reals(120), packed: true } }),
    shared,
  );
});

test('a short list in an attribute is carried as it is, and told', async () => {
  const spec = constantProduct([3, 2], { value_floats: { floats: reals(6) } });
  const { own, bytes, notes } = await checked(spec, recipeBy({}));
  assert.deepEqual(own, bytes);
  assert.match(notes.join(), /^flat is carried as it is: its numbers stand in an attribute$/);
});

test('values of a sparse tensor change, their positions stay', async () => {
  const indices = Array.from({ length: 20 }, (_, i) => 2 * i + (i % 2));
  const at = { dtype: 'i64', shape: [20], int64s: indices } as const;
  const coordinates = {
    dtype: 'i64',
    shape: [20, 2],
    int64s: indices.flatMap((i) => [Math.floor(i / 6), i % 6]),
  } as const;
  for (const positions of [at, coordinates])
    for (const values of [
      { name: 'w', shape: [20], floats: reals(20) },
      { name: 'w', shape: [20], raw: pb.floats32(reals(20)) },
      { name: 'w', dtype: 'f16', shape: [20], int32s: halves(20), packed: false },
      { name: 'w', dtype: 'f16', shape: [20], int32s: halves(20) },
    ] as const)
      for (const recipe of [pruned, shared]) {
        const sparse = [{ values, indices: positions, shape: [7, 6] }];
        const density = recipeBy({ '*': { ...recipe.layers[1], prune: 'density=0.2' } });
        const { after } = await sameElsewhere(product([7, 6], { sparse }), density);
        assert.equal(after.layers[0]!.weight.data.kind, 'sparse');
        const numbers = await numbersIn(after.layers[0]!, after.sources);
        assert.equal(numbers.filter((value) => value !== 0).length, 8);
      }
});

test('a sparse tensor whose positions do not ascend is carried as it is, and told', async () => {
  const values = { name: 'w', shape: [3], floats: [3, 4, 5] };
  const sparse = [
    { values, indices: { dtype: 'i64', shape: [3], int64s: [4, 1, 2] } as const, shape: [3, 2] },
  ];
  const { own, bytes, notes } = await checked(product([3, 2], { sparse }), recipeBy({}));
  assert.deepEqual(own, bytes);
  assert.match(notes.join(), /positions of its values do not ascend/);
});

test('whatever a newer writer adds stays as it is, in every message', async () => {
  const extra = pb.concat(pb.text(900, 'later'), pb.int(901, 7), pb.float(902, 1), pb.double(903, 2));
  const w = { name: 'w', dtype: 'f16', shape: [6, 5], int32s: halves(30), more: extra } as const;
  const node = { op: 'MatMul', name: 'fc', inputs: ['x', 'w'], outputs: ['y'] };
  const graph = pb.concat(
    extra,
    pb.bytes(1, pb.concat(nodeBytes(node), extra)),
    extra,
    pb.bytes(5, tensorBytes(w)),
    graphBytes({ inputs: [{ name: 'x', dtype: 'f16', shape: [1, 6] }] }),
    extra,
  );
  const bytes = pb.concat(pb.int(1, 8), extra, pb.bytes(7, graph), pb.bytes(8, pb.int(2, 17)), extra);
  await sameElsewhere(bytes, shared);
});

/** A field whose length takes four bytes. */
const long = (field: number, bytes: Uint8Array) => {
  const length = bytes.length;
  const size = [(length & 127) | 128, ((length >> 7) & 127) | 128, ((length >> 14) & 127) | 128, 0];
  return pb.concat(pb.varint(field * 8 + 2), Uint8Array.from(size), bytes);
};

test('lengths that are longer than they need be keep their size, with room to grow', async () => {
  const zero = tensorBytes({ name: 'zero', dtype: 'i8', shape: [], int32s: [-3] });
  const q = tensorBytes({
    name: 'q',
    dtype: 'i8',
    shape: [8, 5],
    more: long(5, pb.varints(Array.from({ length: 40 }, (_, i) => i + 1))),
  });
  const graph = pb.concat(
    pb.bytes(1, nodeBytes({ op: 'DequantizeLinear', inputs: ['q', 's', 'zero'], outputs: ['w'] })),
    pb.bytes(1, nodeBytes({ op: 'MatMul', name: 'fc', inputs: ['x', 'w'], outputs: ['y'] })),
    long(5, q),
    pb.bytes(5, zero),
    pb.bytes(5, tensorBytes(f32('s', [], () => 1))),
    graphBytes({ inputs: [{ name: 'x', shape: [1, 8] }] }),
  );
  const bytes = pb.concat(pb.int(1, 8), long(7, graph), pb.bytes(8, pb.int(2, 17)));
  const { own, before, after } = await checked(bytes, pruned);
  const [was, is] = [before, after].map(({ layers }) => placesIn(layers[0]!.weight)[0]!);
  assert.equal(is!.offset, was!.offset);
  assert.equal(own.length - bytes.length, is!.byteLength - was!.byteLength);
  assert.ok(own.length > bytes.length);
});

test('numbers that stand in an unusual way stay where nothing of a layer changes', async () => {
  // Over-long varints from the last one on, and a negative number of 32 bits in five bytes.
  const run = Uint8Array.of(1, 2, 0x83, 0x80, 0, 0xfb, 0xff, 0xff, 0xff, 0x0f, 5, 6);
  const spec = quantised([3, 2], 'i8', 0, { more: pb.bytes(5, run) });
  const { own, bytes, notes } = await checked(spec, recipeBy({}));
  assert.deepEqual(own, bytes);
  assert.deepEqual(notes, []);
  const changed = await checked(spec, pruned);
  assert.equal(changed.decoded.graph!.initializer![0]!.int32Data![3], -5);
});

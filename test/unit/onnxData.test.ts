import assert from 'node:assert/strict';
import test from 'node:test';
import { dtypeOfCode } from '../../analyzers/model/onnxTypes.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';
import { f32, i64, type TensorSpec } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersOf, readModel, tensorNamed } from '../support/readOnnx.ts';

/** The same numbers in raw_data and in the typed field of their type. */
interface Twin {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly raw: Uint8Array;
  readonly typed: Partial<TensorSpec>;
  readonly numbers: readonly number[];
}

const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);
const twins: readonly Twin[] = [
  {
    dtype: 'f32',
    shape: [2, 2],
    raw: pb.floats32([1, -0.5, 3e9, 0]),
    typed: { floats: [1, -0.5, 3e9, 0] },
    numbers: [1, -0.5, 3e9, 0],
  },
  {
    dtype: 'f64',
    shape: [3],
    raw: pb.floats64([0.1, -2, 1e300]),
    typed: { doubles: [0.1, -2, 1e300] },
    numbers: [0.1, -2, 1e300],
  },
  {
    dtype: 'f16',
    shape: [3],
    raw: u8(0, 0x3c, 0, 0xc0, 0, 0),
    typed: { int32s: [0x3c00, 0xc000, 0] },
    numbers: [1, -2, 0],
  },
  {
    dtype: 'bf16',
    shape: [2],
    raw: u8(0x80, 0x3f, 0, 0xc0),
    typed: { int32s: [0x3f80, 0xc000] },
    numbers: [1, -2],
  },
  {
    dtype: 'f8e4m3fn',
    shape: [3],
    raw: u8(0x38, 0xb8, 0),
    typed: { int32s: [0x38, 0xb8, 0] },
    numbers: [1, -1, 0],
  },
  { dtype: 'f8e4m3fnuz', shape: [2], raw: u8(0x40, 0xc0), typed: { int32s: [0x40, 0xc0] }, numbers: [1, -1] },
  { dtype: 'f8e5m2', shape: [2], raw: u8(0x3c, 0xbc), typed: { int32s: [0x3c, 0xbc] }, numbers: [1, -1] },
  { dtype: 'f8e5m2fnuz', shape: [2], raw: u8(0x40, 0xc0), typed: { int32s: [0x40, 0xc0] }, numbers: [1, -1] },
  { dtype: 'f8e8m0', shape: [2], raw: u8(127, 130), typed: { int32s: [127, 130] }, numbers: [1, 8] },
  // Two elements a byte, the low bits first; an odd count leaves the last high bits unused.
  { dtype: 'f4e2m1', shape: [3], raw: u8(0xa2, 0x07), typed: { int32s: [0xa2, 0x07] }, numbers: [1, -1, 6] },
  { dtype: 'i4', shape: [3], raw: u8(0xf1, 0x08), typed: { int32s: [0xf1, 0x08] }, numbers: [1, -1, -8] },
  { dtype: 'u4', shape: [3], raw: u8(0xf1, 0x08), typed: { int32s: [0xf1, 0x08] }, numbers: [1, 15, 8] },
  {
    dtype: 'i2',
    shape: [5],
    raw: u8(0b11_10_01_00, 1),
    typed: { int32s: [0b11_10_01_00, 1] },
    numbers: [0, 1, -2, -1, 1],
  },
  {
    dtype: 'u2',
    shape: [5],
    raw: u8(0b11_10_01_00, 1),
    typed: { int32s: [0b11_10_01_00, 1] },
    numbers: [0, 1, 2, 3, 1],
  },
  {
    dtype: 'i8',
    shape: [3],
    raw: u8(1, 0xff, 0x80),
    typed: { int32s: [1, -1, -128] },
    numbers: [1, -1, -128],
  },
  { dtype: 'u8', shape: [2], raw: u8(1, 255), typed: { int32s: [1, 255] }, numbers: [1, 255] },
  { dtype: 'i16', shape: [2], raw: u8(1, 0, 0xfe, 0xff), typed: { int32s: [1, -2] }, numbers: [1, -2] },
  { dtype: 'u16', shape: [2], raw: u8(1, 0, 0xff, 0xff), typed: { int32s: [1, 65535] }, numbers: [1, 65535] },
  {
    dtype: 'i32',
    shape: [2],
    raw: u8(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff),
    typed: { int32s: [1, -1] },
    numbers: [1, -1],
  },
  {
    dtype: 'u32',
    shape: [1],
    raw: u8(0xff, 0xff, 0xff, 0xff),
    typed: { uint64s: [4294967295] },
    numbers: [4294967295],
  },
  {
    dtype: 'i64',
    shape: [2],
    raw: u8(1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    typed: { int64s: [1, -1] },
    numbers: [1, -1],
  },
  {
    dtype: 'u64',
    shape: [1],
    raw: u8(0, 0, 0, 0, 0, 0, 0, 0x80),
    typed: { uint64s: [2n ** 63n] },
    numbers: [2 ** 63],
  },
  { dtype: 'bool', shape: [3], raw: u8(1, 0, 1), typed: { int32s: [1, 0, 1] }, numbers: [1, 0, 1] },
];

test('every known type is tried', () => {
  assert.deepEqual(new Set(twins.map((t) => t.dtype)), new Set(dtypeOfCode.values()));
  assert.deepEqual(new Set(Object.keys(dtypeBits)), new Set(dtypeOfCode.values()));
});

for (const { dtype, shape, raw, typed, numbers } of twins) {
  test(`${dtype} is the same numbers in raw_data, packed and element by element`, async () => {
    const model = await readModel({
      initializers: [
        { name: 'raw', dtype, shape, raw },
        { name: 'packed', dtype, shape, ...typed },
        { name: 'tagged', dtype, shape, ...typed, packed: false },
      ],
    });
    assert.deepEqual(model.problems, []);
    const fixed = dtype === 'f32' || dtype === 'f64';
    assert.deepEqual(
      model.tensors.map((t) => t.data.kind),
      ['raw', fixed ? 'raw' : 'varint', 'tagged'],
    );
    for (const tensor of model.tensors) {
      assert.deepEqual([tensor.dtype, tensor.shape], [dtype, shape]);
      assert.deepEqual(await numbersOf(model, tensor), numbers, tensor.name);
    }
  });
}

test('a field given in several packed runs is their concatenation', async () => {
  const model = await readModel({
    initializers: [
      { ...i64('i', [1, 300], [4]), more: pb.bytes(7, pb.varints([-1, 5])) },
      {
        name: 'f',
        shape: [3],
        floats: [1],
        more: pb.concat(pb.bytes(4, pb.floats32([2, 3])), pb.bytes(4, pb.floats32([]))),
      },
    ],
  });
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'i')), [1, 300, -1, 5]);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'f')), [1, 2, 3]);
});

test('elements that stand alone are one run however many there are', async () => {
  const floats = Array.from({ length: 30_000 }, (_, i) => i);
  const model = await readModel({
    initializers: [{ name: 'w', shape: [floats.length], floats, packed: false }],
  });
  const w = tensorNamed(model, 'w');
  assert.ok(w.data.kind === 'tagged' && w.data.extents.length === 1);
  assert.deepEqual(await numbersOf(model, w), floats);
});

test('a field between elements that stand alone splits the run and loses nothing', async () => {
  const model = await readModel({
    initializers: [
      {
        name: 'w',
        shape: [3],
        floats: [1, 2],
        packed: false,
        more: pb.concat(pb.text(12, 'note'), pb.float(4, 3)),
      },
    ],
  });
  const w = tensorNamed(model, 'w');
  assert.ok(w.data.kind === 'tagged' && w.data.extents.length === 2);
  assert.deepEqual(await numbersOf(model, w), [1, 2, 3]);
});

test('scalars, empty tensors and ones in every dimension are what they are', async () => {
  const model = await readModel({
    initializers: [
      { name: 'scalar', shape: [], raw: pb.floats32([7]) },
      { name: 'empty', shape: [0, 5] },
      { name: 'empty raw', shape: [5, 0], raw: new Uint8Array(0) },
      f32('ones', [1, 1, 1, 1]),
    ],
  });
  assert.deepEqual(model.problems, []);
  assert.deepEqual(
    model.tensors.map((t) => t.shape),
    [[], [0, 5], [5, 0], [1, 1, 1, 1]],
  );
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'scalar')), [7]);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'empty')), []);
});

test('of a field written twice the last counts, as protobuf says', async () => {
  const model = await readModel({
    initializers: [{ ...f32('w', [1], () => 1), more: pb.bytes(9, pb.floats32([2])) }],
  });
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'w')), [2]);
});

/** A tensor that cannot be read, the code that says why, and what the message must name. */
const wrong: readonly (readonly [what: string, spec: TensorSpec, code: string, says: RegExp])[] = [
  [
    'raw_data that is too short',
    { shape: [3], raw: new Uint8Array(8) },
    'onnx/data-size',
    /8 bytes.*need 12/,
  ],
  ['raw_data that is too long', { shape: [1], raw: new Uint8Array(8) }, 'onnx/data-size', /8 bytes.*need 4/],
  ['too few floats', { shape: [3], floats: [1, 2] }, 'onnx/data-size', /8 bytes.*need 12/],
  ['too few numbers', { ...i64('', [1], [3]) }, 'onnx/data-size', /1 byte .*needs 3/],
  [
    'too few that stand alone',
    { ...i64('', [1], [3]), packed: false },
    'onnx/data-size',
    /1 number,.*needs 3/,
  ],
  [
    'too many bytes for so few numbers',
    { ...i64('', Array<number>(20).fill(1), [1]) },
    'onnx/data-size',
    /needs 1/,
  ],
  [
    'a run of floats that ends within one',
    { shape: [2], floats: [1], more: pb.bytes(4, new Uint8Array(3)) },
    'onnx/data-size',
    /7/,
  ],
  ['no data at all', { shape: [3] }, 'onnx/no-data', /no data/],
  ['data in the field of another type', { shape: [1], doubles: [1] }, 'onnx/no-data', /no data/],
  [
    'a type code that nobody knows',
    { shape: [1], dtype: 99, raw: new Uint8Array(4) },
    'onnx/unknown-dtype',
    /99/,
  ],
  ['no type', { shape: [1], dtype: 0, raw: new Uint8Array(4) }, 'onnx/unknown-dtype', /0/],
  ['strings', { shape: [1], dtype: 8, strings: ['a'] }, 'onnx/unknown-dtype', /strings/],
  ['complex numbers', { shape: [1], dtype: 14, floats: [1, 2] }, 'onnx/unknown-dtype', /complex/],
  [
    'dimensions whose product is beyond 2^53',
    { shape: [2 ** 30, 2 ** 30] },
    'limits/shape-overflow',
    /more elements/,
  ],
  ['the same behind a zero', { shape: [0, 2 ** 30, 2 ** 30] }, 'limits/shape-overflow', /more elements/],
  ['a dimension beyond 2^53', { shape: [2n ** 62n] }, 'limits/shape-overflow', /beyond 2\^53/],
  ['a negative dimension', { shape: [-1] }, 'limits/shape-overflow', /beyond 2\^53/],
  ['33 dimensions', { shape: Array<number>(33).fill(1) }, 'limits/shape-overflow', /more than 32/],
  [
    'a million dimensions',
    { shape: [], more: pb.bytes(1, new Uint8Array(1_000_000).fill(1)) },
    'limits/shape-overflow',
    /more than 32/,
  ],
  [
    'packed and single elements mixed',
    { shape: [2], floats: [1], more: pb.float(4, 2) },
    'onnx/mixed-encoding',
    /partly packed/,
  ],
  [
    'tags of two lengths',
    { shape: [2], floats: [1], packed: false, more: pb.concat(Uint8Array.of(0xa5, 0), pb.floats32([2])) },
    'onnx/mixed-encoding',
    /partly/,
  ],
  [
    'a length that leaves the tensor',
    { shape: [1], more: pb.claim(9, 5) },
    'onnx/tensor-damaged',
    /claims bytes/,
  ],
  [
    'a field that is none',
    { shape: [1], more: Uint8Array.of(0x0b) },
    'onnx/tensor-damaged',
    /no protobuf field/,
  ],
  ['a number without end', { shape: [1], more: new Uint8Array(12).fill(0xff) }, 'onnx/tensor-damaged', /./],
];

for (const [what, spec, code, says] of wrong) {
  test(`a tensor with ${what} is told, and the others are read`, async () => {
    const model = await readModel({
      initializers: [f32('before', [2], (i) => i), { ...spec, name: 'wrong' }, f32('after', [2], (i) => i)],
    });
    const data = tensorNamed(model, 'wrong').data;
    assert.deepEqual(data.kind === 'none' && data.code, code);
    assert.equal(model.problems.length, 1);
    const [problem] = model.problems;
    assert.equal(problem?.code, code);
    assert.match(problem?.message ?? '', says);
    assert.match(problem?.message ?? '', /"wrong"/);
    assert.equal(problem?.at.tensor, 'wrong');
    assert.ok((problem?.at.offset ?? 0) > 0);
    assert.deepEqual(await numbersOf(model, tensorNamed(model, 'before')), [0, 1]);
    assert.deepEqual(await numbersOf(model, tensorNamed(model, 'after')), [0, 1]);
  });
}

test('a shape that overflows counts as no elements, any other declared shape as declared', async () => {
  const model = await readModel({
    initializers: [
      { name: 'overflows', shape: [2 ** 40, 2 ** 40] },
      { name: 'largest', shape: [2 ** 26, 2 ** 26] },
    ],
  });
  assert.deepEqual(tensorNamed(model, 'overflows').shape, [0]);
  assert.deepEqual(tensorNamed(model, 'largest').shape, [2 ** 26, 2 ** 26]);
});

const values = f32('w', [2], (i) => i + 1);
const sparse: readonly (readonly [
  what: string,
  indices: TensorSpec,
  shape: readonly number[],
  code: string,
])[] = [
  ['positions of another count', i64('', [1]), [4], 'onnx/sparse-mismatch'],
  ['coordinates of another rank', i64('', [1, 2, 3, 0, 0, 0], [2, 3]), [4, 4], 'onnx/sparse-mismatch'],
  ['more values than elements', i64('', [0, 0]), [1], 'onnx/sparse-mismatch'],
  ['positions of another type', { dtype: 'i32', shape: [2], int32s: [0, 1] }, [4], 'onnx/sparse-mismatch'],
  ['positions without data', { dtype: 'i64', shape: [2] }, [4], 'onnx/no-data'],
  ['a shape that overflows', i64('', [0, 1]), [2 ** 30, 2 ** 30], 'limits/shape-overflow'],
];

for (const [what, indices, shape, code] of sparse) {
  test(`a sparse tensor with ${what} is told, and the rest is read`, async () => {
    const model = await readModel({ sparse: [{ values, indices, shape }], initializers: [f32('b', [1])] });
    const { data, place } = tensorNamed(model, 'w');
    assert.deepEqual([place, data.kind === 'none' && data.code], ['sparse', code]);
    assert.deepEqual(
      model.problems.map((p) => p.code),
      [code],
    );
  });
}

test('problems beyond the limit are counted, not listed', async () => {
  const many = Array.from({ length: 700 }, (_, i) => ({ name: `t${i.toString()}`, shape: [1] }));
  const model = await readModel({ initializers: many });
  assert.equal(model.tensors.length, 700);
  assert.equal(model.problems.length, 501);
  assert.match(model.problems.at(-1)?.message ?? '', /200 more problems/);
});

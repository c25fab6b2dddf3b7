import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError, type ReadErrorCode } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { ByteSource } from '../../analyzers/bytes/source.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { f32, i64, onnxModel, type TensorSpec } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { numbersOf, readModel, tensorNamed } from '../support/readOnnx.ts';

const external = (
  name: string,
  shape: readonly number[],
  entries: Readonly<Record<string, string | number>>,
): TensorSpec => ({ name, shape, external: entries });

const codes = (model: Model): string[] => model.problems.map((p) => p.code);

test('tensors lie in several files, each named once, at their offsets', async () => {
  const model = await readModel(
    {
      initializers: [
        external('a', [2], { location: 'one.bin', offset: 4, length: 8 }),
        external('b', [1], { location: 'sub/two.bin' }),
        external('c', [1], { location: 'one.bin', offset: 0, length: 4, checksum: 'abc', basepath: '/etc' }),
        external('d', [0], { location: 'one.bin' }),
        f32('own', [1], () => 9),
      ],
    },
    { 'one.bin': pb.floats32([1, 2, 3]), 'sub/two.bin': pb.floats32([4]) },
  );
  assert.deepEqual(model.problems, []);
  const read = async (name: string) => numbersOf(model, tensorNamed(model, name));
  assert.deepEqual(
    [await read('a'), await read('b'), await read('c'), await read('d')],
    [[2, 3], [4], [1], []],
  );
  assert.deepEqual(await read('own'), [9]);
  assert.deepEqual(
    model.files.slice(1).map((f) => [f.name, f.bytes]),
    [
      ['one.bin', 12],
      ['sub/two.bin', 4],
    ],
  );
  assert.equal(model.sources.length, 3);
  assert.equal(model.sources[0]?.kind === 'bytes' && model.sources[0].name, 'model.onnx');
});

test('external data of integers, of a Constant and of a sparse tensor is found', async () => {
  const model = await readModel(
    {
      initializers: [{ name: 'q', dtype: 'i4', shape: [3], external: { location: 'w.bin', length: 2 } }],
      nodes: [
        {
          op: 'Constant',
          outputs: ['c'],
          attributes: { value: { tensor: external('', [1], { location: 'w.bin', offset: 4 }) } },
        },
      ],
      sparse: [
        {
          values: external('s', [1], { location: 'w.bin', offset: 4, length: 4 }),
          indices: i64('', [1]),
          shape: [2],
        },
      ],
    },
    { 'w.bin': pb.concat(Uint8Array.of(0xf1, 8, 0, 0), pb.floats32([5])) },
  );
  assert.deepEqual(model.problems, []);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'q')), [1, -1, -8]);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'c')), [5]);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 's')), [0, 5]);
});

test('a missing file is told once, with how many tensors it holds; shapes and the rest stay known', async () => {
  const model = await readModel({
    initializers: [
      external('a', [1000, 1000], { location: 'gone.bin' }),
      external('b', [10], { location: 'gone.bin', offset: 4_000_000 }),
      f32('own', [1], () => 9),
    ],
  });
  assert.deepEqual(codes(model), ['onnx/external-data-missing']);
  const [problem] = model.problems;
  assert.match(problem?.message ?? '', /gone\.bin.*"a" and 1 more/);
  assert.deepEqual(problem?.at, { file: 'gone.bin', tensor: 'a', offset: null });
  for (const name of ['a', 'b']) {
    const { data } = tensorNamed(model, name);
    assert.equal(data.kind === 'none' && data.code, 'onnx/external-data-missing');
  }
  assert.deepEqual(tensorNamed(model, 'a').shape, [1000, 1000]);
  assert.deepEqual(await numbersOf(model, tensorNamed(model, 'own')), [9]);
});

const refusing = (code: ReadErrorCode): ByteSource => ({
  ...memorySource(
    'model.onnx',
    onnxModel({ initializers: [external('a', [1], { location: '../x' }), f32('own', [1])] }),
  ),
  sibling: (name) => Promise.reject(new ReadError(code, name, `${name} is refused`)),
});

for (const code of [
  'onnx/external-data-outside',
  'onnx/external-data-withheld',
  'file/unreadable',
] as const) {
  test(`a file that is refused as ${code} is a problem of its tensors, not of the model`, async () => {
    const model = await onnxFormat.read(refusing(code), new AbortController().signal);
    assert.deepEqual(codes(model), [code]);
    assert.equal(model.problems[0]?.at.file, '../x');
    const { data } = tensorNamed(model, 'a');
    assert.equal(data.kind === 'none' && data.code, code);
    assert.equal(tensorNamed(model, 'own').data.kind, 'raw');
  });
}

const file = { 'w.bin': new Uint8Array(16) };
const places: readonly (readonly [what: string, entries: Record<string, string | number>, code: string])[] = [
  ['a file that is too short', { offset: 12 }, 'onnx/external-data-short'],
  ['an offset behind the end', { offset: 1e15 }, 'onnx/external-data-short'],
  ['an offset beyond 2^53', { offset: '99999999999999999999' }, 'onnx/external-data-short'],
  ['a length beyond 2^53', { length: '18446744073709551615' }, 'onnx/external-data-short'],
  ['a petabyte', { length: 1e15 }, 'onnx/external-data-short'],
  ['a negative offset', { offset: -4 }, 'onnx/external-data-short'],
  ['a negative length', { length: -1 }, 'onnx/external-data-short'],
  ['an offset that is no number', { offset: '0x10' }, 'onnx/external-data-short'],
  ['an empty offset', { offset: '' }, 'onnx/external-data-short'],
  ['a length that is not that of the shape', { length: 4 }, 'onnx/data-size'],
  ['no location', { location: '' }, 'onnx/external-data-missing'],
];

for (const [what, entries, code] of places) {
  test(`external data with ${what} is told with its code`, async () => {
    const model = await readModel(
      { initializers: [external('w', [2], { location: 'w.bin', ...entries }), f32('own', [1])] },
      file,
    );
    assert.deepEqual(codes(model), [code]);
    const { data } = tensorNamed(model, 'w');
    assert.equal(data.kind === 'none' && data.code, code);
    assert.equal(tensorNamed(model, 'own').data.kind, 'raw');
  });
}

test('a tensor that says external and names nothing is told', async () => {
  const model = await readModel({ initializers: [{ name: 'w', shape: [1], more: pb.int(14, 1) }] });
  assert.deepEqual(codes(model), ['onnx/external-data-missing']);
  assert.equal(model.problems[0]?.at.file, 'model.onnx');
});

test('keys that name parts of objects are not taken for a place', async () => {
  const model = await readModel(
    { initializers: [external('w', [1], { __proto__x: 1, constructor: 'x', name: 'y', location: 'w.bin' })] },
    file,
  );
  assert.deepEqual(model.problems, []);
  assert.equal(tensorNamed(model, 'w').name, 'w');
});

test('more data files than a model may have are not opened', async () => {
  let opened = 0;
  const initializers = Array.from({ length: 10_050 }, (_, i) =>
    external(`t${i.toString()}`, [1], { location: `f${i.toString()}` }),
  );
  const source: ByteSource = {
    ...memorySource('model.onnx', onnxModel({ initializers })),
    sibling: async (name) => {
      opened += 1;
      return memorySource(name, new Uint8Array(4));
    },
  };
  const model = await onnxFormat.read(source, new AbortController().signal);
  assert.equal(opened, 10_000);
  assert.deepEqual(new Set(codes(model)), new Set(['onnx/external-data-withheld']));
});

test('an error that is not about the file goes through as it is', async () => {
  const source: ByteSource = {
    ...refusing('file/unreadable'),
    sibling: () => Promise.reject(new TypeError('a bug')),
  };
  await assert.rejects(onnxFormat.read(source, new AbortController().signal), TypeError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import type { DType } from '../../analyzers/model/dtype.ts';
import type { Tensor, TensorData } from '../../analyzers/model/tensor.ts';
import { readSmall, readTensor } from '../../analyzers/model/weights.ts';
import { collect, inlineTensor, never, rawTensor, sourcesOf, tensor } from '../support/numbers.ts';
import { concat, floats32, varint, varints, type Bytes } from '../support/protobuf.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const whole = (bytes: Bytes) => [{ source: 0, offset: 0, byteLength: bytes.length }];
const refused = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof ReadError && error.code === code && message.test(error.message);

/** The numbers of a tensor whose payload is the first file, in chunks of eight. */
const numbersOf = async (bytes: Bytes, t: Tensor): Promise<number[]> =>
  (await collect(readTensor(sourcesOf(bytes), t, never, 8))).numbers;

test('raw numbers come in chunks that share one buffer', async () => {
  const bytes = floats32(upTo(20));
  const buffers = new Set<ArrayBufferLike>();
  const firsts: number[] = [];
  for await (const { first, values } of readTensor(
    sourcesOf(bytes),
    rawTensor('f32', [4, 5], 80),
    never,
    8,
  )) {
    firsts.push(first);
    buffers.add(values.buffer);
    assert.deepEqual(
      [...values],
      upTo(values.length).map((i) => first + i),
    );
  }
  assert.deepEqual(firsts, [0, 8, 16]);
  assert.equal(buffers.size, 1);
});

test('a tensor of more than one full chunk is read in chunks of the limit', async () => {
  const count = limits.chunkElements + 5;
  const bytes = new Uint8Array(count);
  bytes.fill(7, limits.chunkElements);
  const lengths: number[] = [];
  let sum = 0;
  for await (const { values } of readTensor(sourcesOf(bytes), rawTensor('u8', [count], count), never)) {
    lengths.push(values.length);
    for (const value of values) sum += value;
  }
  assert.deepEqual(lengths, [limits.chunkElements, 5]);
  assert.equal(sum, 35);
});

test('extents of several files may cut an element anywhere', async () => {
  const bytes = floats32(upTo(20));
  for (const cut of [1, 2, 3, 33, 79]) {
    const sources = sourcesOf(bytes.slice(0, cut), concat(Uint8Array.of(9, 9, 9), bytes.slice(cut)));
    const data: TensorData = {
      kind: 'raw',
      extents: [
        { source: 0, offset: 0, byteLength: cut },
        { source: 1, offset: 0, byteLength: 0 },
        { source: 1, offset: 3, byteLength: 80 - cut },
      ],
    };
    assert.deepEqual(
      (await collect(readTensor(sources, tensor('f32', [20], data), never, 8))).numbers,
      upTo(20),
    );
  }
});

test('packed types go on across chunks', async () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, i) => ((2 * i) % 16) | (((2 * i + 1) % 16) << 4));
  assert.deepEqual(
    await numbersOf(bytes, rawTensor('u4', [19], 10)),
    upTo(19).map((i) => i % 16),
  );
});

test('varints give every type its own meaning of the bits', async () => {
  const cases: [DType, (number | bigint)[], number[]][] = [
    ['f16', [0x3c00, 0xbc00, 0x8000, 1], [1, -1, -0, 2 ** -24]],
    ['bf16', [0x3f80, 0xff80], [1, Number.NEGATIVE_INFINITY]],
    ['i8', [1, -1, -128, 127], [1, -1, -128, 127]],
    ['i8', [255, 128], [-1, -128]],
    ['u8', [255, 0], [255, 0]],
    ['bool', [1, 0], [1, 0]],
    ['i16', [-32768, 32767], [-32768, 32767]],
    ['u16', [65535], [65535]],
    ['i32', [-(2 ** 31), 2 ** 31 - 1, -1], [-(2 ** 31), 2 ** 31 - 1, -1]],
    ['u32', [2 ** 32 - 1, 7], [2 ** 32 - 1, 7]],
    ['i64', [-1n, 2n ** 40n, -(2n ** 63n)], [-1, 2 ** 40, -(2 ** 63)]],
    ['u64', [2n ** 63n, 5n], [2 ** 63, 5]],
    ['f8e4m3fn', [0x38, 0xb8], [1, -1]],
  ];
  for (const [dtype, codes, expected] of cases) {
    const bytes = varints(codes);
    const read = await numbersOf(
      bytes,
      tensor(dtype, [codes.length], { kind: 'varint', extents: whole(bytes) }),
    );
    assert.deepEqual(read, expected, dtype);
  }
});

test('a varint of a type below 8 bits holds a whole byte of elements', async () => {
  const bytes = varints([0x21, 0xf3]);
  assert.deepEqual(
    await numbersOf(bytes, tensor('i4', [3], { kind: 'varint', extents: whole(bytes) })),
    [1, 2, 3],
  );
});

test('more varints than the window holds, cut by extents, are read to the end', async () => {
  const numbers = upTo(40_000).map((i) => (i * 7919) % 1_000_003);
  const bytes = varints(numbers);
  const data: TensorData = {
    kind: 'varint',
    extents: [
      { source: 0, offset: 0, byteLength: 50_001 },
      { source: 0, offset: 50_001, byteLength: bytes.length - 50_001 },
    ],
  };
  assert.ok(bytes.length > limits.window);
  assert.deepEqual(await numbersOf(bytes, tensor('i64', [40_000], data)), numbers);
});

test('elements of an unpacked field are read behind their tags', async () => {
  const floats = concat(...upTo(20_000).map((i) => concat(Uint8Array.of(0x25), floats32([i]))));
  const asFloats: TensorData = { kind: 'tagged', of: 'raw', tagBytes: 1, extents: whole(floats) };
  assert.deepEqual(await numbersOf(floats, tensor('f32', [20_000], asFloats)), upTo(20_000));
  const ints = concat(...upTo(300).map((i) => concat(Uint8Array.of(0x38), varint(i))));
  const asInts: TensorData = { kind: 'tagged', of: 'varint', tagBytes: 1, extents: whole(ints) };
  assert.deepEqual(await numbersOf(ints, tensor('i64', [300], asInts)), upTo(300));
});

test('a payload that is shorter than the shape says is refused, not guessed', async () => {
  const bytes = floats32([1, 2, 3]);
  await assert.rejects(
    numbersOf(bytes, rawTensor('f32', [4], 12)),
    refused('weights/malformed', /12 bytes.*16/),
  );
  const codes = varints([1, 2, 300]);
  const data: TensorData = { kind: 'varint', extents: whole(codes) };
  await assert.rejects(numbersOf(codes, tensor('i64', [4], data)), refused('weights/malformed', /fewer/));
  const cut = { kind: 'varint', extents: [{ source: 0, offset: 0, byteLength: codes.length - 1 }] } as const;
  await assert.rejects(numbersOf(codes, tensor('i64', [3], cut)), refused('weights/malformed', /cut off/));
  const endless = new Uint8Array(30).fill(255);
  const run: TensorData = { kind: 'varint', extents: whole(endless) };
  await assert.rejects(
    numbersOf(endless, tensor('i64', [3], run)),
    refused('weights/malformed', /ten bytes/),
  );
});

test('a file that ends within a tensor is told as cut off', async () => {
  await assert.rejects(
    numbersOf(floats32([1, 2]), rawTensor('f32', [4], 16)),
    refused('file/truncated', /ends at byte 8/),
  );
});

test('numbers kept inline are the tensor, and a tensor without data gives its reason', async () => {
  const sources = sourcesOf();
  assert.deepEqual((await collect(readTensor(sources, inlineTensor([1.5, 2]), never))).numbers, [1.5, 2]);
  await assert.rejects(collect(readTensor(sources, inlineTensor([1], [2]), never)), /another number/);
  const none = tensor('f32', [2], {
    kind: 'none',
    code: 'onnx/weights-generated',
    reason: 'it is generated',
  });
  await assert.rejects(
    collect(readTensor(sources, none, never)),
    refused('onnx/weights-generated', /generated/),
  );
});

test('a tensor without elements has no chunk, a scalar one', async () => {
  assert.deepEqual(await numbersOf(new Uint8Array(0), rawTensor('f32', [3, 0], 0)), []);
  assert.deepEqual(await numbersOf(floats32([4]), rawTensor('f32', [], 4)), [4]);
});

test('a signal ends the pass between two chunks, with its own reason', async () => {
  const stop = new AbortController();
  let chunks = 0;
  await assert.rejects(
    async () => {
      const bytes = floats32(upTo(100));
      for await (const _ of readTensor(sourcesOf(bytes), rawTensor('f32', [100], 400), stop.signal, 8)) {
        chunks += 1;
        if (chunks === 3) stop.abort(new Error('enough'));
      }
    },
    { message: 'enough' },
  );
  assert.equal(chunks, 3);
});

test('small tensors are read whole, larger ones not at all', async () => {
  const bytes = varints([2, -1, 3]);
  const data: TensorData = { kind: 'varint', extents: whole(bytes) };
  assert.deepEqual(await readSmall(sourcesOf(bytes), tensor('i64', [3], data), never), [2, -1, 3]);
  const large = rawTensor('u8', [limits.smallTensor + 1], limits.smallTensor + 1);
  assert.equal(await readSmall(sourcesOf(), large, never), null);
});

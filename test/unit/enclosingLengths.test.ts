import assert from 'node:assert/strict';
import test from 'node:test';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { enclosingLengths } from '../../analyzers/formats/onnx/enclosing.ts';
import * as pb from '../support/protobuf.ts';

const { signal } = new AbortController();
const run = (offset: number, byteLength: number) => ({ source: 0, offset, byteLength });
const lengths = (bytes: Uint8Array, ...runs: readonly ReturnType<typeof run>[]) =>
  enclosingLengths(memorySource('net.onnx', bytes), runs, signal);

// ir_version, a graph with a name, two tensors and one more field, and a field behind it.
const packed = pb.bytes(5, pb.varints([1, 2, 3]));
const tagged = pb.concat(pb.int(5, 1), pb.int(5, 300));
const first = pb.concat(pb.int(2, 3), packed, pb.text(8, 'a'));
const second = pb.concat(pb.int(2, 3), tagged, pb.text(8, 'b'));
const graph = pb.concat(pb.text(2, 'main'), pb.bytes(5, first), pb.bytes(5, second), pb.double(77, 1));
const model = pb.concat(pb.int(1, 8), pb.bytes(7, graph), pb.float(90, 2), pb.int(91, 1));
const graphAt = 4;
const firstAt = graphAt + 6 + 2;
const secondAt = firstAt + first.length + 2;

test('the lengths around a packed run are those of the model, tensor and run, outermost first', async () => {
  assert.deepEqual(await lengths(model, run(firstAt + 4, 3)), [
    [
      { offset: 3, size: 1, value: graph.length },
      { offset: firstAt - 1, size: 1, value: first.length },
      { offset: firstAt + 3, size: 1, value: 3 },
    ],
  ]);
});

test('numbers that stand one by one have no length of their own', async () => {
  const at = secondAt + 2;
  const around = [
    { offset: 3, size: 1, value: graph.length },
    { offset: secondAt - 1, size: 1, value: second.length },
  ];
  assert.deepEqual(await lengths(model, run(at, tagged.length)), [around]);
  assert.deepEqual((await lengths(model, run(firstAt + 4, 3), run(at, 2), run(at + 2, 3))).slice(1), [
    around,
    around,
  ]);
});

test('a file in which nothing of that kind stands there is told to be another one', async () => {
  const changed = { code: 'file/changed', message: /^net\.onnx is not as it was/ };
  // Within a number, behind the end, in the head of a field, in a name.
  for (const [offset, length] of [
    [firstAt + 5, 2],
    [model.length + 5, 3],
    [firstAt + 3, 1],
    [graphAt + 3, 2],
  ] as const)
    await assert.rejects(lengths(model, run(offset, length)), changed, offset.toString());
  for (let length = 0; length < secondAt + 4; length += 1)
    await assert.rejects(lengths(model.subarray(0, length), run(secondAt + 2, 5)), changed);
  const groups = pb.concat(Uint8Array.of(0x0b), model);
  await assert.rejects(lengths(groups, run(firstAt + 5, 3)), changed);
  // Messages in messages without end.
  let deep: Uint8Array = Uint8Array.of(0, 0, 0);
  for (let i = 0; i < 100; i += 1) deep = pb.bytes(1, deep);
  await assert.rejects(lengths(deep, run(deep.length - 2, 1)), changed);
});

test('no bytes lead to anything but lengths that hold the place, or that error', async () => {
  for (let at = 0; at < model.length; at += 1)
    for (let value = 0; value < 256; value += 5) {
      const other = model.slice();
      other[at] = value;
      try {
        const [around] = await lengths(other, run(secondAt + 2, tagged.length));
        for (const { offset, size, value: bytes } of around!)
          assert.ok(offset + size <= secondAt + 2 && offset + size + bytes > secondAt + 2);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'file/changed');
      }
    }
});

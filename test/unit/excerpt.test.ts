import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { Problem } from '../../analyzers/model/problem.ts';
import { excerptOf, mayShowBytes } from '../../extension/editor/excerpt.ts';
import { hexLines } from '../../webview/bands/hex.ts';
import { needOf } from '../../webview/bands/place.ts';
import { countingSource, f32, onnxModel } from '../support/onnxFixture.ts';
import { outcome } from '../support/readOnnx.ts';

const { signal } = new AbortController();
const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => i * 7);
const around = (size: number, offset: number | null) =>
  excerptOf(memorySource('m.onnx', bytesOf(size)), offset, signal);

test('an excerpt has whole lines around its place, and never more than 64 bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(400), fc.oneof(fc.constant(null), fc.maxSafeNat()), async (size, offset) => {
      const { start, bytes, size: told } = await around(size, offset);
      assert.equal(told, size);
      assert.equal(start % 16, 0);
      assert.ok(bytes.length <= 64 && start + bytes.length <= size);
      assert.deepEqual(bytes, bytesOf(size).slice(start, start + bytes.length));
      if (offset !== null && offset < size) assert.ok(start <= offset && offset < start + bytes.length);
      if (offset !== null && offset >= size) assert.equal(start + bytes.length, size);
      if (offset === null) assert.equal(start, 0);
    }),
  );
});

test('at a place within the file two lines stand before it and one behind; nothing else is read', async () => {
  const counted = countingSource(memorySource('m.onnx', bytesOf(100_000)));
  const { start, bytes } = await excerptOf(counted.source, 0x1234, signal);
  assert.deepEqual([start, bytes.length], [0x1210, 64]);
  assert.equal(counted.counts.bytes, 64);
});

const told = (code: string, severity: Problem['severity']): readonly Problem[] => [
  { code, severity, message: '', at: { file: null, tensor: null, offset: null } },
];
const may = (problems: readonly Problem[], failure?: string) => mayShowBytes({ failure, problems });

test('a model that was read whole gives no bytes, whatever else is told about it', () => {
  assert.equal(may([]), false);
  assert.equal(may(told('onnx/external-data-short', 'error')), false);
  assert.equal(may(told('file/truncated', 'warning')), false);
  assert.equal(may(told('file/truncated', 'error')), true);
  assert.equal(may([], 'm.onnx is empty'), true);
});

test('bytes are shown as two digits each, and as a letter only where they are printable ASCII', () => {
  const bytes = Uint8Array.from([
    0x41, 0x7e, 0x20, 0x00, 0x1b, 0x7f, 0x80, 0xe2, 0xff, 0x3c, 0, 0, 0, 0, 0, 0, 0x0a,
  ]);
  const lines = hexLines({ size: 1000, start: 32, bytes });
  assert.deepEqual(
    lines.map(({ offset, text }) => [offset, text]),
    [
      [32, 'A~ ......<......'],
      [48, '.'],
    ],
  );
  assert.deepEqual(lines[0]?.bytes.slice(0, 6), ['41', '7e', '20', '00', '1b', '7f']);
  assert.deepEqual(lines[1]?.bytes, ['0a']);
});

test('what a cut file would need is taken from the reader’s own message, wherever a model is cut', async () => {
  const whole = onnxModel({
    nodes: [{ op: 'MatMul', inputs: ['x', 'a'], outputs: ['y'] }],
    initializers: [f32('a', [4, 4], (i) => i + 1)],
    inputs: [{ name: 'x', shape: [1, 4] }],
  });
  let needs = 0;
  for (let end = 8; end < whole.length; end += 1) {
    const found = await outcome(whole.slice(0, end));
    const message =
      found instanceof ReadError
        ? found.message
        : (found.problems.find(({ code }) => code === 'file/truncated')?.message ?? '');
    const need = needOf(message);
    if (need === null) continue;
    needs += 1;
    assert.ok(need.from < end, message);
    if (need.wanted !== null) assert.ok(need.wanted > end && need.wanted <= whole.length, message);
  }
  assert.ok(needs > whole.length / 2, `${needs} of ${whole.length}`);
});

test('a file’s name cannot pass for what the reader found', () => {
  const name = 'x ends at byte 1, but the field at byte 2 needs at least 3 bytes';
  assert.deepEqual(
    needOf(`${name} ends at byte 77, but the field at byte 60 needs at least 900 bytes; the file is cut off`),
    { from: 60, wanted: 900 },
  );
  assert.equal(needOf('m.onnx is a web page'), null);
});

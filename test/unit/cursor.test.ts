import assert from 'node:assert/strict';
import test from 'node:test';
import { Cursor, EndOfFile } from '../../analyzers/bytes/cursor.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { countingSource } from '../support/onnxFixture.ts';
import { varint } from '../support/protobuf.ts';

const signal = new AbortController().signal;
const counted = (bytes: Uint8Array) => {
  const { source, counts } = countingSource(memorySource('f', bytes));
  return { cursor: new Cursor(source, signal), counts };
};

test('bytes come in order over any number of windows', async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);
  const { cursor, counts } = counted(bytes);
  for (const expected of bytes) {
    if (cursor.short(1)) await cursor.fill();
    assert.equal(cursor.byte(), expected);
  }
  assert.equal(counts.bytes, bytes.length);
  assert.equal(cursor.bytesRead, bytes.length);
  assert.ok(counts.reads < 20);
  assert.throws(() => cursor.byte(), EndOfFile);
});

test('skipping reads nothing of what is skipped', async () => {
  const { cursor, counts } = counted(new Uint8Array(10_000_000));
  for (let i = 0; i < 100; i += 1) {
    if (cursor.short(8)) await cursor.fill();
    cursor.byte();
    cursor.at += 99_999;
  }
  assert.equal(counts.reads, 100);
  assert.ok(counts.bytes <= 100 * limits.firstWindow);
});

test('going back within the window reads nothing again', async () => {
  const { cursor, counts } = counted(Uint8Array.from({ length: 100 }, (_, i) => i));
  await cursor.fill();
  cursor.at = 50;
  assert.equal(cursor.byte(), 50);
  cursor.at = 10;
  assert.equal(cursor.short(40), false);
  assert.equal(cursor.byte(), 10);
  assert.equal(counts.reads, 1);
});

test('a window holds at least what is asked for', async () => {
  const { cursor } = counted(Uint8Array.from({ length: 200_000 }, (_, i) => i % 256));
  cursor.at = 1000;
  assert.equal(cursor.short(limits.window), true);
  await cursor.fill(limits.window);
  const taken = cursor.take(limits.window);
  assert.deepEqual([taken.length, taken[0], cursor.at], [limits.window, 1000 % 256, 1000 + limits.window]);
});

test('at the end of the file nothing is short, and taking more is the end', async () => {
  const { cursor } = counted(new Uint8Array(10));
  await cursor.fill();
  cursor.at = 8;
  assert.equal(cursor.short(32), false);
  assert.throws(() => cursor.take(3), EndOfFile);
  assert.equal(cursor.take(2).length, 2);
});

test('varints are exact up to 2^53 and known to be larger beyond', async () => {
  const values = [0, 1, 127, 128, 300, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  for (const value of values) {
    const { cursor } = counted(varint(value));
    await cursor.fill();
    assert.equal(cursor.varint(), value);
  }
  for (const [bytes, least] of [
    [varint(2n ** 63n), 2 ** 63],
    [varint(-1), 2 ** 63],
    [new Uint8Array(11).fill(255), Number.POSITIVE_INFINITY],
  ] as const) {
    const { cursor } = counted(bytes);
    await cursor.fill();
    assert.ok(cursor.varint() >= least);
  }
});

test('a varint that the file ends in is the end', async () => {
  const { cursor } = counted(Uint8Array.of(0x80));
  await cursor.fill();
  assert.throws(() => cursor.varint(), EndOfFile);
});

test('an aborted signal ends reading, and an empty file has no byte', async () => {
  const abort = new AbortController();
  const cursor = new Cursor(memorySource('f', new Uint8Array(5)), abort.signal);
  abort.abort();
  await assert.rejects(cursor.fill(), { name: 'AbortError' });
  const { cursor: empty } = counted(new Uint8Array(0));
  await empty.fill();
  assert.throws(() => empty.byte(), EndOfFile);
});

test('a source in memory refuses to read past its end, with code and offset', async () => {
  const source = memorySource('f', new Uint8Array(4));
  await assert.rejects(source.read(2, new Uint8Array(3)), (error: unknown) => {
    assert.ok(error instanceof ReadError);
    assert.deepEqual([error.code, error.file, error.offset], ['file/truncated', 'f', 2]);
    return true;
  });
});

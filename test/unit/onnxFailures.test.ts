import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { ByteSource } from '../../analyzers/bytes/source.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import { onnxModel } from '../support/onnxFixture.ts';

const bytes = onnxModel({
  nodes: Array.from({ length: 200 }, (_, i) => ({ op: 'Relu', name: `node number ${i.toString()}` })),
  initializers: [
    { name: 'a', shape: [5000], raw: new Uint8Array(20_000) },
    { name: 'b', shape: [5000], raw: new Uint8Array(20_000) },
    { name: 'c', shape: [1], external: { location: 'one.bin' } },
    { name: 'd', shape: [1], external: { location: 'two.bin' } },
  ],
});

interface Watched {
  readonly source: ByteSource;
  /** Calls so far, and files beside the model that are still open. */
  readonly state: { calls: number; open: number };
}

/** A source whose n-th call, counted over reads and files beside it, fails with `error`. */
function failing(n: number, error: () => Error, onCall: () => void = () => undefined): Watched {
  const state = { calls: 0, open: 0 };
  const call = () => {
    onCall();
    state.calls += 1;
    if (state.calls === n) throw error();
  };
  const base = memorySource('model.onnx', bytes);
  const source: ByteSource = {
    ...base,
    async read(offset, into, signal) {
      call();
      await base.read(offset, into, signal);
    },
    async sibling(name) {
      call();
      state.open += 1;
      return {
        ...memorySource(name, new Uint8Array(4)),
        async close() {
          state.open -= 1;
        },
      };
    },
  };
  return { source, state };
}

const signal = new AbortController().signal;

async function callsOfARead(): Promise<number> {
  const { source, state } = failing(0, () => new Error());
  await onnxFormat.read(source, signal);
  return state.calls;
}

test('whichever call fails, the error of the disk comes out, and no file stays open', async () => {
  const calls = await callsOfARead();
  assert.ok(calls >= 8);
  for (let n = 1; n <= calls; n += 1) {
    const { source, state } = failing(
      n,
      () => new ReadError('file/unreadable', 'model.onnx', 'the disk is gone'),
    );
    try {
      const model = await onnxFormat.read(source, signal);
      // A file beside the model is one tensor's trouble.
      assert.deepEqual(
        model.problems.map((p) => p.code),
        ['file/unreadable'],
      );
    } catch (error) {
      assert.ok(error instanceof ReadError);
      assert.equal(error.message, 'the disk is gone');
    }
    assert.equal(state.open, 0);
  }
});

const shrunk = () => new ReadError('file/truncated', 'model.onnx', 'shorter than before', 7);

test('a file that shrinks while it is read is told as truncated', async () => {
  const calls = await callsOfARead();
  const { source } = failing(Math.floor(calls / 2), shrunk);
  await assert.rejects(onnxFormat.read(source, signal), {
    name: 'ReadError',
    code: 'file/truncated',
    offset: 7,
  });
});

test('a cancel ends the reading at the next call', async () => {
  const calls = await callsOfARead();
  for (let n = 1; n < calls; n += 1) {
    const abort = new AbortController();
    let seen = 0;
    const { source, state } = failing(
      0,
      () => new Error(),
      () => {
        seen += 1;
        if (seen === n) abort.abort();
      },
    );
    await assert.rejects(onnxFormat.read(source, abort.signal), { name: 'AbortError' });
    assert.ok(state.calls <= n + 1);
    assert.equal(state.open, 0);
  }
});

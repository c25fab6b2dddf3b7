import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { Caller, serve, type CallContext } from '../../analyzers/rpc/channel.ts';
import type { Call } from '../../analyzers/rpc/contracts.ts';
import { portPair, testPort } from '../support/ports.ts';

interface Calculator {
  double: Call<number, { step: number }, number>;
  bytes: Call<void, never, { data: Uint8Array }>;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A caller and a served end; `double` is driven by the test. */
function connected(
  double: (n: number, context: CallContext<{ step: number }>) => Promise<number> | number = (n) => 2 * n,
) {
  const [near, far] = portPair();
  const caller = new Caller<Calculator>(near);
  serve<Calculator>(far, { double, bytes: () => ({ data: new Uint8Array(3) }) });
  return { caller, near, far };
}

test('a call reports its progress in order and is answered with its value', async () => {
  const { caller } = connected(async (n, { progress }) => {
    progress({ step: 1 });
    await turn();
    progress({ step: 2 });
    return 2 * n;
  });
  const steps: number[] = [];
  const answer = await caller.call('double', 21, { progress: ({ step }) => void steps.push(step) });
  assert.equal(answer, 42);
  assert.deepEqual(steps, [1, 2]);
  assert.equal(caller.open, 0);
});

test('progress after the answer is never sent', async () => {
  const { far, caller } = connected((n, { progress }) => {
    setImmediate(() => progress({ step: 9 }));
    return n;
  });
  await caller.call('double', 1);
  await turn();
  await turn();
  assert.deepEqual(
    far.posted.map((m) => m.kind),
    ['done'],
  );
});

test("a read error keeps its code, file and offset across the port, other errors their code or 'unknown'", async () => {
  const cases: [unknown, Record<string, unknown>][] = [
    [
      new ReadError('file/truncated', 'a.onnx', 'a.onnx ends early', 77),
      { name: 'ReadError', code: 'file/truncated', file: 'a.onnx', offset: 77, message: 'a.onnx ends early' },
    ],
    [new ReadError('file/empty', 'b.onnx', 'b.onnx is empty'), { code: 'file/empty', offset: undefined }],
    [Object.assign(new Error('no file'), { code: 'ENOENT' }), { code: 'ENOENT', message: 'no file' }],
    [new TypeError('oops'), { code: 'unknown', message: 'oops' }],
    ['a text', { code: 'unknown', message: 'a text' }],
    [undefined, { code: 'unknown', message: 'undefined' }],
    [Symbol('s'), { code: 'unknown', message: 'Symbol(s)' }],
    [Object.create(null), { code: 'unknown', message: 'an error without a text' }],
    [new DOMException('stop', 'AbortError'), { name: 'AbortError' }],
  ];
  for (const [thrown, expected] of cases) {
    const { caller } = connected(() => {
      throw thrown;
    });
    await assert.rejects(caller.call('double', 1), (error: Error) => {
      assert.ok(error instanceof Error);
      const seen = error as unknown as Record<string, unknown>;
      for (const [key, value] of Object.entries(expected)) assert.equal(seen[key], value, key);
      return true;
    });
  }
});

test('an aborted call is rejected at once, the other side is told, and its late answer is ignored', async () => {
  let ended: ((n: number) => void) | undefined;
  let signal: AbortSignal | undefined;
  const { caller } = connected((_n, context) => {
    signal = context.signal;
    return new Promise<number>((resolve) => {
      ended = resolve;
    });
  });
  const controller = new AbortController();
  const told: unknown[] = [];
  const call = caller.call('double', 1, { signal: controller.signal, progress: (p) => void told.push(p) });
  await turn();
  controller.abort();
  await assert.rejects(call, { name: 'AbortError' });
  await turn();
  assert.equal(signal?.aborted, true);
  let quiet = false;
  const wait = caller.quiet().then(() => {
    quiet = true;
  });
  await turn();
  assert.equal(quiet, false, 'the other side has not answered yet');
  ended?.(2);
  await wait;
  assert.deepEqual(told, []);
});

test('a call with a signal that is already aborted is never sent', async () => {
  const port = testPort();
  const caller = new Caller<Calculator>(port);
  await assert.rejects(caller.call('double', 1, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.deepEqual(port.posted, []);
});

test('a port that closes fails every open call, aborts what is served, and takes no more calls', async () => {
  const signals: AbortSignal[] = [];
  const { caller, near, far } = connected((_n, { signal }) => {
    signals.push(signal);
    return new Promise<number>(() => undefined);
  });
  const calls = [1, 2, 3].map((n) => caller.call('double', n));
  await turn();
  near.shut();
  far.shut();
  for (const call of calls) await assert.rejects(call, { code: 'worker-exited' });
  assert.deepEqual(
    signals.map((s) => s.aborted),
    [true, true, true],
  );
  await assert.rejects(caller.call('double', 4), { code: 'worker-exited' });
  await caller.quiet();
  assert.equal(far.posted.length, 0, 'nothing is said into a closed port');
});

test('closing a caller twice fails its calls once', async () => {
  const { caller } = connected(() => new Promise<number>(() => undefined));
  const call = caller.call('double', 1);
  caller.close({ code: 'first', message: 'first' });
  caller.close({ code: 'second', message: 'second' });
  await assert.rejects(call, { code: 'first' });
});

test('a method that is not there is refused, names of Object.prototype among them', async () => {
  for (const method of ['half', 'toString', 'constructor', '__proto__', 'hasOwnProperty', '']) {
    const { near, caller } = connected();
    near.post({ kind: 'call', id: 5, method, args: 1 });
    const answers: unknown[] = [];
    near.onMessage((m) => void answers.push(m));
    await turn();
    assert.equal(answers.length, 1);
    assert.deepEqual((answers[0] as { error: { code: string } }).error.code, 'unknown-method', method);
    assert.equal(await caller.call('double', 4), 8, 'the connection goes on');
  }
});

test('arguments that the guard refuses never reach the handler', async () => {
  const [near, far] = portPair();
  const seen: unknown[] = [];
  serve<Calculator>(
    far,
    {
      double: (n) => {
        seen.push(n);
        return n;
      },
      bytes: () => ({ data: new Uint8Array(0) }),
    },
    {
      double: (n): n is number => typeof n === 'number',
      bytes: (n): n is void => n === undefined,
    },
  );
  const caller = new Caller<Calculator>(near);
  await assert.rejects(caller.call('double', 'x' as unknown as number), { code: 'bad-arguments' });
  assert.equal(await caller.call('double', 3), 3);
  assert.deepEqual(seen, [3]);
});

test('a second call under a number that is being answered does not get a second answer', async () => {
  const { near, far } = connected(async (n) => {
    await turn();
    return n;
  });
  near.post({ kind: 'call', id: 8, method: 'double', args: 1 });
  near.post({ kind: 'call', id: 8, method: 'double', args: 2 });
  await turn();
  await turn();
  assert.deepEqual(far.posted, [{ kind: 'done', id: 8, value: 1 }]);
});

test('what cannot be cloned fails the call on whichever side it is', async () => {
  const { caller } = connected(() => (() => 1) as unknown as number);
  await assert.rejects(caller.call('double', 1), /could not be cloned/);
  await assert.rejects(caller.call('double', (() => 1) as unknown as number), /could not be cloned/);
  assert.equal(caller.open, 0);
});

test('a listener that throws ends its own call and no other', async () => {
  const { caller } = connected(async (n, { progress }) => {
    progress({ step: n });
    await turn();
    return n;
  });
  const bad = caller.call('double', 1, {
    progress: () => {
      throw new Error('listener');
    },
  });
  const good = caller.call('double', 2);
  await assert.rejects(bad, /listener/);
  assert.equal(await good, 2);
});

test('buffers named by the handler are moved, not copied', async () => {
  const [near, far] = portPair();
  const data = new Uint8Array([1, 2, 3]);
  serve<Calculator>(far, {
    double: (n) => n,
    bytes: (_none, { transfer }) => {
      transfer(data.buffer);
      return { data };
    },
  });
  const answer = await new Caller<Calculator>(near).call('bytes', undefined);
  assert.deepEqual([...answer.data], [1, 2, 3]);
  assert.equal(data.byteLength, 0);
});

test('both sides may call and serve over one port under the same numbers', async () => {
  const [near, far] = portPair();
  const ends = [near, far].map((port, i) => {
    serve<Calculator>(port, { double: (n) => n * (i + 2), bytes: () => ({ data: new Uint8Array(0) }) });
    return new Caller<Calculator>(port);
  });
  assert.deepEqual(await Promise.all(ends.map((end) => end.call('double', 10))), [30, 20]);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CallContext } from '../../analyzers/rpc/channel.ts';
import { Crew, graceMs, type WorkerCall } from '../../analyzers/run/crew.ts';
import { fakeWorkers, type FakeWorker } from '../support/fakeWorkers.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const never = () => new Promise<never>(() => undefined);

interface Asked {
  readonly name: string;
  readonly worker: FakeWorker;
  readonly signal: AbortSignal;
  readonly answer: (value?: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** A crew whose calls the test answers by hand; a call's `source.name` is its name. */
function crewOf(workers: number) {
  const asked: Asked[] = [];
  const fakes = fakeWorkers(
    (_method, args: { source: { name: string } }, context: CallContext<never>, worker) => {
      return new Promise((resolve, reject) => {
        asked.push({
          name: args.source.name,
          worker,
          signal: context.signal,
          answer: resolve,
          fail: reject,
        });
      });
    },
  );
  const crew = new Crew(fakes.spawn, workers);
  const call = (name: string, more: Partial<WorkerCall<'census'>> = {}) =>
    crew.call({
      method: 'census',
      args: { source: { kind: 'bytes', name, bytes: new ArrayBuffer(0) } },
      signal: new AbortController().signal,
      ...more,
    });
  const one = (name: string): Asked => {
    const found = asked.findLast((ask) => ask.name === name);
    assert.ok(found, `${name} was asked`);
    return found;
  };
  return { crew, call, asked, one, names: () => asked.map((ask) => ask.name), ...fakes };
}

test('calls beyond the workers wait, in order, and workers start only when there is work', async () => {
  const { call, names, one, all } = crewOf(2);
  assert.equal(all.length, 0);
  const calls = ['a', 'b', 'c', 'd'].map((name) => call(name));
  await turn();
  assert.deepEqual(names(), ['a', 'b']);
  assert.equal(all.length, 2);
  one('b').answer('B');
  assert.deepEqual(await calls[1], { value: 'B', worker: 1 });
  await turn();
  assert.deepEqual(names(), ['a', 'b', 'c']);
  assert.equal(one('c').worker, all[1]);
  for (const name of ['a', 'c']) one(name).answer();
  await turn();
  await turn();
  one('d').answer();
  await Promise.all(calls);
  assert.equal(all.length, 2);
});

test('a call goes to the worker that is preferred when that one is free, else to another', async () => {
  const { call, one } = crewOf(2);
  const warm = [call('a'), call('b')];
  await turn();
  one('a').answer();
  one('b').answer();
  await Promise.all(warm);
  void call('first', { prefer: 1 });
  void call('second', { prefer: 1 });
  await turn();
  await turn();
  assert.equal(one('first').worker.number, 1);
  assert.equal(one('second').worker.number, 0);
});

test('a call whose worker dies is tried once more on a new worker', async () => {
  const { call, one, all, living } = crewOf(1);
  const lost = call('a');
  await turn();
  one('a').worker.die();
  await turn();
  await turn();
  assert.equal(all.length, 2);
  assert.equal(one('a').worker.number, 1);
  one('a').answer('well');
  assert.deepEqual(await lost, { value: 'well', worker: 0 });
  assert.equal(living().length, 1);
});

test('a call that kills two workers fails; what waits goes on before it is tried again', async () => {
  const { call, one, names, all } = crewOf(1);
  const deadly = assert.rejects(call('deadly'), {
    code: 'analysis/worker-died',
    message: 'the worker ran out of memory',
  });
  const next = call('next');
  await turn();
  one('deadly').worker.die('the worker ran out of memory');
  await turn();
  await turn();
  one('next').answer(1);
  await next;
  await turn();
  assert.deepEqual(names(), ['deadly', 'next', 'deadly']);
  one('deadly').worker.die('the worker ran out of memory');
  await deadly;
  const last = call('last');
  await turn();
  one('last').answer(2);
  await last;
  assert.equal(all.length, 3);
});

test('an error of the call itself is not tried again and costs no worker', async () => {
  const { call, one, asked, living } = crewOf(1);
  const failed = assert.rejects(call('a'), { code: 'ENOENT' });
  await turn();
  one('a').fail(Object.assign(new Error('no file'), { code: 'ENOENT' }));
  await failed;
  assert.equal(asked.length, 1);
  assert.equal(living().length, 1);
});

test('a cancelled call ends at once; a worker that answers the cancel lives and gets the next call', async () => {
  const { call, one, all } = crewOf(1);
  const controller = new AbortController();
  const cancelled = call('a', { signal: controller.signal });
  const next = call('b');
  await turn();
  controller.abort();
  await assert.rejects(cancelled, { name: 'AbortError' });
  await turn();
  assert.equal(one('a').signal.aborted, true);
  assert.equal(all[0]?.alive, true);
  one('a').fail(new DOMException('stopped', 'AbortError'));
  await turn();
  await turn();
  one('b').answer(2);
  assert.equal((await next).value, 2);
  assert.equal(all.length, 1);
});

test('a worker that does not answer a cancel is ended, and only then is its place taken by a new one', async () => {
  const { call, names, one, all } = crewOf(1);
  const controller = new AbortController();
  const stuck = assert.rejects(call('stuck', { signal: controller.signal }), { name: 'AbortError' });
  await turn();
  controller.abort();
  await stuck;
  const next = call('next');
  await turn();
  assert.deepEqual(names(), ['stuck'], 'a worker that still computes gets nothing new');
  while (all.length < 2) await new Promise((resolve) => setTimeout(resolve, graceMs / 4));
  await turn();
  assert.equal(all[0]?.alive, false);
  one('next').answer(3);
  assert.equal((await next).value, 3);
});

test('a call that waits is cancelled without a worker hearing of it', async () => {
  const { call, names, one } = crewOf(1);
  const controller = new AbortController();
  const running = call('a');
  const waiting = call('b', { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  await assert.rejects(call('c', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await turn();
  one('a').answer();
  await running;
  await turn();
  assert.deepEqual(names(), ['a']);
});

test('an urgent call works beside another one, on the worker that is preferred', async () => {
  const { call, one } = crewOf(2);
  void call('a');
  void call('b');
  await turn();
  const tile = call('tile', { urgent: true, prefer: 1 });
  await turn();
  assert.equal(one('tile').worker.number, 1);
  one('tile').answer('picture');
  assert.equal((await tile).value, 'picture');
});

test('cancelling an urgent call does not end a worker that has another call', async () => {
  const { call, one, all } = crewOf(1);
  const layer = call('layer');
  await turn();
  const controller = new AbortController();
  const tile = call('tile', { urgent: true, signal: controller.signal });
  await turn();
  controller.abort();
  await assert.rejects(tile, { name: 'AbortError' });
  await new Promise((resolve) => setTimeout(resolve, 2 * graceMs));
  assert.equal(all[0]?.alive, true);
  one('layer').answer('whole');
  assert.equal((await layer).value, 'whole');
});

test('closing fails the calls that run and those that wait, and ends every worker', async () => {
  const { crew, call, living } = crewOf(2);
  const calls = ['a', 'b', 'c'].map((name) => assert.rejects(call(name)));
  await turn();
  await crew.close();
  await Promise.all(calls);
  await assert.rejects(call('late'));
  assert.equal(living().length, 0);
});

test('a worker that dies without a call is replaced when there is work again', async () => {
  const { call, one, all } = crewOf(1);
  const first = call('a');
  await turn();
  one('a').answer();
  await first;
  all[0]?.die();
  const second = call('b');
  await turn();
  one('b').answer('B');
  assert.equal((await second).value, 'B');
  assert.equal(all.length, 2);
});

test('workers that cannot be started fail the call and nothing else', async () => {
  const crew = new Crew(() => {
    throw new Error('no more threads');
  }, 1);
  await assert.rejects(
    crew.call({
      method: 'open',
      args: { source: { kind: 'file', path: 'x' } },
      signal: new AbortController().signal,
    }),
    /no more threads/,
  );
});

test('two hundred calls cancelled at random moments leave no more workers than there are places', async () => {
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const fakes = fakeWorkers(async (_method, _args, { signal }) => {
    // Some obey, some are slow to, some never do, some crash.
    const kind = random();
    for (let i = 0; i < 5 + 20 * random(); i += 1) {
      await turn();
      if (signal.aborted && kind < 0.9) throw new DOMException('stopped', 'AbortError');
    }
    return kind > 0.98 ? never() : 1;
  });
  const crew = new Crew(fakes.spawn, 3);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const controller = new AbortController();
      const call = crew.call({
        method: 'open',
        args: { source: { kind: 'file', path: 'x' } },
        signal: controller.signal,
        urgent: i % 5 === 0,
      });
      const ended = call.then(
        () => 'answered',
        (error: Error) => error.name,
      );
      for (let n = 0; n < 200 * random(); n += 1) await turn();
      controller.abort();
      return ended;
    }),
  );
  assert.ok(outcomes.every((o) => o === 'answered' || o === 'AbortError'));
  assert.ok(outcomes.includes('answered') && outcomes.includes('AbortError'));
  assert.ok(fakes.living().length <= 3);
  await crew.close();
  assert.equal(fakes.living().length, 0);
});

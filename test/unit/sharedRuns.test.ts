import assert from 'node:assert/strict';
import test from 'node:test';
import { SharedRuns, type RunOptions } from '../../extension/runs.ts';

/** A run that the test drives by hand. */
function byHand() {
  const started: {
    tell: (n: number) => void;
    end: (s: string) => void;
    fail: (e: Error) => void;
    signal: AbortSignal;
  }[] = [];
  const start = ({ signal, progress }: RunOptions<number>): Promise<string> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
      started.push({ tell: progress, end: resolve, fail: reject, signal });
    });
  return { started, start };
}
const listen = (told: number[], controller = new AbortController()) => ({
  signal: controller.signal,
  progress: (n: number) => void told.push(n),
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('equal runs are computed once, and a late caller hears what was already told', async () => {
  const { started, start } = byHand();
  const runs = new SharedRuns<number, string>();
  const early: number[] = [];
  const late: number[] = [];
  const a = runs.join('m', start, listen(early));
  await turn();
  started[0]?.tell(1);
  const b = runs.join('m', start, listen(late));
  started[0]?.tell(2);
  started[0]?.end('report');
  assert.deepEqual(await Promise.all([a, b]), ['report', 'report']);
  assert.equal(started.length, 1);
  assert.deepEqual(
    [early, late],
    [
      [1, 2],
      [1, 2],
    ],
  );
});

test('a caller that leaves is rejected at once and the run goes on for the other', async () => {
  const { started, start } = byHand();
  const runs = new SharedRuns<number, string>();
  const leaving = new AbortController();
  const told: number[] = [];
  const a = runs.join('m', start, listen(told, leaving));
  const b = runs.join('m', start, listen([]));
  await turn();
  leaving.abort();
  await assert.rejects(a, { name: 'AbortError' });
  assert.equal(started[0]?.signal.aborted, false);
  started[0]?.tell(7);
  assert.deepEqual(told, []);
  started[0]?.end('report');
  assert.equal(await b, 'report');
});

test('the run is aborted when its last caller leaves, and the next caller starts a new one', async () => {
  const { started, start } = byHand();
  const runs = new SharedRuns<number, string>();
  const leaving = new AbortController();
  const a = runs.join('m', start, listen([], leaving));
  await turn();
  leaving.abort();
  await assert.rejects(a, { name: 'AbortError' });
  assert.equal(started[0]?.signal.aborted, true);
  const b = runs.join('m', start, listen([]));
  await turn();
  assert.equal(started.length, 2);
  started[1]?.end('second');
  assert.equal(await b, 'second');
});

test('a run that fails fails all its callers and is not kept', async () => {
  const { started, start } = byHand();
  const runs = new SharedRuns<number, string>();
  const a = runs.join('m', start, listen([]));
  const b = runs.join('m', start, listen([]));
  await turn();
  started[0]?.fail(new Error('no such file'));
  await assert.rejects(a, /no such file/);
  await assert.rejects(b, /no such file/);
  const c = runs.join('m', start, listen([]));
  await turn();
  started[1]?.end('again');
  assert.equal(await c, 'again');
});

test('a signal that was aborted before starts nothing', async () => {
  const { started, start } = byHand();
  const runs = new SharedRuns<number, string>();
  const gone = new AbortController();
  gone.abort();
  await assert.rejects(runs.join('m', start, listen([], gone)), { name: 'AbortError' });
  await turn();
  assert.equal(started.length, 0);
});

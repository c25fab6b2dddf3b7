import assert from 'node:assert/strict';
import test from 'node:test';
import type { Chunk, Pass } from '../../analyzers/model/chunk.ts';
import { WeightCache } from '../../analyzers/run/weightCache.ts';

const signal = new AbortController().signal;

/** `count` numbers in chunks of four that share one buffer, as the reader gives them; says how often it was read. */
function counted(count: number, from = 0, make: (n: number) => Float32Array | Float64Array = f32) {
  let reads = 0;
  const pass: Pass = async function* () {
    reads += 1;
    const buffer = make(4);
    for (let first = 0; first < count; first += 4) {
      const values = buffer.subarray(0, Math.min(4, count - first));
      values.forEach((_, i) => (values[i] = from + first + i));
      yield await Promise.resolve({ first, values });
    }
  };
  return { pass, reads: () => reads };
}
const f32 = (n: number) => new Float32Array(n);

async function all(chunks: AsyncIterable<Chunk>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { first, values } of chunks) {
    assert.equal(first, numbers.length);
    numbers.push(...values);
  }
  return numbers;
}
const upTo = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

test('the second pass is answered from memory with the same numbers', async () => {
  const cache = new WeightCache();
  const layer = counted(10);
  const pass = cache.through('a', 10, layer.pass);
  for (let i = 0; i < 3; i += 1) assert.deepEqual(await all(pass(signal)), upTo(10));
  assert.equal(layer.reads(), 1);
  assert.equal(cache.bytes, 40);
});

test('doubles are kept as doubles', async () => {
  const cache = new WeightCache();
  const layer = counted(3, 2 ** 40, (n) => new Float64Array(n));
  const pass = cache.through('a', 3, layer.pass);
  await all(pass(signal));
  assert.deepEqual(await all(pass(signal)), upTo(3, 2 ** 40));
  assert.equal(layer.reads(), 1);
});

test('a pass that was given up is not kept', async () => {
  const cache = new WeightCache();
  const layer = counted(10);
  const pass = cache.through('a', 10, layer.pass);
  for await (const { first } of pass(signal)) if (first > 0) break;
  assert.equal(cache.bytes, 0);
  assert.deepEqual(await all(pass(signal)), upTo(10));
  assert.equal(layer.reads(), 2);
});

test('a tensor with more or fewer numbers than its shape says is not kept', async () => {
  const cache = new WeightCache();
  for (const wrong of [6, 12]) {
    const layer = counted(wrong);
    const pass = cache.through('a', 10, layer.pass);
    assert.deepEqual(await all(pass(signal)), upTo(wrong));
    assert.equal(cache.bytes, 0);
  }
});

test('large layers are not kept, and of the others only as many as fit, the last used first', async () => {
  const cache = new WeightCache(100, 40);
  const layers = ['a', 'b', 'c', 'large'].map((key, i) => {
    const count = key === 'large' ? 11 : 10;
    const layer = counted(count, 100 * i);
    return { ...layer, run: () => all(cache.through(key, count, layer.pass)(signal)) };
  });
  const [a, b, c, large] = layers as [
    (typeof layers)[0],
    (typeof layers)[0],
    (typeof layers)[0],
    (typeof layers)[0],
  ];
  await a.run();
  await b.run();
  await a.run();
  await large.run();
  assert.equal(cache.bytes, 80);
  await c.run();
  assert.equal(cache.bytes, 80, 'b, used longest ago, made room');
  await a.run();
  await large.run();
  assert.deepEqual([a.reads(), b.reads(), c.reads(), large.reads()], [1, 1, 1, 2]);
  assert.deepEqual(await b.run(), upTo(10, 100));
  assert.equal(b.reads(), 2);
});

test('a signal ends a pass from memory too', async () => {
  const cache = new WeightCache();
  const pass = cache.through('a', 10, counted(10).pass);
  await all(pass(signal));
  await assert.rejects(all(pass(AbortSignal.abort())), { name: 'AbortError' });
});

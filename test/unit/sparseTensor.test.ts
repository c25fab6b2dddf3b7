import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../../analyzers/bytes/limits.ts';
import type { Tensor } from '../../analyzers/model/tensor.ts';
import { readTensor } from '../../analyzers/model/weights.ts';
import { collect, inlineTensor, never, sourcesOf, tensor } from '../support/numbers.ts';

/** Values 1, 2, 3, ... at the given indices: flat, or coordinates when there are `rank` times as many. */
function sparse(shape: readonly number[], indices: readonly number[], rank = 1): Tensor {
  const count = indices.length / rank;
  return tensor('f32', shape, {
    kind: 'sparse',
    values: inlineTensor(Array.from({ length: count }, (_, i) => i + 1)),
    indices: { ...inlineTensor(indices, rank > 1 ? [count, rank] : [count]), dtype: 'i64' },
    count,
    rank,
  });
}

const numbersOf = async (t: Tensor): Promise<number[]> =>
  (await collect(readTensor(sourcesOf(), t, never, 8))).numbers;

test('stored values stand at their flat indices, everything else is zero', async () => {
  assert.deepEqual(await numbersOf(sparse([2, 5], [1, 7, 9])), [0, 1, 0, 0, 0, 0, 0, 2, 0, 3]);
  assert.deepEqual(await numbersOf(sparse([20], [])), new Array(20).fill(0));
  assert.deepEqual((await numbersOf(sparse([40], [39])))[39], 1);
});

test('coordinates count along the shape', async () => {
  assert.deepEqual(await numbersOf(sparse([2, 3], [0, 1, 1, 2], 2)), [0, 1, 0, 0, 0, 2]);
});

test('indices in any order give the same tensor', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 30 }),
      fc.boolean(),
      async (indices, coordinates) => {
        const shape = [3, 4, 5];
        const dense = new Array<number>(60).fill(0);
        indices.forEach((index, i) => (dense[index] = i + 1));
        const written = coordinates
          ? indices.flatMap((i) => [Math.floor(i / 20), Math.floor(i / 5) % 4, i % 5])
          : indices;
        assert.deepEqual(await numbersOf(sparse(shape, written, coordinates ? 3 : 1)), dense);
      },
    ),
    { numRuns: 100 },
  );
});

test('indices outside of the shape, twice or in another number than the values are refused', async () => {
  for (const [t, message] of [
    [sparse([10], [10]), /outside/],
    [sparse([10], [-1]), /outside/],
    [sparse([10], [0.5 + 2 ** 60]), /outside/],
    [sparse([2, 3], [0, 3], 2), /outside/],
    [sparse([2, 3], [-1, 5], 2), /outside/],
    [sparse([10], [4, 4]), /two values/],
    [sparse([10], [5, 4, 5]), /two values/],
    [sparse([4, 3, 1], [0, 1], 2), /rank/],
  ] as const)
    await assert.rejects(numbersOf(t), { code: 'weights/malformed', message });
  const short = tensor('f32', [9], {
    kind: 'sparse',
    values: inlineTensor([1]),
    indices: inlineTensor([1, 2]),
    count: 2,
    rank: 1,
  });
  await assert.rejects(numbersOf(short), { code: 'weights/malformed', message: /differ in number/ });
});

test('a sparse tensor that no memory or patience could hold is refused at once', async () => {
  await assert.rejects(numbersOf(sparse([limits.sparseElements, 2], [0])), { code: 'limits/shape-overflow' });
});

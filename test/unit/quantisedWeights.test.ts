import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Quantisation } from '../../analyzers/model/layer.ts';
import type { Tensor } from '../../analyzers/model/tensor.ts';
import { readWeights } from '../../analyzers/model/weights.ts';
import { collect, inlineTensor, never, rawTensor, sourcesOf } from '../support/numbers.ts';

async function real(
  stored: readonly number[],
  shape: readonly number[],
  q: Quantisation | null,
): Promise<number[]> {
  const bytes = Uint8Array.from(stored);
  const weight = rawTensor('u8', shape, bytes.length);
  const chunks = readWeights(sourcesOf(bytes), { weight, quantisation: q }, never, 8);
  return (await collect(chunks)).numbers;
}

const scalar = (value: number): Tensor => inlineTensor([value], []);

test('a weight that is not quantised is what is stored', async () => {
  assert.deepEqual(await real([0, 255, 3], [3], null), [0, 255, 3]);
});

test('one scale and zero point hold for the whole tensor', async () => {
  const q = { scale: scalar(0.5), zeroPoint: scalar(128), axis: null };
  assert.deepEqual(await real([128, 0, 255, 129], [4], q), [0, -64, 63.5, 0.5]);
  assert.deepEqual(await real([128, 1], [2], { ...q, zeroPoint: null }), [64, 0.5]);
});

test('an unknown scale counts as 1: zeros are still where the zero point is', async () => {
  assert.deepEqual(await real([7, 8], [2], { scale: null, zeroPoint: scalar(7), axis: null }), [0, 1]);
});

test('scales along any axis are those of their place, across chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.boolean(),
      async (shape, at, onePoint) => {
        const axis = at % shape.length;
        const size = shape[axis]!;
        const count = shape.reduce((n, d) => n * d, 1);
        const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
        const stored = Array.from({ length: count }, (_, i) => (i * 37 + 100) % 256);
        const scales = Array.from({ length: size }, (_, i) => Math.fround(0.1 + i / 3));
        const points = Array.from({ length: size }, (_, i) => (onePoint ? 100 : 90 + 10 * i));
        const q: Quantisation = {
          scale: inlineTensor(scales),
          zeroPoint: onePoint ? scalar(100) : inlineTensor(points),
          axis,
        };
        const expected = stored.map((s, i) => {
          const place = Math.floor(i / inner) % size;
          return Math.fround((s - points[place]!) * scales[place]!);
        });
        assert.deepEqual(await real(stored, shape, q), expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('a value is zero exactly where the stored number is the zero point', async () => {
  const stored = Array.from({ length: 256 }, (_, i) => i);
  for (const scale of [2 ** -149, 1e-30, 0.003, -0.5, 3e38]) {
    const values = await real(stored, [256], {
      scale: scalar(Math.fround(scale)),
      zeroPoint: scalar(77),
      axis: null,
    });
    assert.deepEqual(
      values.flatMap((v, i) => (v === 0 ? [i] : [])),
      [77],
    );
  }
});

test('a scale or zero point of another size than the axis is refused', async () => {
  const two = inlineTensor([1, 2]);
  for (const q of [
    { scale: two, zeroPoint: null, axis: null },
    { scale: two, zeroPoint: null, axis: 1 },
    { scale: scalar(1), zeroPoint: two, axis: 1 },
    { scale: inlineTensor([]), zeroPoint: null, axis: 0 },
    { scale: two, zeroPoint: null, axis: 7 },
  ])
    await assert.rejects(real([1, 2, 3, 4, 5, 6], [2, 3], q), { code: 'weights/malformed' });
});

test('more scales than any layer has are refused before room is made for them', async () => {
  const size = 2 ** 40;
  const bytes = new Uint8Array(1);
  const chunks = readWeights(
    sourcesOf(bytes),
    {
      weight: rawTensor('u8', [size], size),
      quantisation: { scale: rawTensor('f32', [size], 4 * size), zeroPoint: null, axis: 0 },
    },
    never,
  );
  await assert.rejects(collect(chunks), { code: 'weights/malformed', message: /more than/ });
});

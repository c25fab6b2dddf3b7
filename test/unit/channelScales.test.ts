import assert from 'node:assert/strict';
import test from 'node:test';
import type { DType } from '../../analyzers/model/dtype.ts';
import { bothWays, placesIn } from '../support/exporting.ts';
import { seeded } from '../support/layerFixture.ts';
import { f32, onnxModel, type ModelSpec, type TensorSpec } from '../support/onnxFixture.ts';
import { numbersIn } from '../support/slim.ts';
import { recipeBy } from '../support/slimModels.ts';
import { product } from '../support/writtenModels.ts';

const shape = [24, 30] as const;
const scales = Float32Array.from({ length: 30 }, (_, i) => 0.002 * (1 + (i % 7) ** 2));

/** A matrix behind a DequantizeLinear with a scale for each of its 30 columns (the outputs of a product). */
function perChannel(
  dtype: DType,
  stored: readonly number[],
  zeroPoints: readonly number[] | null,
): ModelSpec {
  const initializers: TensorSpec[] = [
    { name: 'q', dtype, shape, raw: Uint8Array.from(stored) },
    f32('scale', [30], (i) => scales[i]!),
  ];
  if (zeroPoints !== null)
    initializers.push({ name: 'zero', dtype, shape: [30], raw: Uint8Array.from(zeroPoints) });
  return product(
    shape,
    { initializers },
    {
      before: [
        {
          op: 'DequantizeLinear',
          inputs: zeroPoints === null ? ['q', 'scale'] : ['q', 'scale', 'zero'],
          outputs: ['w'],
          attributes: { axis: 1 },
        },
      ],
    },
  );
}

const draw = seeded(3);
const steps = Array.from({ length: 720 }, () => Math.round((draw() + draw() + draw() - 1.5) * 80));

/** Exports and compresses; the stored elements that come back. */
async function written(spec: ModelSpec, rule: { prune: string; share: string }) {
  const bytes = onnxModel(spec);
  const both = await bothWays(bytes, recipeBy({ '*': rule }));
  assert.deepEqual(both.decompressed, both.exported);
  const own = both.exported.get('net.onnx')!;
  assert.equal(own.length, bytes.length);
  const [place] = placesIn(both.before.layers[0]!.weight);
  const elements = own.slice(place!.offset, place!.offset + 720);
  const rest = own.slice();
  rest.set(bytes.subarray(place!.offset, place!.offset + 720), place!.offset);
  assert.deepEqual(rest, bytes, 'every other byte of the model');
  const now = await numbersIn(both.after.layers[0]!, both.after.sources);
  return { elements, now, before: await numbersIn(both.before.layers[0]!, both.before.sources) };
}

test('integers with a scale for each channel come back as integers, few of them, pruned by what they mean', async () => {
  for (const [dtype, zero] of [
    ['i8', 0],
    ['u8', 128],
  ] as const) {
    const stored = steps.map((step) => step + zero);
    const points = dtype === 'u8' ? new Array<number>(30).fill(zero) : null;
    for (const method of ['optimal', 'rate', 'linear', 'uniform-symmetric', 'optimal/rows=10']) {
      const rule = {
        prune: 'density=0.5',
        share: method.startsWith('uniform') ? `4:${method}` : `3:${method}`,
      };
      const { elements, now, before } = await written(perChannel(dtype, stored, points), rule);
      const numbers = new Set(elements);
      assert.ok(numbers.has(zero), method);
      const groups = method.endsWith('rows=10') ? 3 : 1;
      assert.ok(
        numbers.size <= groups * (method.startsWith('uniform') ? 15 : 7) + 1,
        `${method}: ${numbers.size.toString()}`,
      );
      const meant = (list: readonly number[]): number[] =>
        list.map((number, i) => Math.fround((number - zero) * scales[i % 30]!));
      const [real, original] = [meant(now), meant(before)];
      // The half that is largest as real numbers, whatever the integers are.
      const threshold = original.map(Math.abs).toSorted((x, y) => y - x)[359]!;
      for (const [i, value] of real.entries())
        assert.equal(value !== 0, Math.abs(original[i]!) >= threshold && original[i] !== 0);
    }
  }
});

test('squared scales weigh the error: one value for all is their weighted mean', async () => {
  const { elements } = await written(perChannel('i8', steps.map(Math.abs), null), {
    prune: 'none',
    share: '1:optimal',
  });
  let sum = 0;
  let weight = 0;
  for (const [i, step] of steps.entries()) {
    const squared = step === 0 ? 0 : scales[i % 30]! ** 2;
    sum += squared * Math.abs(step);
    weight += squared;
  }
  const plain =
    steps.reduce((all, step) => all + Math.abs(step), 0) / steps.filter((step) => step !== 0).length;
  assert.notEqual(Math.round(sum / weight), Math.round(plain));
  assert.ok(steps.includes(0), 'code 0 is for zeros, and one is left');
  assert.deepEqual(new Set(elements), new Set([Math.round(sum / weight), 0]));
});

test('narrow floats with a scale come back as floats of their type', async () => {
  const stored = steps.map((step) => (step < 0 ? 128 : 0) | (Math.abs(step) & 63));
  for (const dtype of ['f8e4m3fn', 'f8e5m2'] as const) {
    const { elements } = await written(perChannel(dtype, stored, null), { prune: 'density=0.4', share: '3' });
    assert.ok(new Set(elements).size <= 8);
  }
});

test('where zero points differ nothing is changed', async () => {
  const points = Array.from({ length: 30 }, (_, i) => 120 + (i % 3));
  const stored = steps.map((step, i) => step + points[i % 30]!);
  const { elements } = await written(perChannel('u8', stored, points), { prune: 'density=0.5', share: '3' });
  assert.deepEqual(Array.from(elements), stored);
});

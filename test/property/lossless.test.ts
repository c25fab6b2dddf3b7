import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { losslessCounter } from '../../analyzers/analyses/lossless.ts';
import { decode, valuesFor } from '../../analyzers/kernels/decode.ts';
import { losslessHeader, losslessPlan } from '../../analyzers/kernels/lossless.ts';
import { decodeLossless, encodeLossless } from '../../analyzers/kernels/losslessStream.ts';
import { addPlanes, emptyPlanes, findNonZero } from '../../analyzers/kernels/planes.ts';
import { addGaps, emptyGaps, gapCounts } from '../../analyzers/kernels/relativeIndex.ts';
import { storedWords, type StoredWords } from '../../analyzers/kernels/storedWords.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';

const dtypes = Object.keys(dtypeBits) as DType[];

/** Elements in bytes: of several kinds, so that each layout is chosen. */
const stored = fc.tuple(
  fc.constantFrom(...dtypes),
  fc.oneof(
    fc.uint8Array({ minLength: 8, maxLength: 400 }),
    fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 60), { minLength: 8, maxLength: 400 }),
    fc.array(fc.constantFrom(...new Array<number>(40).fill(0), 5), { minLength: 200, maxLength: 2000 }),
  ),
);

function valuesOf(dtype: DType, bytes: Uint8Array): Float32Array | Float64Array {
  const n = Math.floor((bytes.length * 8) / dtypeBits[dtype]);
  const values = valuesFor(dtype, n);
  decode(dtype, bytes, values);
  return values;
}

test('lossless coding decodes to the same stored elements, in the reported bits, for every stored type', () => {
  fc.assert(
    fc.property(stored, ([dtype, list]) => {
      const values = valuesOf(dtype, Uint8Array.from(list));
      // A NaN has lost its payload before it comes here, and 64-bit integers their last bits.
      fc.pre(!values.some((value) => Number.isNaN(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER));
      const n = values.length;
      const made = storedWords(dtype)(
        values,
        new Uint32Array(n),
        new Uint32Array(dtypeBits[dtype] > 32 ? n : 0),
      );
      const words: StoredWords = { low: made.low.slice(), high: made.high.slice() };
      const planes = emptyPlanes(dtypeBits[dtype]);
      const gaps = emptyGaps();
      const positions = new Uint32Array(n);
      addPlanes(planes, words);
      addGaps(gaps, positions, findNonZero(planes, words, positions), 0);
      const plan = losslessPlan(planes, gapCounts(gaps));
      const stream = encodeLossless(words, plan, planes.symbolBits);
      assert.equal(stream.length, plan.bits);
      assert.ok(plan.bits <= n * dtypeBits[dtype] + losslessHeader);
      assert.deepEqual(decodeLossless(stream.bytes(), n, planes.planes, planes.symbolBits), words);
      const counter = losslessCounter(dtype);
      for (let from = 0; from < n; from += 37) counter.take(values.subarray(from, from + 37), from);
      assert.equal(counter.bits(n), plan.bits);
    }),
    { numRuns: 300 },
  );
});

test('words made from values are the stored bits of every type', () => {
  for (const dtype of dtypes) {
    const bits = dtypeBits[dtype];
    if (bits > 16) continue;
    const codes = Array.from({ length: 2 ** bits }, (_, i) => i).filter(
      (code) => dtype !== 'bool' || code < 2,
    );
    const bytes = new Uint8Array((codes.length * Math.max(8, bits)) / 8);
    if (bits === 16) codes.forEach((code, i) => bytes.set([code & 255, code >> 8], 2 * i));
    else if (bits === 8) bytes.set(codes);
    else continue;
    const values = valuesFor(dtype, codes.length);
    decode(dtype, bytes, values);
    const { low } = storedWords(dtype)(values, new Uint32Array(codes.length), new Uint32Array(0));
    for (const [i, code] of codes.entries())
      if (!Number.isNaN(values[i]!)) assert.equal(low[i], code, `${dtype} ${code.toString()}`);
  }
});

const bitsOf = (values: Float32Array): number => {
  const counter = losslessCounter('f32');
  counter.take(values, 0);
  return counter.bits(values.length);
};

test('many words at once are counted as few are', () => {
  const words = new Uint32Array(Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i) * i).buffer);
  const whole = emptyPlanes(32);
  addPlanes(whole, { low: words, high: new Uint32Array(0) });
  const parts = emptyPlanes(32);
  for (let from = 0; from < words.length; from += 7000)
    addPlanes(parts, { low: words.subarray(from, from + 7000), high: new Uint32Array(0) });
  assert.deepEqual(whole, parts);
});

test('a layer of zeros takes next to nothing, and a sparse one little more than its non-zeros', () => {
  assert.ok(bitsOf(new Float32Array(100_000)) < 1000);
  const some = new Float32Array(100_000).map((_, i) => (i % 100 === 0 ? Math.sin(i) : 0));
  assert.ok(bitsOf(some) < 1000 * 40);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { encodePlanes } from '../../analyzers/analyses/encodePlanes.ts';
import { losslessCounter } from '../../analyzers/analyses/lossless.ts';
import { decode, valuesFor } from '../../analyzers/kernels/decode.ts';
import { losslessHeader } from '../../analyzers/kernels/lossless.ts';
import { addPlanes, emptyPlanes } from '../../analyzers/kernels/planes.ts';
import { storedWords, wordsAreExact } from '../../analyzers/kernels/storedWords.ts';
import type { RawPass } from '../../analyzers/model/chunk.ts';
import { dtypeBits, type DType } from '../../analyzers/model/dtype.ts';
import { decoded } from '../support/codedLayers.ts';

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

/** Passes over bytes in memory, some elements at a time. */
const passOver = (bytes: Uint8Array, n: number, bits: number): RawPass =>
  async function* () {
    await Promise.resolve();
    for (let first = 0; first < n; first += 48) {
      const count = Math.min(48, n - first);
      yield { first, count, bytes: bytes.slice((first * bits) / 8, Math.ceil(((first + count) * bits) / 8)) };
    }
  };

test('lossless coding decodes to the same stored elements, in the reported bits, for every stored type', async () => {
  const layouts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(stored, async ([dtype, list]) => {
      const bits = dtypeBits[dtype];
      const bytes = Uint8Array.from(list);
      const n = Math.floor((bytes.length * 8) / bits);
      const raw = passOver(bytes, n, bits);
      const { signal } = new AbortController();
      const counter = losslessCounter(dtype);
      for await (const part of raw(signal)) counter.takeRaw(part);
      if (wordsAreExact(dtype)) {
        const values = valuesOf(dtype, bytes);
        const byValues = losslessCounter(dtype);
        for (let from = 0; from < n; from += 37) byValues.take(values.subarray(from, from + 37), from);
        assert.deepEqual(byValues.plan(n), counter.plan(n));
      }
      const plan = counter.plan(n) ?? assert.fail();
      layouts.add(plan.layout);
      assert.equal(counter.bits(n), plan.bits);
      assert.equal(
        plan.streamBits.reduce((a, b) => a + b, 0),
        plan.bits,
      );
      assert.ok(plan.bits <= n * bits + losslessHeader);
      const streams = plan.streamBits.map((): number[] => []);
      for await (const part of encodePlanes(plan, dtype, raw, signal))
        streams[part.stream]!.push(...part.bytes);
      assert.deepEqual(
        streams.map((stream) => stream.length),
        plan.streamBits.map((stream) => Math.ceil(stream / 8)),
      );
      const coded = {
        form: 'lossless',
        runs: null,
        weights: n,
        elementBits: bits,
        zero: [0, 0],
        share: null,
        indexBits: null,
        entries: 0,
        runSymbols: 0,
        runCodes: 0,
        streams: plan.streamBits.map((size) => ({ kind: 'lossless', bits: size })),
      } as const;
      const read = await decoded(
        coded,
        streams.map((stream) => Uint8Array.from(stream)),
        56,
      );
      assert.deepEqual(read, bytes.slice(0, Math.ceil((n * bits) / 8)));
    }),
    { numRuns: 300 },
  );
  assert.deepEqual([...layouts].toSorted(), ['planes', 'raw', 'sparse']);
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

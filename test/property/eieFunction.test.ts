import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { eieProduct, type EieMemory } from '../../analyzers/kernels/eieFunction.ts';
import { encodeInterleaved } from '../../analyzers/kernels/interleaved.ts';
import { seeded } from '../support/layerFixture.ts';

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  cols: fc.integer({ min: 1, max: 16 }),
  pes: fc.constantFrom(1, 2, 4, 7, 64),
  width: fc.constantFrom(1, 2, 4),
  codeBits: fc.constantFrom(1, 4, 5),
  density: fc.constantFrom(0, 0.05, 0.3, 1),
  active: fc.constantFrom(0, 0.3, 1),
  seed: fc.integer({ min: 1, max: 1 << 30 }),
});

interface Made {
  readonly memory: EieMemory;
  readonly codes: Uint32Array;
  readonly a: Float64Array;
}

function made({
  rows,
  cols,
  pes,
  width,
  codeBits,
  density,
  active,
  seed,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never): Made {
  const draw = seeded(seed);
  const codes = Uint32Array.from({ length: rows * cols }, () =>
    draw() < density ? 1 + Math.floor(draw() * (2 ** codeBits - 1)) : 0,
  );
  const codebook = Float64Array.from({ length: 2 ** codeBits }, (_, i) => (i === 0 ? 0 : 3 * (draw() - 0.5)));
  const a = Float64Array.from({ length: cols }, () => (draw() < active ? 8 * (draw() - 0.3) : 0));
  const of = { rows, cols, pes, width };
  return { memory: { of, codeBits, codebook, pes: encodeInterleaved(codes, of, codeBits) }, codes, a };
}

test('in double precision the compressed form gives the plain product bit for bit, rectified', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { memory, codes, a } = made(one);
      const { rows, cols } = one;
      const plain = Float64Array.from({ length: rows }, (_, row) => {
        let sum = 0;
        for (let col = 0; col < cols; col += 1) sum += memory.codebook[codes[row * cols + col]!]! * a[col]!;
        return Math.max(0, sum);
      });
      assert.deepEqual(eieProduct(memory, a), plain);
    }),
    { numRuns: 300 },
  );
});

test('in 16-bit fixed point it is the product in whole numbers, bit for bit', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 15 }), (one, fractionBits) => {
      const { memory, codes, a } = made(one);
      const { rows, cols } = one;
      const unit = 2 ** fractionBits;
      const whole = (value: number): bigint =>
        BigInt(Math.min(32_767, Math.max(-32_768, Math.floor(value * unit + 0.5))));
      const weights = Array.from(memory.codebook, whole);
      const inputs = Array.from(a, whole);
      const plain = Float64Array.from({ length: rows }, (_, row) => {
        let sum = 0n;
        for (let col = 0; col < cols; col += 1) sum += weights[codes[row * cols + col]!]! * inputs[col]!;
        if (sum < 0n) sum = 0n;
        const shift = BigInt(fractionBits);
        const rounded = shift === 0n ? sum : (sum + (1n << (shift - 1n))) >> shift;
        return Number(rounded > 32_767n ? 32_767n : rounded) / unit;
      });
      assert.deepEqual(eieProduct(memory, a, { fractionBits }), plain);
    }),
    { numRuns: 300 },
  );
});

test('a number beyond the format is its nearest end, and halves round upwards', () => {
  const of = { rows: 3, cols: 1, pes: 2, width: 4 };
  const memory: EieMemory = {
    of,
    codeBits: 2,
    codebook: Float64Array.of(0, 1, 100, -0.5),
    pes: encodeInterleaved(Uint32Array.of(1, 2, 3), of, 2),
  };
  // Q7.8: 2.00195 is 512.5 places, which rounds to 513.
  assert.deepEqual(Array.from(eieProduct(memory, Float64Array.of(512.5 / 256), { fractionBits: 8 })), [
    513 / 256,
    32_767 / 256,
    0,
  ]);
});

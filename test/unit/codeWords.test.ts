import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { canonicalCodes as numbers, codeLengths } from '../../analyzers/kernels/huffman.ts';
import { canonicalCodes } from '../../analyzers/report/canonicalCodes.ts';

test('the code words that are shown are those that the encoder writes', () => {
  const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(9), fc.nat(1_000_000)), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(counts, (uses) => {
      const lengths = codeLengths(uses);
      const codes = numbers(lengths);
      const written = Array.from(lengths, (length, symbol) =>
        length === 0 ? '' : codes[symbol]!.toString(2).padStart(length, '0'),
      );
      assert.deepEqual(canonicalCodes(Array.from(lengths)), written);
    }),
  );
});

test('shorter words come first, equal lengths in the order of the symbols', () => {
  assert.deepEqual(canonicalCodes([2, 1, 0, 3, 3]), ['10', '0', '', '110', '111']);
  assert.deepEqual(canonicalCodes([1]), ['0']);
  assert.deepEqual(canonicalCodes([0, 0]), ['', '']);
  assert.deepEqual(canonicalCodes([]), []);
});

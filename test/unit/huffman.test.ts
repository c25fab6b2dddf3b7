import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitReader, BitWriter } from '../../analyzers/kernels/bits.ts';
import { entropyBits, positionBits } from '../../analyzers/kernels/entropy.ts';
import {
  canonicalCodes,
  codeLengths,
  codedBits,
  decodeSymbols,
  encodeSymbols,
  tableBits,
} from '../../analyzers/kernels/huffman.ts';

/** The twin: join the two rarest until one is left; the bits of the stream are the sum of all joins. */
function joinedBits(counts: readonly number[]): number {
  const left = counts.filter((count) => count > 0);
  if (left.length === 1) return left[0]!;
  let bits = 0;
  while (left.length > 1) {
    left.sort((a, b) => a - b);
    const joined = left.shift()! + left.shift()!;
    bits += joined;
    left.push(joined);
  }
  return bits;
}

const countLists = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1_000_000 }), fc.constant(0)),
  { maxLength: 60 },
);

test('code lengths are the shortest for the counts and make a prefix code that is full', () => {
  fc.assert(
    fc.property(countLists, (counts) => {
      const lengths = codeLengths(counts, 60);
      assert.equal(codedBits(counts, lengths), joinedBits(counts));
      const used = counts.filter((count) => count > 0).length;
      const kraft = lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);
      if (used > 1) assert.equal(kraft, 1);
      assert.ok(counts.every((count, i) => lengths[i]! > 0 === count > 0));
    }),
  );
});

/** Every full set of n lengths up to the limit, longest first. */
const sets = (n: number, limit: number): number[][] => {
  const found: number[][] = [];
  const extend = (lengths: number[], room: number): void => {
    if (lengths.length === n) {
      if (room === 0) found.push(lengths);
      return;
    }
    const most = lengths.at(-1) ?? limit;
    for (let length = most; length >= 1; length -= 1)
      if (2 ** -length <= room) extend([...lengths, length], room - 2 ** -length);
  };
  extend([], 1);
  return found;
};

test('a limited code keeps its limit, and is the best of all codes that do', () => {
  const all = new Map([3, 4, 5, 6, 7].map((n) => [n, sets(n, 3)]));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 7 }), (counts) => {
      const lengths = codeLengths(counts, 3);
      assert.ok(Math.max(...lengths) <= 3);
      const rarestFirst = counts.toSorted((a, b) => a - b);
      const least = Math.min(
        ...all
          .get(counts.length)!
          .map((set) => set.reduce((bits, length, i) => bits + length * rarestFirst[i]!, 0)),
      );
      assert.equal(codedBits(counts, lengths), least);
    }),
  );
});

test('Fibonacci counts, which make the deepest tree, stay within 16 bits', () => {
  const counts = [1, 1];
  while (counts.length < 40) counts.push(counts.at(-1)! + counts.at(-2)!);
  const lengths = codeLengths(counts);
  assert.equal(Math.max(...lengths), 16);
  assert.equal(Math.max(...codeLengths(counts, 60)), 39);
});

test('more symbols than a limit has codes are refused', () => {
  assert.throws(
    () =>
      codeLengths(
        new Array<number>(9).fill(1).map((_, i) => 3 ** i),
        3,
      ),
    RangeError,
  );
});

test('a lone symbol has a code of 1 bit, no symbol none', () => {
  assert.deepEqual(Array.from(codeLengths([0, 7, 0])), [0, 1, 0]);
  assert.deepEqual(Array.from(codeLengths([0, 0])), [0, 0]);
  assert.equal(tableBits(codeLengths([0, 7, 0]), 5), 10);
});

test('a code table is charged its symbol and 5 bits for each used symbol', () => {
  assert.equal(tableBits(Uint8Array.of(1, 0, 2, 2), 8), 3 * 13);
});

test('canonical codes ascend by length, then symbol', () => {
  assert.deepEqual(Array.from(canonicalCodes(Uint8Array.of(2, 1, 3, 3))), [0b10, 0b0, 0b110, 0b111]);
});

test('decoding gives back every stream, in the bits that were counted', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 300 }), (symbols) => {
      const counts = new Array<number>(41).fill(0);
      for (const symbol of symbols) counts[symbol]! += 1;
      const lengths = codeLengths(counts);
      const into = new BitWriter();
      encodeSymbols(symbols, lengths, into);
      assert.equal(into.length, codedBits(counts, lengths));
      const bytes = into.bytes();
      assert.equal(bytes.length, Math.ceil(into.length / 8));
      assert.deepEqual(Array.from(decodeSymbols(new BitReader(bytes), lengths, symbols.length)), symbols);
    }),
  );
});

test('a stream that ends early, a symbol without a code, and bits that are no code are errors', () => {
  const lengths = Uint8Array.of(1, 0, 2);
  assert.throws(() => decodeSymbols(new BitReader(new Uint8Array(0)), lengths, 1), RangeError);
  assert.throws(() => {
    encodeSymbols([1], lengths, new BitWriter());
  }, RangeError);
  assert.throws(
    () => decodeSymbols(new BitReader(Uint8Array.of(255, 255, 255, 255, 255)), lengths, 1),
    RangeError,
  );
});

test('bits are read as they were written, at any width', () => {
  const numbers = fc.array(
    fc
      .integer({ min: 0, max: 32 })
      .chain((width) =>
        fc.tuple(fc.integer({ min: 0, max: width === 0 ? 0 : 2 ** width - 1 }), fc.constant(width)),
      ),
  );
  fc.assert(
    fc.property(numbers, (list) => {
      const into = new BitWriter();
      for (const [value, width] of list) into.put(value, width);
      const from = new BitReader(into.bytes());
      for (const [value, width] of list) assert.equal(from.get(width), value);
    }),
  );
});

test('entropy: four equal symbols take 2 bits each, and a code is never below it nor a whole bit above', () => {
  assert.equal(entropyBits([5, 5, 5, 5]), 40);
  assert.equal(positionBits(8, 4), 8);
  assert.equal(positionBits(8, 0), 0);
  fc.assert(
    fc.property(countLists, (counts) => {
      const total = counts.reduce((a, b) => a + b, 0);
      const bits = codedBits(counts, codeLengths(counts, 60));
      assert.ok(bits >= entropyBits(counts) - 1e-6 && bits <= entropyBits(counts) + total + 1e-6);
    }),
  );
});

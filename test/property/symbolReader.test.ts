import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BitWriter } from '../../analyzers/kernels/bits.ts';
import { codeLengths } from '../../analyzers/kernels/huffman.ts';
import { codeTable, StreamDamage, SymbolReader } from '../../analyzers/kernels/symbolReader.ts';
import { SymbolWriter } from '../../analyzers/kernels/symbolWriter.ts';
import { seeded } from '../support/layerFixture.ts';

const readerOf = (bytes: Uint8Array, bits: number): SymbolReader =>
  new SymbolReader(bits, (offset, into) => {
    into.set(bytes.subarray(offset, offset + into.length));
    return Promise.resolve();
  });

/** Symbols whose shares fall by a power, so that codes of 1 bit and of 16 stand side by side. */
function drawn(n: number, alphabet: number, power: number, seed: number): Uint32Array {
  const draw = seeded(seed);
  return Uint32Array.from({ length: n }, () => Math.floor(alphabet * draw() ** power));
}

test('symbols and numbers in one stream come back in blocks of any size, whatever the lengths of their codes', async () => {
  let longest = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 2, 5, 32, 257, 4096, 4097, 40_000),
      fc.constantFrom(1, 2, 6, 20),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 8192 }),
      fc.integer({ min: 1, max: 32 }),
      fc.integer({ min: 1, max: 1 << 30 }),
      async (alphabet, power, n, block, width, seed) => {
        const symbols = drawn(n, alphabet, power, seed);
        const counts = new Float64Array(alphabet);
        for (const symbol of symbols) counts[symbol]! += 1;
        const lengths = codeLengths(counts);
        longest = lengths.reduce((a, b) => Math.max(a, b), longest);
        const draw = seeded(seed);
        const numbers = Array.from({ length: 50 }, () => Math.floor(draw() * 2 ** width));
        const into = new BitWriter();
        for (const number of numbers) into.put(number | 0, width);
        const writer = new SymbolWriter(into, lengths);
        for (const symbol of symbols) writer.put(symbol);
        writer.flush();
        const reader = readerOf(into.bytes(), into.length);
        const table = codeTable(lengths);
        const back = new Uint32Array(8192);
        await reader.numbers(width, back, 50);
        assert.deepEqual(Array.from(back.subarray(0, 50)), numbers);
        for (let from = 0; from < n; from += block) {
          const count = Math.min(block, n - from);
          const upTo = seed % 2 === 0;
          if (upTo) assert.equal(await reader.symbolsUpTo(table, back, block), count);
          else await reader.symbols(table, back, count);
          assert.deepEqual(back.subarray(0, count), symbols.subarray(from, from + count));
        }
        assert.equal(reader.left, 0);
        assert.equal(await reader.symbolsUpTo(table, back, 5), 0);
        await assert.rejects(reader.symbols(table, back, 1), StreamDamage);
      },
    ),
    { numRuns: 80 },
  );
  assert.ok(longest > 12, 'codes longer than are looked up at once');
});

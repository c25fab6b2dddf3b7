/**
 * The code words of a canonical Huffman code as text of 0 and 1, from nothing but their lengths in bits: shorter words
 * first, equal lengths by symbol, each one more than the last (kernels/huffman.ts writes these very words).
 * A symbol of length 0 stands nowhere in the stream and has the empty word.
 */
export function canonicalCodes(lengths: ArrayLike<number>): readonly string[] {
  const words = Array.from(lengths, () => '');
  const used = Array.from(lengths)
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => a.length - b.length || a.symbol - b.symbol);
  let next = 0n;
  let before = 0;
  for (const { length, symbol } of used) {
    next <<= BigInt(length - before);
    before = length;
    words[symbol] = next.toString(2).padStart(length, '0');
    next += 1n;
  }
  return words;
}

/**
 * Bits that a stream takes when each of its symbols costs its own information, order 0: sum of
 * counts * log2(total / count). Unused symbols are skipped. Shannon 1948, section 6.
 */
export function entropyBits(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i += 1) total += counts[i]!;
  let bits = 0;
  for (let i = 0; i < counts.length; i += 1) {
    const count = counts[i]!;
    if (count > 0) bits += count * Math.log2(total / count);
  }
  return bits;
}

/** Bits that tell which `kept` of `n` positions are kept when they are independent: n * H(kept / n). */
export const positionBits = (n: number, kept: number): number => entropyBits([kept, n - kept]);

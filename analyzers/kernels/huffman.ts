import type { BitReader, BitWriter } from './bits.ts';
import { limitedLengths } from './packageMerge.ts';

/**
 * Longest code in bits: 16, or 18 for alphabets that 16 would make nearly flat.
 * 12 costs up to 2.6 % with hundreds of codes.
 */
const lengthLimit = (used: number): number => (used > 1 << 14 ? 18 : 16);

/**
 * Code length in bits of each symbol; 0 for a symbol that never stands in the stream. Shortest total for the counts
 * among codes up to the limit (Huffman 1952; Larmore and Hirschberg 1990). A lone symbol has length 1.
 *
 * counts  [symbols] whole numbers >= 0
 */
export function codeLengths(counts: ArrayLike<number>, limit?: number): Uint8Array {
  const order = usedSymbols(counts);
  const lengths = new Uint8Array(counts.length);
  const used = order.length;
  if (used === 0) return lengths;
  if (used === 1) {
    lengths[order[0]!] = 1;
    return lengths;
  }
  const longest = limit ?? lengthLimit(used);
  const weights = Float64Array.from(order, (symbol) => counts[symbol]!);
  let depths = treeDepths(weights);
  if (depths[0]! > longest) depths = limitedLengths(weights, longest);
  for (let i = 0; i < used; i += 1) lengths[order[i]!] = depths[i]!;
  return lengths;
}

/** Symbols with a count, rarest first; equal counts by symbol, so that the code depends on the counts alone. */
function usedSymbols(counts: ArrayLike<number>): Float64Array {
  const symbols: number[] = [];
  let most = 0;
  for (let i = 0; i < counts.length; i += 1) {
    if (counts[i]! <= 0) continue;
    symbols.push(i);
    if (counts[i]! > most) most = counts[i]!;
  }
  const radix = Math.max(1, counts.length);
  if (most * radix > Number.MAX_SAFE_INTEGER)
    return Float64Array.from(symbols.toSorted((a, b) => counts[a]! - counts[b]! || a - b));
  // One number a symbol sorts without calling back.
  const keys = Float64Array.from(symbols, (symbol) => counts[symbol]! * radix + symbol).toSorted();
  for (let i = 0; i < keys.length; i += 1) keys[i] = keys[i]! % radix;
  return keys;
}

/** Depths of the leaves of Huffman's tree; `weights` ascend, at least two. The first leaf is a deepest one. */
function treeDepths(weights: Float64Array): Uint32Array {
  const n = weights.length;
  const joined = new Float64Array(n - 1);
  const parent = new Uint32Array(2 * n - 1);
  let leaf = 0;
  let inner = 0;
  for (let made = 0; made < n - 1; made += 1) {
    let weight = 0;
    for (let half = 0; half < 2; half += 1) {
      if (leaf < n && (inner >= made || weights[leaf]! <= joined[inner]!)) {
        weight += weights[leaf]!;
        parent[leaf] = n + made;
        leaf += 1;
      } else {
        weight += joined[inner]!;
        parent[n + inner] = n + made;
        inner += 1;
      }
    }
    joined[made] = weight;
  }
  const depth = new Uint32Array(2 * n - 1);
  for (let node = 2 * n - 3; node >= 0; node -= 1) depth[node] = depth[parent[node]!]! + 1;
  return depth.subarray(0, n);
}

/** Bits of the stream: sum of counts * lengths. */
export function codedBits(counts: ArrayLike<number>, lengths: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < counts.length; i += 1) bits += counts[i]! * lengths[i]!;
  return bits;
}

/** Bits of the code table: each used symbol with its length in 5 bits; the canonical code needs nothing else. */
export function tableBits(lengths: Uint8Array, symbolBits: number): number {
  let used = 0;
  for (let i = 0; i < lengths.length; i += 1) if (lengths[i]! > 0) used += 1;
  return used * (symbolBits + 5);
}

/** Canonical codes: shorter ones first, equal lengths by symbol, each one more than the last. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const firsts = firstCodes(lengths).first;
  const codes = new Uint32Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    codes[symbol] = firsts[length]!;
    firsts[length] = firsts[length]! + 1;
  }
  return codes;
}

function firstCodes(lengths: Uint8Array): { first: Float64Array; count: Float64Array } {
  const count = new Float64Array(34);
  for (const length of lengths) if (length > 0) count[length] = count[length]! + 1;
  const first = new Float64Array(34);
  for (let length = 1; length < 33; length += 1) first[length + 1] = (first[length]! + count[length]!) * 2;
  return { first, count };
}

/** Writes the symbols one after another. A symbol without a code is a RangeError. */
export function encodeSymbols(symbols: ArrayLike<number>, lengths: Uint8Array, into: BitWriter): void {
  const codes = canonicalCodes(lengths);
  for (let i = 0; i < symbols.length; i += 1) {
    const symbol = symbols[i]!;
    const length = lengths[symbol] ?? 0;
    if (length === 0) throw new RangeError(`symbol ${symbol.toString()} has no code`);
    into.put(codes[symbol]!, length);
  }
}

/** Reads `count` symbols. Bits that are no code are a RangeError. */
export function decodeSymbols(from: BitReader, lengths: Uint8Array, count: number): Uint32Array {
  const { first, count: perLength } = firstCodes(lengths);
  const sorted = Array.from(lengths.keys())
    .filter((symbol) => lengths[symbol]! > 0)
    .toSorted((a, b) => lengths[a]! - lengths[b]! || a - b);
  const symbols = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    let code = 0;
    let place = 0;
    let length = 0;
    for (;;) {
      length += 1;
      if (length > 32) throw new RangeError('these bits are no code');
      code = code * 2 + from.bit();
      const offset = code - first[length]!;
      if (offset >= 0 && offset < perLength[length]!) {
        symbols[i] = sorted[place + offset]!;
        break;
      }
      place += perLength[length]!;
    }
  }
  return symbols;
}

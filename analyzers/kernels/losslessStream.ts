import { BitReader, BitWriter } from './bits.ts';
import { decodeSymbols, encodeSymbols } from './huffman.ts';
import { losslessCount, type LosslessPlan } from './lossless.ts';
import type { StoredWords } from './storedWords.ts';

const layouts = ['raw', 'planes', 'sparse'] as const;

/** Writes stored elements as their plan says; the stream has exactly plan.bits bits. */
export function encodeLossless(words: StoredWords, plan: LosslessPlan, symbolBits: number): BitWriter {
  const into = new BitWriter();
  into.put(layouts.indexOf(plan.layout), 2);
  into.put(plan.width, 6);
  for (let plane = 0; plane < 8; plane += 1) into.put(plan.lengths[plane] ? 1 : 0, 1);
  const n = words.low.length;
  let places = Array.from({ length: n }, (_, i) => i);
  if (plan.layout === 'sparse' && plan.gapLengths !== null) {
    places = places.filter((i) => words.low[i]! !== 0 || (words.high[i] ?? 0) !== 0);
    into.put(Math.floor(places.length / 2 ** 32), losslessCount - 32);
    into.put(places.length, 32);
    writeTable(into, plan.gapLengths, plan.width + 1);
    encodeSymbols(gapsOf(places, plan.width), plan.gapLengths, into);
  }
  for (const [plane, lengths] of plan.lengths.entries()) {
    const source = plane < 4 ? words.low : words.high;
    const symbols = places.map((i) => (source[i]! >>> (8 * (plane % 4))) & (2 ** symbolBits - 1));
    if (lengths === null) for (const symbol of symbols) into.put(symbol, symbolBits);
    else {
      writeTable(into, lengths, symbolBits);
      encodeSymbols(symbols, lengths, into);
    }
  }
  return into;
}

/** Reads n elements back; `planes` and `symbolBits` follow from their type. A stream that is none is a RangeError. */
export function decodeLossless(
  bytes: Uint8Array,
  n: number,
  planes: number,
  symbolBits: number,
): StoredWords {
  const from = new BitReader(bytes);
  const layout = layouts[from.get(2)];
  if (layout === undefined) throw new RangeError('no such layout');
  const width = from.get(6);
  const coded = Array.from({ length: 8 }, () => from.bit() === 1);
  const low = new Uint32Array(n);
  const high = new Uint32Array(planes > 4 ? n : 0);
  let places = Array.from({ length: n }, (_, i) => i);
  if (layout === 'sparse') {
    const count = from.get(losslessCount - 32) * 2 ** 32 + from.get(32);
    if (count > n) throw new RangeError('more non-zero elements than elements');
    places = readPlaces(from, width, count, n);
  }
  for (let plane = 0; plane < planes; plane += 1) {
    const into = plane < 4 ? low : high;
    const symbols =
      coded[plane] === true
        ? decodeSymbols(from, readTable(from, 2 ** symbolBits, symbolBits), places.length)
        : places.map(() => from.get(symbolBits));
    for (const [i, place] of places.entries())
      into[place] = (into[place]! | (symbols[i]! << (8 * (plane % 4)))) >>> 0;
  }
  return { low, high };
}

function gapsOf(places: readonly number[], width: number): number[] {
  const stride = 2 ** width;
  const symbols: number[] = [];
  let last = -1;
  for (const place of places) {
    let gap = place - last - 1;
    for (; gap >= stride; gap -= stride) symbols.push(stride);
    symbols.push(gap);
    last = place;
  }
  return symbols;
}

function readPlaces(from: BitReader, width: number, count: number, n: number): number[] {
  const stride = 2 ** width;
  const lengths = readTable(from, stride + 1, width + 1);
  const places: number[] = [];
  let at = 0;
  while (places.length < count) {
    const symbol = decodeSymbols(from, lengths, 1)[0]!;
    at += symbol;
    if (at >= n) throw new RangeError('an element lies behind the last one');
    if (symbol === stride) continue;
    places.push(at);
    at += 1;
  }
  return places;
}

function writeTable(into: BitWriter, lengths: Uint8Array, symbolBits: number): void {
  const used = Array.from(lengths.keys()).filter((symbol) => lengths[symbol]! > 0);
  into.put(used.length, symbolBits + 1);
  for (const symbol of used) {
    into.put(symbol, symbolBits);
    into.put(lengths[symbol]!, 5);
  }
}

function readTable(from: BitReader, symbols: number, symbolBits: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  const used = from.get(symbolBits + 1);
  for (let i = 0; i < used; i += 1) {
    const symbol = from.get(symbolBits);
    if (symbol >= symbols) throw new RangeError('no such symbol');
    lengths[symbol] = from.get(5);
  }
  return lengths;
}

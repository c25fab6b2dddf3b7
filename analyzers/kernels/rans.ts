import type { BitReader, BitWriter } from './bits.ts';
import { StreamDamage } from './symbolReader.ts';

/**
 * Static range coding with asymmetric numeral systems (Duda 2013, "rANS"; states of 31 bits and bytes as Giesen 2014
 * lays them out): the coder that Huffman codes are compared with, on the same symbols. A symbol of frequency f out of
 * 2^precision takes log2(2^precision / f) bits, fractions included.
 */
export interface RansTable {
  /** Frequencies sum to 2^precision; 12 to 19. */
  readonly precision: number;
  /** [symbols] 0 for a symbol that never stands in the stream, at least 1 for every other. */
  readonly frequencies: Uint32Array;
  /** [symbols] the sum of the frequencies of the symbols before. */
  readonly starts: Uint32Array;
}

const leastPrecision = 12;
/** States keep at least 4 bits more than a frequency has. */
const mostPrecision = 19;
/** States lie in [lowest, 256 lowest). */
const lowest = 1 << 23;
/** Symbols that are coded from last to first, and then written with the 32 bits of their state. */
export const ransBlock = 1 << 16;

/**
 * The table with the fewest bits for a stream with these counts, itself included.
 *
 * counts  [symbols] whole numbers >= 0, at least one above 0 and at most 2^18 of them
 */
export function ransTable(counts: ArrayLike<number>, symbolBits: number): RansTable {
  let best: RansTable | null = null;
  let least = Infinity;
  const used = Array.from(counts).filter((count) => count > 0).length;
  if (used === 0 || used > 2 ** (mostPrecision - 1))
    throw new RangeError(`a table for ${used.toString()} symbols`);
  for (let precision = leastPrecision; precision <= mostPrecision; precision += 1) {
    if (2 ** precision < 2 * used) continue;
    const frequencies = normalised(counts, precision);
    let bits = used * (symbolBits + precision);
    for (let symbol = 0; symbol < counts.length; symbol += 1)
      if (counts[symbol]! > 0) bits += counts[symbol]! * (precision - Math.log2(frequencies[symbol]!));
    if (bits >= least) continue;
    least = bits;
    best = tableOf(precision, frequencies);
  }
  return best!;
}

function tableOf(precision: number, frequencies: Uint32Array): RansTable {
  const starts = new Uint32Array(frequencies.length);
  let start = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol += 1) {
    starts[symbol] = start;
    start += frequencies[symbol]!;
  }
  return { precision, frequencies, starts };
}

/**
 * Whole frequencies >= 1 that sum to 2^precision: counts times one factor, but never below 1, and what rounding down
 * leaves goes to the largest fractions.
 */
function normalised(counts: ArrayLike<number>, precision: number): Uint32Array {
  const room = 2 ** precision;
  let total = 0;
  for (let symbol = 0; symbol < counts.length; symbol += 1) total += counts[symbol]!;
  const sumFor = (factor: number): number => {
    let sum = 0;
    for (let symbol = 0; symbol < counts.length; symbol += 1)
      if (counts[symbol]! > 0) sum += Math.max(1, counts[symbol]! * factor);
    return sum;
  };
  // The sum grows with the factor: 0 gives one for each symbol, room / total gives at least the room.
  let low = 0;
  let high = room / total;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (sumFor(middle) <= room) low = middle;
    else high = middle;
  }
  const frequencies = new Uint32Array(counts.length);
  const rests: { symbol: number; rest: number }[] = [];
  let left = room;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    if (!(counts[symbol]! > 0)) continue;
    const wanted = Math.max(1, counts[symbol]! * low);
    const whole = Math.floor(wanted);
    frequencies[symbol] = whole;
    left -= whole;
    rests.push({ symbol, rest: wanted - whole });
  }
  rests.sort((a, b) => b.rest - a.rest || a.symbol - b.symbol);
  for (let i = 0; left > 0; i += 1, left -= 1) frequencies[rests[i % rests.length]!.symbol]! += 1;
  return frequencies;
}

/** Precision, how many symbols, then each with its frequency less 1. */
export function writeRansTable(
  { precision, frequencies }: RansTable,
  symbolBits: number,
  into: BitWriter,
): void {
  into.put(precision, 5);
  into.put(
    frequencies.reduce((n, frequency) => n + (frequency > 0 ? 1 : 0), 0),
    symbolBits + 1,
  );
  for (let symbol = 0; symbol < frequencies.length; symbol += 1) {
    if (frequencies[symbol] === 0) continue;
    into.put(symbol, symbolBits);
    into.put(frequencies[symbol]! - 1, precision);
  }
}

/** Undoes writeRansTable. Frequencies that do not sum to 2^precision are StreamDamage. */
export function readRansTable(from: BitReader, symbolBits: number): RansTable {
  const precision = from.get(5);
  if (precision < leastPrecision || precision > mostPrecision)
    throw new StreamDamage('its table has no such precision');
  const used = from.get(symbolBits + 1);
  const frequencies = new Uint32Array(2 ** symbolBits);
  let sum = 0;
  for (let i = 0; i < used; i += 1) {
    const symbol = from.get(symbolBits);
    frequencies[symbol] = from.get(precision) + 1;
    sum += frequencies[symbol];
  }
  const table = tableOf(precision, frequencies);
  if (sum !== 2 ** precision || table.starts.at(-1)! + frequencies.at(-1)! !== sum)
    throw new StreamDamage('its frequencies do not fill the table');
  return table;
}

/** Codes symbols as they come; each block of ransBlock of them goes to `sink` with its state. */
export interface RansEncoder {
  put(symbol: number): void;
  /** Writes what is left; the bytes of the whole stream. */
  finish(): number;
}

/** `sink` gets bytes that are used again. A symbol that the table does not have is a RangeError. */
export function ransEncoder(
  { precision, frequencies, starts }: RansTable,
  sink: (bytes: Uint8Array) => void,
): RansEncoder {
  const block = new Uint32Array(ransBlock);
  // A symbol takes at most `precision` bits, and rounding of the state next to nothing.
  const out = new Uint8Array(ransBlock * 3 + 8);
  const most = 31 - precision;
  let held = 0;
  let bytes = 0;
  const flush = (): void => {
    let state = lowest;
    let at = out.length;
    for (let i = held - 1; i >= 0; i -= 1) {
      const symbol = block[i]!;
      const frequency = frequencies[symbol]!;
      const limit = frequency * 2 ** most;
      while (state >= limit) {
        at -= 1;
        out[at] = state;
        state >>>= 8;
      }
      const turns = (state / frequency) | 0;
      state = (turns << precision) + (state - turns * frequency) + starts[symbol]!;
    }
    at -= 4;
    for (let byte = 0; byte < 4; byte += 1) out[at + byte] = state >>> (24 - 8 * byte);
    sink(out.subarray(at));
    bytes += out.length - at;
    held = 0;
  };
  return {
    put(symbol) {
      if (!(frequencies[symbol]! > 0))
        throw new RangeError(`symbol ${symbol.toString()} is not in the table`);
      block[held] = symbol;
      held += 1;
      if (held === ransBlock) flush();
    },
    finish() {
      if (held > 0) flush();
      return bytes;
    },
  };
}

/** The first `count` symbols of a stream. One that ends early, or not where it should, is StreamDamage. */
export function decodeRans(bytes: Uint8Array, table: RansTable, count: number): Uint32Array {
  const { precision, frequencies, starts } = table;
  const slots = new Uint32Array(2 ** precision);
  for (let symbol = 0; symbol < frequencies.length; symbol += 1)
    slots.fill(symbol, starts[symbol], starts[symbol]! + frequencies[symbol]!);
  const mask = 2 ** precision - 1;
  const symbols = new Uint32Array(count);
  let at = 0;
  for (let from = 0; from < count; from += ransBlock) {
    let state = 0;
    for (let byte = 0; byte < 4; byte += 1) state = (state << 8) | (bytes[at + byte] ?? 0);
    at += 4;
    if (state < lowest) throw new StreamDamage('a block has no such state');
    const end = Math.min(count, from + ransBlock);
    for (let i = from; i < end; i += 1) {
      const slot = state & mask;
      const symbol = slots[slot]!;
      symbols[i] = symbol;
      state = frequencies[symbol]! * (state >>> precision) + slot - starts[symbol]!;
      while (state < lowest) {
        state = (state << 8) | (bytes[at] ?? 0);
        at += 1;
      }
    }
    if (state !== lowest || at > bytes.length)
      throw new StreamDamage('a block does not end in its first state');
  }
  if (at !== bytes.length) throw new StreamDamage('it is longer than its symbols');
  return symbols;
}

/** Bits of a code that are looked up at once. */
const lookupBits = 12;
/** Symbols that are decoded between two reads. */
export const blockSymbols = 8192;
/** Bytes of the window over a stream: a block of the longest codes fits several times. */
const windowBytes = 1 << 16;

/** A stream that contradicts itself: `message` says how. */
export class StreamDamage extends Error {
  override readonly name = 'StreamDamage';
}

/** Decodes a canonical code (kernels/huffman.ts) by table. Lengths that form no complete code are StreamDamage. */
export interface CodeTable {
  readonly longest: number;
  /** [2^lookupBits] symbol * 32 + length; 0 for longer codes. */
  readonly lookup: Uint32Array;
  /** [2^lookupBits] as many of the next two symbols as the bits hold (packed()), made when many are read; null where symbols are too large. */
  readonly pairs: () => Uint32Array | null;
  /** By length: the first code, how many, and the place of the first in `sorted`. */
  readonly first: Float64Array;
  readonly count: Float64Array;
  readonly place: Float64Array;
  readonly sorted: Uint32Array;
}

export function codeTable(lengths: Uint8Array): CodeTable {
  const count = new Float64Array(34);
  let longest = 0;
  let used = 0;
  for (const length of lengths) {
    if (length > 31) throw new StreamDamage('a code is longer than 31 bits');
    if (length === 0) continue;
    count[length]! += 1;
    used += 1;
    longest = Math.max(longest, length);
  }
  const first = new Float64Array(34);
  const place = new Float64Array(34);
  let kraft = 0;
  for (let length = 1; length < 33; length += 1) {
    kraft += count[length]! * 2 ** -length;
    first[length + 1] = (first[length]! + count[length]!) * 2;
    place[length + 1] = place[length]! + count[length]!;
  }
  // A lone symbol has a code of one bit; every other code uses all bit patterns.
  const lone = used === 1 && longest === 1;
  if (used > 0 && !lone && kraft !== 1) throw new StreamDamage('the lengths of its codes form no code');
  const next = place.slice();
  const sorted = new Uint32Array(used);
  const lookup = new Uint32Array(1 << lookupBits);
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const at = next[length]!;
    next[length] = at + 1;
    sorted[at] = symbol;
    if (length > lookupBits) continue;
    const code = first[length]! + (at - place[length]!);
    const spread = 2 ** (lookupBits - length);
    lookup.fill(symbol * 32 + length, code * spread, (code + 1) * spread);
  }
  let pairs: Uint32Array | null = null;
  return {
    longest,
    lookup,
    pairs: () => (lengths.length > 1 << pairedBits ? null : (pairs ??= pairsOf(lookup))),
    first,
    count,
    place,
    sorted,
  };
}

/** Symbols from which on it is quicker to make a table of pairs first. */
const manySymbols = 1024;

/** Bits of a symbol of a pair. */
const pairedBits = 12;

/** Two symbols, the bits of both, and whether there is a second one. */
const packed = (symbol: number, next: number, bits: number, two: number): number =>
  (symbol | (next << pairedBits) | (bits << 24) | (two << 31)) >>> 0;

function pairsOf(lookup: Uint32Array): Uint32Array {
  const mask = (1 << lookupBits) - 1;
  return lookup.map((one, bits) => {
    if (one === 0) return 0;
    const length = one & 31;
    const next = lookup[(bits << length) & mask]!;
    const both = length + (next & 31);
    return next === 0 || both > lookupBits
      ? packed(one >>> 5, 0, length, 0)
      : packed(one >>> 5, next >>> 5, both, 1);
  });
}

/** Reads one stream from its first bit to its last through a window. */
export class SymbolReader {
  readonly #read: (offset: number, into: Uint8Array) => Promise<void>;
  readonly #bytes: number;
  readonly #bits: number;
  readonly #window = new Uint8Array(windowBytes + 8);
  /** Bytes of the stream before the window, in the window, and the bit in the window that is next. */
  #before = 0;
  #held = 0;
  #at = 0;

  constructor(bits: number, read: (offset: number, into: Uint8Array) => Promise<void>) {
    this.#bits = bits;
    this.#bytes = Math.ceil(bits / 8);
    this.#read = read;
  }

  /** Bits that are left. */
  get left(): number {
    return this.#bits - this.#before * 8 - this.#at;
  }

  /** The next `count` symbols (at most blockSymbols). */
  async symbols(table: CodeTable, into: Uint32Array, count: number): Promise<void> {
    if (count > 0 && table.longest === 0) throw new StreamDamage('it has symbols and no code');
    await this.#ensure(Math.ceil((count * table.longest) / 8) + 4);
    const pairs = count < manySymbols ? null : table.pairs();
    const done = pairs === null ? 0 : this.#paired(pairs, table, into, count);
    this.#single(table, into, done, count);
    if (this.left < 0) throw new StreamDamage('it ends early');
  }

  /** Symbols up to the end of the stream, but at most `count` (at most blockSymbols); how many there were. */
  async symbolsUpTo(table: CodeTable, into: Uint32Array, count: number): Promise<number> {
    let done = 0;
    while (done < count && this.left > 0) {
      // At least so many are left.
      const sure = Math.max(1, Math.floor(this.left / Math.max(1, table.longest)));
      const some = Math.min(count - done, sure);
      await this.symbols(table, into.subarray(done), some);
      done += some;
    }
    return done;
  }

  /** All but the last symbol, two at a time where their codes are short; how many were read. */
  #paired(pairs: Uint32Array, table: CodeTable, into: Uint32Array, count: number): number {
    const window = this.#window;
    const mask = (1 << lookupBits) - 1;
    const symbolMask = (1 << pairedBits) - 1;
    const last = count - 1;
    let byte = (this.#at >>> 3) + 1;
    // The low `have` bits of `bits` come next.
    let bits = window[byte - 1]!;
    let have = 8 - (this.#at & 7);
    let i = 0;
    while (i < last) {
      if (have < lookupBits) {
        bits = (bits << 16) | (window[byte]! << 8) | window[byte + 1]!;
        byte += 2;
        have += 16;
      }
      const found = pairs[(bits >>> (have - lookupBits)) & mask]!;
      if (found === 0) {
        this.#at = byte * 8 - have;
        this.#single(table, into, i, i + 1);
        byte = (this.#at >>> 3) + 1;
        bits = window[byte - 1]!;
        have = 8 - (this.#at & 7);
        i += 1;
        continue;
      }
      into[i] = found & symbolMask;
      into[i + 1] = (found >>> pairedBits) & symbolMask;
      i += 1 + (found >>> 31);
      have -= (found >>> 24) & 31;
    }
    this.#at = byte * 8 - have;
    return i;
  }

  #single(table: CodeTable, into: Uint32Array, from: number, to: number): void {
    const { lookup, longest, first, count: perLength, place, sorted } = table;
    const window = this.#window;
    let at = this.#at;
    for (let i = from; i < to; i += 1) {
      const byte = at >>> 3;
      const word =
        ((window[byte]! << 24) | (window[byte + 1]! << 16) | (window[byte + 2]! << 8) | window[byte + 3]!) <<
        (at & 7);
      const found = lookup[word >>> (32 - lookupBits)]!;
      if (found !== 0) {
        into[i] = found >>> 5;
        at += found & 31;
        continue;
      }
      // At least 25 bits are in the word; the longest codes written have 18.
      let length = lookupBits + 1;
      for (; length <= Math.min(longest, 25); length += 1) {
        const offset = (word >>> (32 - length)) - first[length]!;
        if (offset >= 0 && offset < perLength[length]!) {
          into[i] = sorted[place[length]! + offset]!;
          break;
        }
      }
      if (length > Math.min(longest, 25)) throw new StreamDamage('its bits are no code');
      at += length;
    }
    this.#at = at;
  }

  /** The next `count` numbers of `width` bits, 1 to 32 (at most blockSymbols). */
  async numbers(width: number, into: Uint32Array, count: number): Promise<void> {
    await this.#ensure(Math.ceil((count * width) / 8) + 1);
    if (this.left < count * width) throw new StreamDamage('it ends early');
    const window = this.#window;
    // Of a number of more than 25 bits the upper 16 come first.
    const upper = width > 25 ? 16 : 0;
    const lower = width - upper;
    let at = this.#at;
    for (let i = 0; i < count; i += 1) {
      let value = 0;
      if (upper > 0) {
        const byte = at >>> 3;
        const word = (window[byte]! << 16) | (window[byte + 1]! << 8) | window[byte + 2]!;
        value = (word >>> (8 - (at & 7))) & 0xffff;
        at += upper;
      }
      const byte = at >>> 3;
      const word =
        ((window[byte]! << 24) | (window[byte + 1]! << 16) | (window[byte + 2]! << 8) | window[byte + 3]!) <<
        (at & 7);
      into[i] = upper > 0 ? (value << lower) | (word >>> (32 - lower)) : word >>> (32 - lower);
      at += lower;
    }
    this.#at = at;
  }

  /** Makes so many bytes from the next bit on available, or all that are left. */
  async #ensure(bytes: number): Promise<void> {
    const from = this.#at >>> 3;
    if (this.#held - from >= bytes || this.#before + this.#held === this.#bytes) return;
    this.#window.copyWithin(0, from, this.#held);
    this.#held -= from;
    this.#before += from;
    this.#at &= 7;
    const more = Math.min(windowBytes - this.#held, this.#bytes - this.#before - this.#held);
    await this.#read(this.#before + this.#held, this.#window.subarray(this.#held, this.#held + more));
    this.#held += more;
    this.#window.fill(0, this.#held, Math.min(this.#window.length, this.#held + 8));
  }
}

/** Bits of a code that are looked up at once. */
const lookupBits = 11;
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
  return { longest, lookup, first, count, place, sorted };
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
    const { lookup, longest, first, count: perLength, place, sorted } = table;
    const window = this.#window;
    let at = this.#at;
    for (let i = 0; i < count; i += 1) {
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
    if (this.left < 0) throw new StreamDamage('it ends early');
  }

  /** The next `count` numbers of `width` bits, 1 to 32 (at most blockSymbols). */
  async numbers(width: number, into: Uint32Array, count: number): Promise<void> {
    await this.#ensure(Math.ceil((count * width) / 8) + 1);
    if (this.left < count * width) throw new StreamDamage('it ends early');
    const window = this.#window;
    for (let i = 0; i < count; i += 1) {
      let value = 0;
      let need = width;
      while (need > 0) {
        const free = 8 - (this.#at & 7);
        const take = Math.min(free, need);
        const bits = (window[this.#at >>> 3]! >>> (free - take)) & ((1 << take) - 1);
        value = value * 2 ** take + bits;
        this.#at += take;
        need -= take;
      }
      into[i] = value;
    }
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

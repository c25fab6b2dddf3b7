/** Bits written one after another, the most significant of each value first; what the stream coders write to. */
export class BitWriter {
  /** Bits written so far, those that were taken included. */
  length = 0;
  #bytes = new Uint8Array(1024);
  /** Whole bytes in `#bytes`, and the bits that fill no byte yet. */
  #used = 0;
  #rest = 0;
  #restBits = 0;

  /** Appends the low `width` bits of `value`; width 0 to 32. */
  put(value: number, width: number): void {
    if (width > 24) {
      this.put(value >>> 16, width - 16);
      this.put(value & 0xffff, 16);
      return;
    }
    this.#room(this.#used + 4);
    this.length += width;
    let filled = this.#restBits + width;
    // At most 7 + 24 bits: below 2^31.
    const bits = (this.#rest << width) | (value & ((1 << width) - 1));
    while (filled >= 8) {
      filled -= 8;
      this.#bytes[this.#used] = bits >>> filled;
      this.#used += 1;
    }
    this.#restBits = filled;
    this.#rest = bits & ((1 << filled) - 1);
  }

  /** Appends the code of each symbol: the low lengths[symbol] bits (at most 24) of words[symbol]. */
  putSymbols(symbols: Uint32Array, count: number, words: Uint32Array, lengths: Uint8Array): void {
    this.#room(this.#used + 3 * count + 4);
    const bytes = this.#bytes;
    let used = this.#used;
    let filled = this.#restBits;
    // Above the `filled` lowest bits stand ones that were written; they are shifted out.
    let rest = this.#rest;
    let total = 0;
    for (let i = 0; i < count; i += 1) {
      const symbol = symbols[i]!;
      const width = lengths[symbol]!;
      rest = (rest << width) | words[symbol]!;
      filled += width;
      total += width;
      while (filled >= 8) {
        filled -= 8;
        bytes[used] = rest >>> filled;
        used += 1;
      }
    }
    this.#used = used;
    this.#restBits = filled;
    this.#rest = rest & ((1 << filled) - 1);
    this.length += total;
  }

  #room(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  /** The stream so far, its last byte filled with zeros; without what was taken. */
  bytes(): Uint8Array {
    const whole = this.#bytes.slice(0, this.#used + (this.#restBits > 0 ? 1 : 0));
    if (this.#restBits > 0) whole[this.#used] = this.#rest << (8 - this.#restBits);
    return whole;
  }

  /** Whole bytes that are ready to be taken. */
  get ready(): number {
    return this.#used;
  }

  /** Hands out the whole bytes so far and forgets them, so that a stream may be longer than memory. */
  take(): Uint8Array {
    const whole = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    return whole;
  }
}

/** Reads what BitWriter wrote. Past the end it throws a RangeError: a stream is never read beyond its length. */
export class BitReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bit(): number {
    const byte = this.#bytes[this.at >>> 3];
    if (byte === undefined) throw new RangeError('the bit stream ends early');
    const bit = (byte >>> (7 - (this.at & 7))) & 1;
    this.at += 1;
    return bit;
  }

  /** The next `width` bits as a number; width 0 to 32. */
  get(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i += 1) value = value * 2 + this.bit();
    return value;
  }
}

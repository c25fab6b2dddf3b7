/** Bits written one after another, the most significant of each value first; what the stream coders write to. */
export class BitWriter {
  /** Bits written so far. */
  length = 0;
  #bytes = new Uint8Array(1024);

  /** Appends the low `width` bits of `value`; width 0 to 32. */
  put(value: number, width: number): void {
    if ((this.length + width + 7) / 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let bit = width - 1; bit >= 0; bit -= 1) {
      if ((value >>> bit) & 1) this.#bytes[this.length >>> 3]! |= 128 >>> (this.length & 7);
      this.length += 1;
    }
  }

  /** The stream so far, its last byte filled with zeros. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, Math.ceil(this.length / 8));
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

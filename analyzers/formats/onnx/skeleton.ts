import { limits } from '../../bytes/limits.ts';

/** Bytes of a length that is written before it is known: a varint may be padded, and 2^28 is above every limit. */
const lengthBytes = 4;

/** The structure of a model as protobuf bytes, written by the walker for the decoder. Grows up to limits.structure. */
export class Skeleton {
  #buffer = new Uint8Array(4096);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Whether n more bytes stay within the limit. */
  fits(n: number): boolean {
    return this.#at + n <= limits.structure;
  }

  tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  /** A non-negative integer below 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#at] = (rest % 128) + 128;
      this.#at += 1;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at] = rest;
    this.#at += 1;
  }

  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Starts a nested message; give the answer to `end`. */
  begin(field: number): number {
    this.tag(field, 2);
    this.#reserve(lengthBytes);
    this.#at += lengthBytes;
    return this.#at;
  }

  end(start: number): void {
    let rest = this.#at - start;
    for (let i = 0; i < lengthBytes; i += 1) {
      this.#buffer[start - lengthBytes + i] = (rest % 128) + (i < lengthBytes - 1 ? 128 : 0);
      rest = Math.floor(rest / 128);
    }
  }

  /** Takes back what was written behind a former length. */
  cutTo(length: number): void {
    this.#at = length;
  }

  #reserve(n: number): void {
    if (this.#at + n <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#at + n));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}

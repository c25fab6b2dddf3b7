/** Stored elements of 2 to 64 bits, little-endian and packed as ONNX packs raw_data: low bits of a byte come first. */
export class Elements {
  readonly bits: number;
  readonly bytes: Uint8Array;
  readonly #words: Uint8Array | Uint16Array | Uint32Array;

  /** Room for `count` elements, all bits zero. */
  constructor(bits: number, count: number) {
    this.bits = bits;
    this.bytes = new Uint8Array(Math.ceil((Math.ceil((count * bits) / 8) + 7) / 8) * 8);
    const { buffer } = this.bytes;
    this.#words =
      bits >= 32 ? new Uint32Array(buffer) : bits === 16 ? new Uint16Array(buffer) : new Uint8Array(buffer);
  }

  /** Sets every element to one bit pattern. */
  fill(low: number, high = 0): void {
    if (low === 0 && high === 0) this.bytes.fill(0);
    else if (this.bits === 64)
      for (let i = 0; i < this.#words.length; i += 2) {
        this.#words[i] = low;
        this.#words[i + 1] = high;
      }
    else if (this.bits >= 8) this.#words.fill(low);
    else {
      let byte = 0;
      for (let at = 0; at < 8; at += this.bits) byte |= low << at;
      this.bytes.fill(byte);
    }
  }

  set(index: number, low: number, high: number): void {
    const { bits } = this;
    if (bits === 64) {
      this.#words[2 * index] = low;
      this.#words[2 * index + 1] = high;
    } else if (bits >= 8) this.#words[index] = low;
    else {
      const shift = (index * bits) & 7;
      const at = (index * bits) >>> 3;
      const mask = ((1 << bits) - 1) << shift;
      this.bytes[at] = (this.bytes[at]! & ~mask) | ((low << shift) & mask);
    }
  }

  /** Sets the elements at positions[from .. to) less `first`, to low[i] and, of 64 bits, high[i]. */
  setMany(
    positions: Float64Array,
    first: number,
    low: Uint32Array,
    high: Uint32Array,
    from: number,
    to: number,
  ): void {
    const words = this.#words;
    if (this.bits === 32 && words instanceof Uint32Array)
      for (let i = from; i < to; i += 1) words[positions[i]! - first] = low[i]!;
    else if (this.bits === 8 && words instanceof Uint8Array)
      for (let i = from; i < to; i += 1) words[positions[i]! - first] = low[i]!;
    else for (let i = from; i < to; i += 1) this.set(positions[i]! - first, low[i]!, high[i] ?? 0);
  }

  low(index: number): number {
    const { bits } = this;
    if (bits === 64) return this.#words[2 * index]!;
    if (bits >= 8) return this.#words[index]!;
    return (this.bytes[(index * bits) >>> 3]! >>> ((index * bits) & 7)) & ((1 << bits) - 1);
  }

  high(index: number): number {
    return this.bits === 64 ? this.#words[2 * index + 1]! : 0;
  }

  /** The bytes of the first `count` elements; the last one filled up. Valid until the next change. */
  part(count: number): Uint8Array {
    return this.bytes.subarray(0, Math.ceil((count * this.bits) / 8));
  }
}

/** How many of positions[from .. count), which ascend, lie before `end`, and `from` with them. */
export function countBefore(positions: Float64Array, from: number, count: number, end: number): number {
  if (count === 0 || positions[count - 1]! < end) return count;
  let to = from;
  while (positions[to]! < end) to += 1;
  return to;
}

const none = (): number => 0;

/** Reads elements out of their bytes, which begin at a multiple of 8 of their buffer. */
export function elementsIn(
  bytes: Uint8Array,
  bits: number,
): { low: (index: number) => number; high: (index: number) => number } {
  const { buffer, byteOffset, byteLength } = bytes;
  if (bits >= 32) {
    const words = new Uint32Array(buffer, byteOffset, byteLength >>> 2);
    if (bits === 32) return { low: (i) => words[i]!, high: none };
    return { low: (i) => words[2 * i]!, high: (i) => words[2 * i + 1]! };
  }
  if (bits === 16) {
    const halves = new Uint16Array(buffer, byteOffset, byteLength >>> 1);
    return { low: (i) => halves[i]!, high: none };
  }
  if (bits === 8) return { low: (i) => bytes[i]!, high: none };
  const mask = (1 << bits) - 1;
  return { low: (i) => (bytes[(i * bits) >>> 3]! >>> ((i * bits) & 7)) & mask, high: none };
}

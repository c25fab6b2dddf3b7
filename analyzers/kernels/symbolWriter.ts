import type { BitWriter } from './bits.ts';
import { canonicalCodes } from './huffman.ts';

/** Symbols that are written at once. */
const block = 4096;

/** Writes symbols by their canonical code, some at a time: before anything else is put, and at the end, `flush`. */
export class SymbolWriter {
  readonly #into: BitWriter;
  readonly #words: Uint32Array;
  readonly #lengths: Uint8Array;
  readonly #held = new Uint32Array(block);
  #count = 0;

  constructor(into: BitWriter, lengths: Uint8Array) {
    this.#into = into;
    this.#words = canonicalCodes(lengths);
    this.#lengths = lengths;
  }

  put(symbol: number): void {
    this.#held[this.#count] = symbol;
    this.#count += 1;
    if (this.#count === block) this.flush();
  }

  flush(): void {
    this.#into.putSymbols(this.#held, this.#count, this.#words, this.#lengths);
    this.#count = 0;
  }
}

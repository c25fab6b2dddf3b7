import { limits } from './limits.ts';
import type { ByteSource } from './source.ts';

/** Thrown by a cursor that meets the end of the file in the middle of something. Never leaves a format reader. */
export class EndOfFile extends Error {
  override readonly name = 'EndOfFile';
}

/**
 * A forward reader over a window of a file. Reading is synchronous inside the window:
 * call `if (cursor.short(n)) await cursor.fill()` before reading up to n bytes.
 *
 * The window starts small after every jump and doubles while reading goes on,
 * so that stepping from payload to payload reads little of what lies between.
 */
export class Cursor {
  readonly size: number;
  /** Absolute offset of the next byte. May be moved freely; skipping a payload reads nothing. */
  at = 0;
  /** Bytes read from the source so far, for tests and progress. */
  bytesRead = 0;
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  readonly #buffer: Uint8Array;
  #window: Uint8Array;
  #start = 0;
  #next: number = limits.firstWindow;

  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    this.size = source.size;
    this.#buffer = new Uint8Array(Math.min(limits.window, source.size));
    this.#window = this.#buffer.subarray(0, 0);
  }

  /** Whether fewer than n bytes from here are in the window although the file has more to give. */
  short(n: number): boolean {
    const end = this.#start + this.#window.length;
    if (this.at >= this.#start && this.at + n <= end) return false;
    return !(this.at >= this.#start && end >= this.size && this.at <= end);
  }

  /** Moves the window so that it starts here, with at least n bytes where the file has them (n up to limits.window). */
  async fill(n = 0): Promise<void> {
    const end = this.#start + this.#window.length;
    const goesOn = this.at >= this.#start && this.at <= end;
    const wanted = Math.max(n, goesOn ? this.#next : limits.firstWindow);
    this.#next = Math.min(limits.window, wanted * 2);
    const length = Math.max(0, Math.min(wanted, this.#buffer.length, this.size - this.at));
    const window = this.#buffer.subarray(0, length);
    if (length > 0) await this.#source.read(this.at, window, this.#signal);
    this.#window = window;
    this.#start = this.at;
    this.bytesRead += length;
  }

  /** The next byte; EndOfFile when there is none. */
  byte(): number {
    const value = this.#window[this.at - this.#start];
    if (value === undefined) throw new EndOfFile();
    this.at += 1;
    return value;
  }

  /** A protobuf varint as a double: exact up to 2^53, only known to be larger beyond, infinite without an end. */
  varint(): number {
    const from = this.at - this.#start;
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 10; i += 1) {
      const b = this.#window[from + i];
      if (b === undefined) throw new EndOfFile();
      value += (b & 127) * unit;
      if (b < 128) {
        this.at += i + 1;
        return value;
      }
      unit *= 128;
    }
    this.at += 10;
    return Number.POSITIVE_INFINITY;
  }

  /** A view of the next n bytes, valid until the next fill; EndOfFile when the file is shorter. */
  take(n: number): Uint8Array {
    const from = this.at - this.#start;
    if (from < 0 || from + n > this.#window.length) throw new EndOfFile();
    this.at += n;
    return this.#window.subarray(from, from + n);
  }
}

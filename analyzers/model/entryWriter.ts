import type { DType } from './dtype.ts';
import { carriesSign, entryWidth, longestVarint, type WrittenAs } from './writtenAs.ts';

/** Entries that are written at once. */
const blockEntries = 1 << 13;

/** Writes entries as a run of bytes has them: a tag before each or none, then its bytes or a varint. */
export interface EntryWriter {
  /**
   * The bytes of the next entries, given as little-endian elements (a whole number of them), piece by piece.
   * A piece is valid until the next one is asked for.
   */
  write(elements: Uint8Array): Generator<Uint8Array, void, undefined>;
  /** Bytes of padding that no varint has taken yet. */
  readonly padLeft: number;
}

export function entryWriter(dtype: DType, { numbers, tag, pad }: WrittenAs): EntryWriter {
  const width = entryWidth(dtype);
  const varint = numbers === 'varint';
  const room = new Uint8Array(blockEntries * (tag.length + (varint ? longestVarint : width)));
  const take = numberReader(dtype);
  let padLeft = pad;

  function fill(elements: Uint8Array): Uint8Array {
    let at = 0;
    for (let place = 0; place < elements.length; place += width) {
      for (let i = 0; i < tag.length; i += 1) room[at + i] = tag[i]!;
      at += tag.length;
      if (!varint) {
        for (let i = 0; i < width; i += 1) room[at + i] = elements[place + i]!;
        at += width;
        continue;
      }
      take.read(elements, place);
      const needed = varintLength(take.low, take.high);
      const length = Math.min(longestVarint, needed + padLeft);
      padLeft -= length - needed;
      putVarint(room, at, take.low, take.high, length);
      at += length;
    }
    return room.subarray(0, at);
  }

  return {
    get padLeft() {
      return padLeft;
    },
    *write(elements) {
      if (!varint && tag.length === 0) {
        yield elements;
        return;
      }
      for (let from = 0; from < elements.length; from += blockEntries * width)
        yield fill(elements.subarray(from, from + blockEntries * width));
    },
  };
}

/** Bytes that the varints of these little-endian elements take when none is longer than it need be. */
export function varintBytes(dtype: DType, elements: Uint8Array): number {
  const width = entryWidth(dtype);
  const take = numberReader(dtype);
  let sum = 0;
  for (let place = 0; place < elements.length; place += width) {
    take.read(elements, place);
    sum += varintLength(take.low, take.high);
  }
  return sum;
}

/** Reads one entry as the 64 bits of its varint. */
function numberReader(dtype: DType): {
  low: number;
  high: number;
  read: (bytes: Uint8Array, place: number) => void;
} {
  const width = entryWidth(dtype);
  const signed = carriesSign(dtype);
  const reader = {
    low: 0,
    high: 0,
    read(bytes: Uint8Array, place: number): void {
      let low = 0;
      let high = 0;
      for (let i = 0; i < width; i += 1)
        if (i < 4) low |= bytes[place + i]! << (8 * i);
        else high |= bytes[place + i]! << (8 * (i - 4));
      if (signed && width < 8 && bytes[place + width - 1]! > 127) {
        high = -1;
        if (width < 4) low |= -1 << (8 * width);
      }
      reader.low = low >>> 0;
      reader.high = high >>> 0;
    },
  };
  return reader;
}

/** Bytes of a varint of 64 bits (lower and upper 32) that is no longer than it need be. */
export function varintLength(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.max(1, Math.ceil(bits / 7));
}

/** Writes a varint `length` bytes long, which is at least what it needs: what is more are zeros that go on. */
export function putVarint(into: Uint8Array, at: number, low: number, high: number, length: number): void {
  for (let i = 0; i < length; i += 1) {
    const bits = i < 4 ? low >>> (7 * i) : i === 4 ? (low >>> 28) | (high << 4) : high >>> (7 * i - 32);
    into[at + i] = (bits & 127) | (i < length - 1 ? 128 : 0);
  }
}

import { putVarint, varintLength } from '../model/entryWriter.ts';

const low = (value: number): number => value % 2 ** 32;
const high = (value: number): number => Math.floor(value / 2 ** 32);

/** Bytes of the shortest varint of a whole number from 0 to 2^53. */
export const varintSize = (value: number): number => varintLength(low(value), high(value));

/** A varint of `size` bytes, which is at least what the number needs. */
export function varint(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  putVarint(bytes, 0, low(value), high(value), size);
  return bytes;
}

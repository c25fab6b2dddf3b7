import type { DType } from './dtype.ts';
import { dtypeBits } from './dtype.ts';

/**
 * How numbers stand in a run of bytes, so that others can be put in their place.
 *
 * An entry is one element; of types below 8 bits a byte of packed elements.
 */
export interface WrittenAs {
  /** Little-endian bytes, or one protobuf varint an entry (64 bits; of signed types the sign goes on). */
  readonly numbers: 'raw' | 'varint';
  /** Bytes before each entry; empty where entries stand back to back. */
  readonly tag: Uint8Array;
  /** Bytes by which varints are longer than they need be: the first ones are, up to 10 bytes each. */
  readonly pad: number;
  /** The numbers are the values of a sparse tensor; elements that it does not hold stand nowhere. */
  readonly sparse: boolean;
}

export const backToBack: WrittenAs = { numbers: 'raw', tag: new Uint8Array(0), pad: 0, sparse: false };

export const isBackToBack = ({ numbers, tag, sparse }: WrittenAs): boolean =>
  numbers === 'raw' && tag.length === 0 && !sparse;

/** Bytes of an entry of a type. */
export const entryWidth = (dtype: DType): number => Math.max(1, dtypeBits[dtype] / 8);

/** Entries that so many elements of a type take. */
export const entriesOf = (dtype: DType, elements: number): number =>
  dtypeBits[dtype] < 8 ? Math.ceil((elements * dtypeBits[dtype]) / 8) : elements;

/** Whether a varint of the type carries its sign on to 64 bits, as protobuf wants of int32 and int64. */
export const carriesSign = (dtype: DType): boolean =>
  dtype === 'i8' || dtype === 'i16' || dtype === 'i32' || dtype === 'i64';

/** Bytes of the longest varint that protobuf allows. */
export const longestVarint = 10;

/** The least and the most bytes that so many entries take. */
export function entryBytes(
  { numbers, tag }: WrittenAs,
  dtype: DType,
  entries: number,
): { readonly least: number; readonly most: number } {
  const width = entryWidth(dtype);
  return numbers === 'raw'
    ? { least: entries * (tag.length + width), most: entries * (tag.length + width) }
    : { least: entries * (tag.length + 1), most: entries * (tag.length + longestVarint) };
}

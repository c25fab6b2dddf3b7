import type { Cursor } from '../../bytes/cursor.ts';
import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { Skeleton } from './skeleton.ts';
import type { Stored } from './stored.ts';

/** The bytes contradict themselves at `offset`. Leaves the reader as a ReadError, or as a problem of one tensor. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** One walk over a file: where it stands, what it has found, what it has spent. */
export interface Walk {
  readonly file: string;
  readonly cursor: Cursor;
  readonly skeleton: Skeleton;
  /** Records of tensors in the order of the file; stamps in the skeleton are indices into it. */
  readonly stored: Stored[];
  /** Messages and values that may still come. */
  messagesLeft: number;
  valuesLeft: number;
  /** The field whose head was read last, where its tag starts, and the bytes of its payload (0 for a varint). */
  field: number;
  wire: number;
  start: number;
  length: number;
}

/** Bytes that hold any field's head, and a varint after it. */
export const headBytes = 32;

/** Reads tag and length of the next field and checks them against `end`. The caller has filled the window. */
export function readHead(walk: Walk, end: number): void {
  const { cursor } = walk;
  walk.start = cursor.at;
  const tag = cursor.varint();
  walk.field = Math.floor(tag / 8);
  walk.wire = tag % 8;
  if (walk.field < 1 || walk.field > 536_870_911) {
    throw new Damaged(`byte ${walk.start.toString()} starts no protobuf field`, walk.start);
  }
  if (walk.wire === 0) walk.length = 0;
  else if (walk.wire === 1) walk.length = 8;
  else if (walk.wire === 2) walk.length = cursor.varint();
  else if (walk.wire === 5) walk.length = 4;
  else throw new Damaged(`byte ${walk.start.toString()} starts no protobuf field`, walk.start);
  const payloadEnd = cursor.at + walk.length;
  if (payloadEnd > end) throw tooLong(walk, payloadEnd, end);
}

/** The next varint, which must lie before `end`. */
export function readVarint(walk: Walk, end: number): number {
  const from = walk.cursor.at;
  const value = walk.cursor.varint();
  if (value === Number.POSITIVE_INFINITY) {
    throw new Damaged(`the number at byte ${from.toString()} has no end`, from);
  }
  if (walk.cursor.at > end) throw tooLong(walk, walk.cursor.at, end);
  return value;
}

/** Steps over the field whose head was read. */
export function skip(walk: Walk, end: number): void {
  if (walk.wire === 0) readVarint(walk, end);
  else walk.cursor.at += walk.length;
}

function tooLong(walk: Walk, payloadEnd: number, end: number): Error {
  const at = walk.start.toString();
  if (payloadEnd > walk.cursor.size) return truncated(walk.file, walk.cursor.size, payloadEnd, walk.start);
  return new Damaged(
    `the field at byte ${at} claims bytes up to ${payloadEnd.toString()}, but what it is part of ends at ${end.toString()}`,
    walk.start,
  );
}

/** A file that ends before what it announced. `wanted` is the least size it would need, when known. */
export function truncated(file: string, size: number, wanted: number | null, from: number): ReadError {
  const need =
    wanted === null
      ? `in the middle of the field at byte ${from.toString()}`
      : Number.isSafeInteger(wanted)
        ? `but the field at byte ${from.toString()} needs at least ${wanted.toString()} bytes`
        : `but the field at byte ${from.toString()} claims more bytes than any file has`;
  return new ReadError(
    'file/truncated',
    file,
    `${file} ends at byte ${size.toString()}, ${need}; the file is cut off: copy or export it again`,
    size,
  );
}

export function countMessage(walk: Walk): void {
  walk.messagesLeft -= 1;
  if (walk.messagesLeft < 0)
    throw over(walk, 'limits/messages', 'holds more messages than its size explains');
}

export function countValues(walk: Walk, n: number): void {
  walk.valuesLeft -= n;
  if (walk.valuesLeft < 0) {
    throw over(walk, 'limits/messages', `holds more than ${limits.values.toString()} strings and numbers`);
  }
}

/** The error of a file that is beyond a limit, at the field whose head was read last. */
export function over(
  walk: Walk,
  code: 'limits/messages' | 'limits/strings' | 'limits/structure' | 'limits/tensors' | 'limits/depth',
  what: string,
): ReadError {
  return new ReadError(
    code,
    walk.file,
    `${walk.file} ${what} (seen at byte ${walk.start.toString()}); no exporter writes such a file, so it is not opened`,
    walk.start,
  );
}

const utf8 = new TextDecoder();

/** The text of the field whose head was read; longer than `most` is refused. */
export async function readText(walk: Walk, most: number): Promise<string> {
  const { cursor, length } = walk;
  if (length > most) {
    throw over(walk, 'limits/strings', `holds a name of ${length.toString()} bytes`);
  }
  if (cursor.short(length)) await cursor.fill(length);
  return utf8.decode(cursor.take(length));
}

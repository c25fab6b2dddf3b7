import { EndOfFile, type Cursor } from '../../bytes/cursor.ts';
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
  /** The first field that the file is too short for, once one was met. */
  cut: Cut | null;
}

/** A field that starts at `from` and would end at `wanted`, which is behind the end of the file. */
export interface Cut {
  readonly from: number;
  readonly wanted: number;
}

/** Bytes that hold any field's head, and a varint after it. */
export const headBytes = 32;

/**
 * Reads tag and length of the next field and checks them against `end`, where what it is part of should end.
 * False when the file ends before the field does: a message may still be entered, to take what is there of it.
 * Throws EndOfFile when even the part of the field that lies in what it is part of is unknown. The caller has filled the window.
 */
export function readHead(walk: Walk, end: number): boolean {
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
  if (payloadEnd <= cursor.size && payloadEnd <= end) return true;
  checkEnd(walk, payloadEnd, end);
  return false;
}

/** Reads the head of a field that is of use only as a whole; EndOfFile when the file is too short for it. */
export function readWhole(walk: Walk, end: number): void {
  if (!readHead(walk, end)) throw new EndOfFile();
}

/** The next varint, which must lie before `end`. */
export function readVarint(walk: Walk, end: number): number {
  const from = walk.cursor.at;
  const value = walk.cursor.varint();
  if (value === Number.POSITIVE_INFINITY) {
    throw new Damaged(`the number at byte ${from.toString()} has no end`, from);
  }
  if (walk.cursor.at > end) checkEnd(walk, walk.cursor.at, end);
  return value;
}

/** Steps over the field whose head was read. */
export function skip(walk: Walk, end: number): void {
  if (walk.wire === 0) readVarint(walk, end);
  else walk.cursor.at += walk.length;
}

/** Judges a field that ends behind what it is part of, behind the file, or both; it is the file's end that tells most. */
function checkEnd(walk: Walk, payloadEnd: number, end: number): void {
  const at = walk.start.toString();
  if (payloadEnd <= walk.cursor.size) {
    throw new Damaged(
      `the field at byte ${at} claims bytes up to ${payloadEnd.toString()}, but what it is part of ends at ${end.toString()}`,
      walk.start,
    );
  }
  walk.cut ??= { from: walk.start, wanted: payloadEnd };
  if (payloadEnd > end) throw new EndOfFile();
}

/** Where a file ends, and what it is too short for; goes on behind the file's name. */
export function cutText(walk: Walk, cut: Cut): string {
  const { size } = walk.cursor;
  const { from, wanted } = cut;
  const need =
    wanted <= size
      ? `in the middle of the field at byte ${from.toString()}`
      : Number.isSafeInteger(wanted)
        ? `but the field at byte ${from.toString()} needs at least ${wanted.toString()} bytes`
        : `but the field at byte ${from.toString()} claims more bytes than any file has`;
  return `ends at byte ${size.toString()}, ${need}`;
}

/** The error of a file that ends before what it announced, when too little of it is there. */
export const truncated = (walk: Walk, cut: Cut): ReadError =>
  new ReadError(
    'file/truncated',
    walk.file,
    `${walk.file} ${cutText(walk, cut)}; the file is cut off: copy or export it again`,
    walk.cursor.size,
  );

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

import { limits } from '../../bytes/limits.ts';
import type { Stored } from './stored.ts';
import * as wire from './wire.ts';

/** Numbers in a packed run: the bytes that end one. The last byte must. */
export async function countVarints(walk: wire.Walk, at: number, length: number): Promise<number> {
  const { cursor } = walk;
  let count = 0;
  let open = 0;
  await pieces(walk, length, (bytes) => {
    for (const b of bytes) {
      open = b < 128 ? 0 : open + 1;
      if (open === 0) count += 1;
      else if (open > 9) throw new wire.Damaged(`a number at byte ${at.toString()} has no end`, at);
    }
  });
  cursor.at = at;
  if (open > 0) throw new wire.Damaged(`the list at byte ${at.toString()} ends within a number`, at);
  return count;
}

/** Visits the next bytes window by window. */
async function pieces(walk: wire.Walk, length: number, visit: (bytes: Uint8Array) => void): Promise<void> {
  const { cursor } = walk;
  let rest = length;
  while (rest > 0) {
    const n = Math.min(rest, limits.window / 2);
    if (cursor.short(n)) await cursor.fill(n);
    visit(cursor.take(n));
    rest -= n;
  }
}

/** The text of the field whose head was read, which is still to be copied. */
export async function peekText(walk: wire.Walk): Promise<string> {
  const { cursor } = walk;
  const at = cursor.at;
  const text = await wire.readText(walk, limits.name);
  cursor.at = at;
  return text;
}

/** Copies the number whose head was read. */
export function copyVarint(walk: wire.Walk, end: number): void {
  const { cursor, skeleton, field } = walk;
  if (walk.wire !== 0) {
    wire.skip(walk, end);
    return;
  }
  const from = cursor.at;
  wire.readVarint(walk, end);
  const length = cursor.at - from;
  cursor.at = from;
  room(walk, 16);
  skeleton.tag(field, 0);
  skeleton.copy(cursor.take(length));
}

/** Copies the field whose head was read, as it stands but for its number. */
export function copyField(walk: wire.Walk, field: number = walk.field): void | Promise<void> {
  wire.countValues(walk, 1);
  room(walk, walk.length + 16);
  walk.skeleton.tag(field, walk.wire);
  if (walk.wire === 2) walk.skeleton.varint(walk.length);
  return copyBytes(walk, walk.length);
}

/** Copies the next bytes; at once when the window holds them, since most are names of a few letters. */
export function copyBytes(walk: wire.Walk, length: number): void | Promise<void> {
  room(walk, length);
  if (!walk.cursor.short(length)) {
    walk.skeleton.copy(walk.cursor.take(length));
    return undefined;
  }
  return pieces(walk, length, (bytes) => {
    walk.skeleton.copy(bytes);
  });
}

/** Refuses what would make the skeleton larger than limits.structure. */
export function room(walk: wire.Walk, n: number): void {
  if (!walk.skeleton.fits(n)) {
    throw wire.over(
      walk,
      'limits/structure',
      `holds more than ${limits.structure.toString()} bytes of structure`,
    );
  }
}

/** Adds a record and writes its place in the skeleton: a tensor message whose one dimension is the index of the record. */
export function stamp(walk: wire.Walk, field: number, stored: Stored): void {
  if (walk.stored.length >= limits.tensors) {
    throw wire.over(walk, 'limits/tensors', `lists more than ${limits.tensors.toString()} tensors`);
  }
  walk.stored.push(stored);
  room(walk, 24);
  const start = walk.skeleton.begin(field);
  // dims is field 1 of a dense tensor and field 3 of a sparse one.
  walk.skeleton.tag(stored.kind === 'sparse' ? 3 : 1, 0);
  walk.skeleton.varint(walk.stored.length - 1);
  walk.skeleton.end(start);
}

import { limits } from '../../bytes/limits.ts';
import { copyBytes, copyField, countVarints, peekText, room, stamp } from './copy.ts';
import { newTensor, noRuns, type Runs } from './stored.ts';
import { recordRun } from './walkTensor.ts';
import * as wire from './wire.ts';

/** A list in an attribute of a Constant node that is itself the tensor (onnx operators: Constant, since 12). */
const listAttributes: ReadonlyMap<string, { readonly code: number; readonly field: number }> = new Map([
  ['value_floats', { code: 1, field: 4 }],
  ['value_ints', { code: 7, field: 7 }],
]);

const listNameLengths = new Set([...listAttributes.keys()].map((name) => name.length));

/** What one attribute has shown so far. */
export interface WalkedAttribute {
  /** Its lists and texts are kept. */
  readonly whole: boolean;
  dropped: boolean;
  /** Its name, if it is one of listAttributes. */
  name: string;
  readonly floats: Runs;
  readonly ints: Runs;
  packedInts: number;
}

export const newAttribute = (length: number): WalkedAttribute => ({
  whole: length <= limits.attributeBytes,
  dropped: false,
  name: '',
  floats: noRuns(),
  ints: noRuns(),
  packedInts: 0,
});

/** Copies the name whose head was read, and notes it where it may be one of listAttributes. */
export async function attributeName(walk: wire.Walk, attribute: WalkedAttribute): Promise<void> {
  if (!listNameLengths.has(walk.length)) return copyField(walk);
  attribute.name = await peekText(walk);
  await copyField(walk);
}

/** Writes behind an attribute what only its end can tell: that something is missing, that its list is a tensor. */
export function endAttribute(walk: wire.Walk, attribute: WalkedAttribute, offset: number): void {
  // A documentation text is never copied, so its field can say that a list or text is missing.
  if (attribute.dropped) {
    room(walk, 2);
    walk.skeleton.tag(13, 2);
    walk.skeleton.varint(0);
  }
  const form = listAttributes.get(attribute.name);
  if (form === undefined) return;
  const runs = form.code === 1 ? attribute.floats : attribute.ints;
  const elements = runs.taggedElements + (form.code === 1 ? packedFloats(runs) : attribute.packedInts);
  if (elements <= limits.smallTensor) return;
  const tensor = newTensor(offset);
  tensor.code = form.code;
  tensor.dims.push(elements);
  tensor.typed = new Map([[form.field, runs]]);
  stamp(walk, 5, tensor);
}

const packedFloats = (runs: Runs): number => runs.packed.reduce((n, run) => n + run.byteLength / 4, 0);

/** Floats and ints of an attribute: recorded, since they may be a tensor, and copied when they are not too many. */
export async function list(
  walk: wire.Walk,
  rule: 'floats' | 'varints',
  end: number,
  attribute: WalkedAttribute | null,
): Promise<void> {
  const { cursor, start, length } = walk;
  const at = cursor.at;
  const element = rule === 'floats' ? 5 : 0;
  if (attribute === null || (walk.wire !== 2 && walk.wire !== element)) return wire.skip(walk, end);
  if (rule === 'floats' && walk.wire === 2 && length % 4 !== 0) {
    throw new wire.Damaged(`the list of floats at byte ${start.toString()} ends within a number`, start);
  }
  let count = 1;
  if (walk.wire === 2) count = rule === 'floats' ? length / 4 : await countVarints(walk, at, length);
  if (rule === 'varints' && walk.wire === 2) attribute.packedInts += count;
  recordRun(walk, rule === 'floats' ? attribute.floats : attribute.ints, end, start, at, length);
  if (!attribute.whole) {
    attribute.dropped = true;
    return;
  }
  wire.countValues(walk, count);
  const after = cursor.at;
  walk.skeleton.tag(walk.field, walk.wire);
  if (walk.wire === 2) walk.skeleton.varint(length);
  cursor.at = at;
  await copyBytes(walk, after - at);
}

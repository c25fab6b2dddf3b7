import { Cursor, EndOfFile } from '../../bytes/cursor.ts';
import { limits } from '../../bytes/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { copyBytes, copyField, copyVarint, countVarints, peekText, room } from './copy.ts';
import { schema, type MessageKind, type Rule } from './schema.ts';
import { Skeleton } from './skeleton.ts';
import { newTensor, noRuns, type Runs } from './stored.ts';
import { addStored, recordRun, walkSparse, walkTensor } from './walkTensor.ts';
import * as wire from './wire.ts';

/** A list in an attribute of a Constant node that is itself the tensor (onnx operators: Constant, since 12). */
const listAttributes: ReadonlyMap<string, { readonly code: number; readonly field: number }> = new Map([
  ['value_floats', { code: 1, field: 4 }],
  ['value_ints', { code: 7, field: 7 }],
]);

/** What one attribute has shown so far. */
interface Attribute {
  /** Its lists and texts are kept. */
  readonly whole: boolean;
  dropped: boolean;
  name: string;
  readonly floats: Runs;
  readonly ints: Runs;
  packedInts: number;
}

/**
 * Walks the structure of an ONNX file: records where each tensor lies and copies everything else that matters
 * into a skeleton, within the budgets of limits.ts. Throws ReadError or wire.Damaged.
 */
export async function walkModel(source: ByteSource, signal: AbortSignal): Promise<wire.Walk> {
  const walk: wire.Walk = {
    file: source.name,
    cursor: new Cursor(source, signal),
    skeleton: new Skeleton(),
    stored: [],
    messagesLeft: Math.min(
      limits.messages,
      Math.max(limits.messagesFloor, Math.floor(source.size / limits.bytesPerMessage)),
    ),
    valuesLeft: limits.values,
    field: 0,
    wire: 0,
    start: 0,
    length: 0,
  };
  try {
    await walkMessage(walk, 'model', source.size, 0, null);
  } catch (error) {
    if (!(error instanceof EndOfFile)) throw error;
    throw wire.truncated(walk.file, source.size, null, walk.start);
  }
  return walk;
}

async function walkMessage(
  walk: wire.Walk,
  kind: MessageKind,
  end: number,
  depth: number,
  attribute: Attribute | null,
): Promise<void> {
  const { cursor } = walk;
  const rules = schema[kind];
  while (cursor.at < end) {
    if (cursor.short(wire.headBytes)) await cursor.fill();
    wire.readHead(walk, end);
    const rule = rules.get(walk.field);
    if (rule === undefined) wire.skip(walk, end);
    else if (rule === 'varint') copyVarint(walk, end);
    else await apply(walk, rule, end, depth, attribute);
  }
}

async function apply(
  walk: wire.Walk,
  rule: Exclude<Rule, 'varint'>,
  end: number,
  depth: number,
  attribute: Attribute | null,
): Promise<void> {
  const { field, cursor, length } = walk;
  if (rule === 'floats' || rule === 'varints') return list(walk, rule, end, attribute);
  if (rule === 'fixed32') {
    if (walk.wire !== 5) return wire.skip(walk, end);
    return copyField(walk);
  }
  if (walk.wire !== 2) return wire.skip(walk, end);
  if (rule === 'name') {
    if (length > limits.name) {
      throw wire.over(walk, 'limits/strings', `holds a name of ${length.toString()} bytes`);
    }
    if (attribute !== null && field === 1) attribute.name = await peekText(walk);
    return copyField(walk);
  }
  if (rule === 'note') return length > limits.metadataValue ? wire.skip(walk, end) : copyField(walk);
  if (rule === 'text') {
    if (attribute?.whole === true) return copyField(walk);
    if (attribute !== null) attribute.dropped = true;
    return wire.skip(walk, end);
  }
  wire.countMessage(walk);
  const payloadEnd = cursor.at + length;
  if (rule === 'tensor') return stamp(walk, field, addStored(walk, await walkTensor(walk, payloadEnd)));
  if (rule === 'sparse') return stamp(walk, field, addStored(walk, await walkSparse(walk, payloadEnd)));
  return nested(walk, rule.message, payloadEnd, depth + 1);
}

async function nested(walk: wire.Walk, kind: MessageKind, end: number, depth: number): Promise<void> {
  if (depth > limits.depth) {
    throw wire.over(walk, 'limits/depth', `nests messages more than ${limits.depth.toString()} deep`);
  }
  room(walk, 16);
  const start = walk.skeleton.begin(walk.field);
  if (kind === 'attribute') await walkAttribute(walk, end, depth);
  else await walkMessage(walk, kind, end, depth, null);
  walk.skeleton.end(start);
}

async function walkAttribute(walk: wire.Walk, end: number, depth: number): Promise<void> {
  const offset = walk.start;
  const attribute: Attribute = {
    whole: end - walk.cursor.at <= limits.attributeBytes,
    dropped: false,
    name: '',
    floats: noRuns(),
    ints: noRuns(),
    packedInts: 0,
  };
  await walkMessage(walk, 'attribute', end, depth, attribute);
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
  tensor.typed.set(form.field, runs);
  stamp(walk, 5, addStored(walk, tensor));
}

const packedFloats = (runs: Runs): number => runs.packed.reduce((n, run) => n + run.byteLength / 4, 0);

/** Floats and ints of an attribute: recorded, since they may be a tensor, and copied when they are not too many. */
async function list(
  walk: wire.Walk,
  rule: 'floats' | 'varints',
  end: number,
  attribute: Attribute | null,
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

/** A tensor's place in the skeleton: a tensor message whose one dimension is the index of the record. */
function stamp(walk: wire.Walk, field: number, index: number): void {
  room(walk, 24);
  const start = walk.skeleton.begin(field);
  // dims is field 1 of a dense tensor and field 3 of a sparse one.
  walk.skeleton.tag(walk.stored[index]?.kind === 'sparse' ? 3 : 1, 0);
  walk.skeleton.varint(index);
  walk.skeleton.end(start);
}

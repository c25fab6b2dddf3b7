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

const listNameLengths = new Set([...listAttributes.keys()].map((name) => name.length));

/** What one attribute has shown so far. */
interface Attribute {
  /** Its lists and texts are kept. */
  readonly whole: boolean;
  dropped: boolean;
  /** Its name, if it is one of listAttributes. */
  name: string;
  readonly floats: Runs;
  readonly ints: Runs;
  packedInts: number;
}

/** A message that the walk is in. */
interface Frame {
  readonly rules: ReadonlyMap<number, Rule>;
  /** Where it ends in the file. */
  readonly end: number;
  /** Where its field starts in the file. */
  readonly offset: number;
  /** Where its content starts in the skeleton. */
  readonly start: number;
  readonly attribute: Attribute | null;
  /** Attributes so far, of a node. */
  attributes: number;
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
    await walkMessages(walk);
  } catch (error) {
    if (!(error instanceof EndOfFile)) throw error;
    throw wire.truncated(walk.file, source.size, null, walk.start);
  }
  return walk;
}

/** One loop over all messages, with a stack of its own: structures have a million small ones. */
async function walkMessages(walk: wire.Walk): Promise<void> {
  const { cursor } = walk;
  const outer: Frame[] = [];
  let frame: Frame = {
    rules: schema.model,
    end: cursor.size,
    offset: 0,
    start: 0,
    attribute: null,
    attributes: 0,
  };
  for (;;) {
    if (cursor.at >= frame.end) {
      const parent = outer.pop();
      if (parent === undefined) return;
      if (frame.attribute !== null) endAttribute(walk, frame.attribute, frame.offset);
      walk.skeleton.end(frame.start);
      frame = parent;
      continue;
    }
    if (cursor.short(wire.headBytes)) await cursor.fill();
    wire.readHead(walk, frame.end);
    const rule = frame.rules.get(walk.field);
    if (typeof rule === 'object' && 'message' in rule && walk.wire === 2) {
      if (rule.message === 'attribute') countAttribute(walk, frame);
      outer.push(frame);
      frame = enter(walk, rule.message, outer.length);
      continue;
    }
    const done = apply(walk, rule, frame);
    if (done !== undefined) await done;
  }
}

/** A node is decoded in one piece, so it must not be a file of its own. */
function countAttribute(walk: wire.Walk, node: Frame): void {
  node.attributes += 1;
  if (node.attributes > limits.attributes) {
    throw wire.over(
      walk,
      'limits/messages',
      `holds a node with more than ${limits.attributes.toString()} attributes`,
    );
  }
}

/** Starts the message whose head was read. */
function enter(walk: wire.Walk, kind: MessageKind, depth: number): Frame {
  wire.countMessage(walk);
  if (depth > limits.depth) {
    throw wire.over(walk, 'limits/depth', `nests messages more than ${limits.depth.toString()} deep`);
  }
  room(walk, 16);
  return {
    rules: schema[kind],
    end: walk.cursor.at + walk.length,
    offset: walk.start,
    start: walk.skeleton.begin(walk.field),
    attribute: kind === 'attribute' ? newAttribute(walk.length) : null,
    attributes: 0,
  };
}

/** Takes a field that is no message. Answers with a promise only when there is something to wait for. */
function apply(walk: wire.Walk, rule: Rule | undefined, frame: Frame): void | Promise<void> {
  const { field, length } = walk;
  const { end, attribute } = frame;
  if (rule === 'varint') return copyVarint(walk, end);
  if (rule === 'floats' || rule === 'varints') return list(walk, rule, end, attribute);
  if (rule === 'fixed32' && walk.wire === 5) return copyField(walk);
  if (rule === undefined || rule === 'fixed32' || walk.wire !== 2) return wire.skip(walk, end);
  if (rule === 'name') {
    checkName(walk);
    const asked = attribute !== null && field === 1 && listNameLengths.has(length);
    return asked ? attributeName(walk, attribute) : copyField(walk);
  }
  if (rule === 'note') return length > limits.metadataValue ? wire.skip(walk, end) : copyField(walk);
  if (rule === 'text') {
    if (attribute?.whole === true) return copyField(walk);
    if (attribute !== null) attribute.dropped = true;
    return wire.skip(walk, end);
  }
  if (rule === 'tensor' || rule === 'sparse') return record(walk, rule);
  if ('message' in rule) return undefined;
  checkName(walk);
  return copyField(walk, rule.overloadAs);
}

function checkName(walk: wire.Walk): void {
  if (walk.length <= limits.name) return;
  throw wire.over(walk, 'limits/strings', `holds a name of ${walk.length.toString()} bytes`);
}

async function record(walk: wire.Walk, rule: 'tensor' | 'sparse'): Promise<void> {
  wire.countMessage(walk);
  const { field, cursor, length } = walk;
  const end = cursor.at + length;
  const stored = rule === 'tensor' ? await walkTensor(walk, end) : await walkSparse(walk, end);
  stamp(walk, field, addStored(walk, stored));
}

const newAttribute = (length: number): Attribute => ({
  whole: length <= limits.attributeBytes,
  dropped: false,
  name: '',
  floats: noRuns(),
  ints: noRuns(),
  packedInts: 0,
});

async function attributeName(walk: wire.Walk, attribute: Attribute): Promise<void> {
  attribute.name = await peekText(walk);
  await copyField(walk);
}

/** Writes behind an attribute what only its end can tell: that something is missing, that its list is a tensor. */
function endAttribute(walk: wire.Walk, attribute: Attribute, offset: number): void {
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

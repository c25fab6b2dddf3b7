import { Cursor, EndOfFile } from '../../bytes/cursor.ts';
import { limits } from '../../bytes/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { copyField, copyVarint, room, stamp } from './copy.ts';
import { schema, type MessageKind, type Rule } from './schema.ts';
import { Skeleton } from './skeleton.ts';
import type { Stored } from './stored.ts';
import { attributeName, endAttribute, list, newAttribute, type WalkedAttribute } from './walkAttribute.ts';
import { walkSparse, walkTensor } from './walkTensor.ts';
import * as wire from './wire.ts';

/** A message that the walk is in. */
interface Frame {
  readonly rules: ReadonlyMap<number, Rule>;
  /** Where it ends in the file. */
  readonly end: number;
  /** Where its field starts in the file. */
  readonly offset: number;
  /** Where its field starts in the skeleton, and where its content does. */
  readonly mark: number;
  readonly start: number;
  /** Tensors that were recorded before it. */
  readonly recorded: number;
  readonly attribute: WalkedAttribute | null;
  /** Attributes so far, of a node. */
  attributes: number;
}

/**
 * Walks the structure of an ONNX file: records where each tensor lies and copies everything else that matters
 * into a skeleton, within the budgets of limits.ts. Where the file ends too soon, `cut` is set, and the skeleton holds
 * what was whole of the model and its graph. Throws ReadError or wire.Damaged.
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
    cut: null,
  };
  const open: Frame[] = [];
  try {
    await walkMessages(walk, open);
  } catch (error) {
    if (error instanceof EndOfFile) closeCut(walk, open);
    // What lies in a message that is longer than the file need not make sense: the length was the first thing wrong.
    else if (error instanceof wire.Damaged && walk.cut !== null) throw wire.truncated(walk, walk.cut);
    else throw error;
  }
  return walk;
}

/** Ends the skeleton of a file that is cut off: the model and its main graph stay, a part of anything else in them goes. */
function closeCut(walk: wire.Walk, open: readonly Frame[]): void {
  walk.cut ??= { from: walk.start, wanted: walk.cursor.size };
  const [, graph] = open;
  const isGraph = graph?.rules === schema.graph;
  const partial = open[isGraph ? 2 : 1];
  if (partial !== undefined) {
    walk.skeleton.cutTo(partial.mark);
    walk.stored.splice(partial.recorded);
  }
  if (isGraph) walk.skeleton.end(graph.start);
}

/**
 * One loop over all messages, with a stack of its own: structures have a million small ones.
 * `open` holds the messages that the walk is in, the innermost last.
 */
async function walkMessages(walk: wire.Walk, open: Frame[]): Promise<void> {
  const { cursor } = walk;
  // The model has no length of its own: it ends with the file.
  let frame: Frame = {
    rules: schema.model,
    end: Number.POSITIVE_INFINITY,
    offset: 0,
    mark: 0,
    start: 0,
    recorded: 0,
    attribute: null,
    attributes: 0,
  };
  open.push(frame);
  for (;;) {
    if (cursor.at >= frame.end || (open.length === 1 && cursor.at === cursor.size)) {
      open.pop();
      const parent = open.at(-1);
      if (parent === undefined) return;
      if (frame.attribute !== null) endAttribute(walk, frame.attribute, frame.offset);
      walk.skeleton.end(frame.start);
      frame = parent;
      continue;
    }
    if (cursor.short(wire.headBytes)) await cursor.fill();
    const whole = wire.readHead(walk, frame.end);
    const rule = frame.rules.get(walk.field);
    if (typeof rule === 'object' && 'message' in rule && walk.wire === 2) {
      if (rule.message === 'attribute') countAttribute(walk, frame);
      frame = enter(walk, rule.message, open.length);
      open.push(frame);
      continue;
    }
    if (!whole && rule !== 'tensor') throw new EndOfFile();
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
    mark: walk.skeleton.length,
    start: walk.skeleton.begin(walk.field),
    recorded: walk.stored.length,
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
    return attribute !== null && field === 1 ? attributeName(walk, attribute) : copyField(walk);
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
  if (!stored.isCut || isDescribed(walk, stored)) stamp(walk, field, stored);
  if (stored.isCut) throw new EndOfFile();
}

/** Whether shape and type of a tensor are known whole where the file ends in it: writers put them first, in fields 1 and 2. */
const isDescribed = (walk: wire.Walk, stored: Stored): boolean =>
  stored.kind === 'tensor' && stored.code !== 0 && walk.field > 2;

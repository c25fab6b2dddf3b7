import { EndOfFile } from '../../bytes/cursor.ts';
import { ReadError } from '../../bytes/errors.ts';
import { dtypeOfCode } from '../../model/onnxTypes.ts';
import type { ModelEdits, NewTensor } from '../../model/units/edits.ts';
import { bytesField, fieldsOf, intField, joined, textField, textOf, type Field } from './messages.ts';

type Parts = readonly Uint8Array[];

/** ModelProto.graph; GraphProto's node, initializer, input, output, value_info; NodeProto's input, output, attribute. */
const modelGraph = 7;
const graph = { node: 1, initializer: 5, input: 11, output: 12, values: 13 } as const;
const node = { input: 1, output: 2, op: 4, attribute: 5 } as const;
const tensorName = 8;

interface NodeAt {
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly addend: string | null;
}

/**
 * A model's bytes with some tensors and names replaced. What nothing reads any more is left out: initializers, and nodes
 * that computed a weight from them. All other bytes stay as they are, fields of newer versions included.
 * Throws ReadError: 'file/damaged' when there is not one graph, 'file/truncated' when the bytes end within a field.
 */
export function rewriteOnnx(file: string, bytes: Uint8Array, edits: ModelEdits): Uint8Array {
  try {
    return rewritten(file, bytes, edits);
  } catch (error) {
    if (!(error instanceof EndOfFile)) throw error;
    // Its reader could list what stands before.
    throw new ReadError(
      'file/truncated',
      file,
      `${file} is cut off, so that it cannot be written anew; copy or export it again, or export without removing units`,
    );
  }
}

function rewritten(file: string, bytes: Uint8Array, edits: ModelEdits): Uint8Array {
  const fields = [...fieldsOf(bytes)];
  const graphs = fields.filter(({ field }) => field === modelGraph);
  const [only] = graphs;
  if (only === undefined || graphs.length > 1)
    throw new ReadError(
      'file/damaged',
      file,
      `${file} has ${graphs.length.toString()} graphs where one is expected`,
    );
  return joined(
    fields.flatMap((field) =>
      field.field === modelGraph ? bytesField(modelGraph, ...graphParts(only.payload, edits)) : [field.whole],
    ),
  );
}

function graphParts(bytes: Uint8Array, edits: ModelEdits): Parts {
  const fields = [...fieldsOf(bytes)];
  const before = fields.filter(({ field }) => field === graph.node);
  const nodes = before.map(({ payload }, place) => nodeAt(payload, place, edits));
  const outputs = new Set(fields.filter(({ field }) => field === graph.output).map(nameOf));
  const read = (list: readonly NodeAt[]): Set<string> =>
    new Set([
      ...outputs,
      ...list.flatMap(({ inputs, addend }) => (addend === null ? inputs : [...inputs, addend])),
    ]);
  const readBefore = read(before.map(({ payload }, place) => nodeAt(payload, place, null)));
  // What was read before and is no longer goes, and then what only that had read.
  let kept = nodes;
  let now = read(kept);
  for (;;) {
    const stay = kept.filter(
      ({ outputs: own }) => own.some((name) => now.has(name)) || !own.some((name) => readBefore.has(name)),
    );
    if (stay.length === kept.length) break;
    kept = stay;
    now = read(kept);
  }
  const unread = (name: string): boolean => readBefore.has(name) && !now.has(name);
  const listed = new Set(fields.filter(({ field }) => field === graph.input).map(nameOf));
  const parts: Uint8Array[] = [];
  let added = false;
  const add = (): void => {
    if (added) return;
    added = true;
    for (const own of kept) parts.push(...bytesField(graph.node, own.bytes), ...addition(own));
    for (const tensor of edits.tensors) parts.push(...bytesField(graph.initializer, ...tensorParts(tensor)));
    // Before version 4 of the format every initializer is an input too.
    if (
      edits.tensors.length > 0 &&
      fields.some((f) => f.field === graph.initializer && listed.has(nameIn(f, tensorName)))
    )
      for (const tensor of edits.tensors) parts.push(...bytesField(graph.input, ...inputParts(tensor)));
  };
  for (const field of fields) {
    if (field.field === graph.node) add();
    else if (field.field === graph.initializer && unread(nameIn(field, tensorName))) continue;
    else if (field.field === graph.input && unread(nameOf(field)) && !isFed(field, fields)) continue;
    else if (field.field === graph.values && unread(nameOf(field))) continue;
    else if (field.field === graph.values || field.field === graph.output)
      parts.push(...bytesField(field.field, ...valueParts(field.payload, edits.extents.get(nameOf(field)))));
    else parts.push(field.whole);
  }
  return parts;
}

const nameIn = ({ payload }: Field, number: number): string => {
  for (const field of fieldsOf(payload)) if (field.field === number) return textOf(field);
  return '';
};
const nameOf = (field: Field): string => nameIn(field, 1);

/** A true input, which no initializer stands for, stays whoever reads it. */
const isFed = (input: Field, fields: readonly Field[]): boolean => {
  const name = nameOf(input);
  return !fields.some((field) => field.field === graph.initializer && nameIn(field, tensorName) === name);
};

/** Names that the subgraphs of a node may take from around it: every text in them, which is more than enough. */
function captured(attribute: Uint8Array, into: string[]): void {
  for (const field of fieldsOf(attribute))
    if (field.field === 6 || field.field === 11) namesOfGraph(field.payload, into);
}

function namesOfGraph(bytes: Uint8Array, into: string[]): void {
  for (const field of fieldsOf(bytes)) {
    if (field.field === graph.output) into.push(nameOf(field));
    if (field.field !== graph.node) continue;
    for (const own of fieldsOf(field.payload)) {
      if (own.field === node.input) into.push(textOf(own));
      if (own.field === node.attribute) captured(own.payload, into);
    }
  }
}

/** A node with its edits; null: as it stands. */
function nodeAt(bytes: Uint8Array, place: number, edits: ModelEdits | null): NodeAt {
  const fields = [...fieldsOf(bytes)];
  const inputs = fields.filter(({ field }) => field === node.input).map(textOf);
  const outputs = fields.filter(({ field }) => field === node.output).map(textOf);
  const reads = [...inputs];
  for (const field of fields) if (field.field === node.attribute) captured(field.payload, reads);
  const renamed = edits?.inputs.get(place);
  const integers = edits?.integers.get(place);
  const addend = edits?.addends.get(place) ?? null;
  if (renamed === undefined && integers === undefined && addend === null)
    return { bytes, inputs: reads, outputs, addend };
  const count = Math.max(inputs.length, ...[...(renamed?.keys() ?? [])].map((input) => input + 1));
  const own = Array.from({ length: count }, (_, input) => renamed?.get(input) ?? inputs[input] ?? '');
  const rest = fields.filter(({ field }) => field !== node.input && field !== node.output);
  const shown = addend === null ? outputs : [`${outputs[0] ?? ''}/unfolded`, ...outputs.slice(1)];
  const parts = [
    ...own.flatMap((name) => textField(node.input, name)),
    ...shown.flatMap((name) => textField(node.output, name)),
    ...rest.flatMap((field) => attributeParts(field, integers)),
  ];
  return { bytes: joined(parts), inputs: [...own, ...reads.slice(inputs.length)], outputs, addend };
}

function attributeParts(field: Field, integers: ReadonlyMap<string, number> | undefined): Parts {
  const value = field.field === node.attribute ? integers?.get(nameOf(field)) : undefined;
  if (value === undefined) return [field.whole];
  const rest = [...fieldsOf(field.payload)].filter((part) => part.field !== 3).map((part) => part.whole);
  return bytesField(node.attribute, ...rest, intField(3, value));
}

/** The node that adds a tensor to what the node before gives. */
function addition({ outputs, addend }: NodeAt): Parts {
  if (addend === null) return [];
  const [name = ''] = outputs;
  return bytesField(
    graph.node,
    ...textField(node.input, `${name}/unfolded`),
    ...textField(node.input, addend),
    ...textField(node.output, name),
    ...textField(node.op, 'Add'),
  );
}

const codes = new Map([...dtypeOfCode].map(([code, dtype]) => [dtype, code]));

const tensorParts = ({ name, dtype, shape, bytes }: NewTensor): Parts => [
  ...shape.map((extent) => intField(1, extent)),
  intField(2, codes.get(dtype)!),
  ...textField(tensorName, name),
  ...bytesField(9, bytes),
];

function inputParts({ name, dtype, shape }: NewTensor): Parts {
  const extents = shape.flatMap((extent) => bytesField(1, intField(1, extent)));
  const tensor = [intField(1, codes.get(dtype)!), ...bytesField(2, ...extents)];
  return [...textField(1, name), ...bytesField(2, ...bytesField(1, ...tensor))];
}

/** A ValueInfoProto with other extents where they are numbers: its type, of a tensor, has a shape, which has dimensions. */
function valueParts(bytes: Uint8Array, extents: ReadonlyMap<number, number> | undefined): Parts {
  if (extents === undefined) return [bytes];
  const within = (message: Uint8Array, path: readonly number[]): Parts => {
    const [next, ...more] = path;
    let axis = -1;
    return [...fieldsOf(message)].flatMap((field) => {
      if (field.field !== next || field.whole === field.payload) return [field.whole];
      axis += 1;
      if (more.length > 0) return bytesField(field.field, ...within(field.payload, more));
      const extent = extents.get(axis);
      const hasNumber = [...fieldsOf(field.payload)].some((part) => part.field === 1);
      return extent === undefined || !hasNumber
        ? [field.whole]
        : bytesField(field.field, intField(1, extent));
    });
  };
  return within(bytes, [2, 1, 2, 1]);
}

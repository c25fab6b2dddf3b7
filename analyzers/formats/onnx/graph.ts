import type { Attribute, Graph, GraphFunction, GraphNode } from '../../model/graph.ts';
import type { Place, Tensor } from '../../model/tensor.ts';
import { integer, partsOf, type FunctionParts, type GraphParts, type Integer, type onnx } from './decode.ts';
import { quoted } from './problems.ts';
import type { Stored } from './stored.ts';
import { tensorOf, type Listing } from './tensorData.ts';
import { valueInfo } from './values.ts';

/** What graphs are built with; `tensors` grows in the order in which they are met. */
export interface Building extends Listing {
  readonly stored: readonly Stored[];
  readonly tensors: Tensor[];
  /** Attributes whose lists and texts were too long to keep: how many, and the first of them. */
  readonly leftOut: { count: number; first: string };
}

/** Where the tensors of a scope stand. */
interface Scope {
  readonly initializer: Place;
  readonly constant: Place;
}

export const mainScope: Scope = { initializer: 'initializer', constant: 'constant' };
const subgraphScope: Scope = { initializer: 'subgraphInitializer', constant: 'subgraphConstant' };
const functionScope: Scope = { initializer: 'function', constant: 'function' };

export function buildGraph(building: Building, graph: GraphParts, scope: Scope): Graph {
  const initializers = new Map<string, number>();
  const add = (stored: Stored | null, name: string, place: Place) => {
    if (stored === null) return;
    const index = addTensor(building, stored, name, place);
    if (name === '') return;
    if (!initializers.has(name)) initializers.set(name, index);
    else {
      building.problems.tell(
        'warning',
        'onnx/duplicate-name',
        `Two initializers are called ${quoted(name)}; the first is used.`,
        { tensor: name, offset: stored.offset },
      );
    }
  };
  for (const tensor of graph.initializers) {
    const stored = storedOf(building, tensor);
    add(stored, stored?.kind === 'tensor' ? stored.name : '', scope.initializer);
  }
  for (const sparse of graph.sparse) {
    const stored = storedOf(building, sparse);
    const name = stored?.kind === 'sparse' ? (stored.values?.name ?? '') : '';
    add(stored, name, scope === functionScope ? 'function' : 'sparse');
  }
  return {
    name: graph.name,
    nodes: Array.from(graph.nodes, (node) => buildNode(building, node, scope)),
    inputs: Array.from(graph.inputs, valueInfo),
    outputs: Array.from(graph.outputs, valueInfo),
    values: Array.from(graph.values, valueInfo),
    initializers,
  };
}

export function buildFunction(building: Building, { head, defaults }: FunctionParts): GraphFunction {
  const name = overloaded(head.name, head.docString);
  return {
    name,
    domain: domainOf(head.domain),
    inputs: head.input ?? [],
    outputs: head.output ?? [],
    // An attribute is declared by its name alone, or with a default.
    attributes: head.attribute ?? [],
    defaults: attributesOf(defaults, (attribute) => attributeOf(building, attribute, functionScope, name)),
    nodes: (head.node ?? []).map((node) => buildNode(building, node, functionScope)),
  };
}

/** Attributes by name; of two of one name the first counts. */
function attributesOf(
  list: Iterable<onnx.IAttributeProto>,
  build: (attribute: onnx.IAttributeProto) => Attribute | null,
): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const attribute of list) {
    const name = attribute.name ?? '';
    const built = build(attribute);
    if (built !== null && !attributes.has(name)) attributes.set(name, built);
  }
  return attributes.size > 0 ? attributes : noAttributes;
}

/** A function's name, and the operator that calls it: with the overload behind it where there is one. */
const overloaded = (name: string | null | undefined, overload: string | null | undefined): string =>
  (overload ?? '') === '' ? (name ?? '') : `${name ?? ''}:${overload ?? ''}`;

/** ai.onnx has two spellings; '' is ours. */
export const domainOf = (domain: string | null | undefined): string =>
  domain === undefined || domain === null || domain === 'ai.onnx' ? '' : domain;

/** The record that a stamp in the skeleton names. */
function storedOf(building: Building, stamp: { dims?: unknown } | null | undefined): Stored | null {
  const dims = stamp?.dims as readonly Integer[] | null | undefined;
  const index = dims?.[0];
  return index === undefined ? null : (building.stored[integer(index)] ?? null);
}

function addTensor(building: Building, stored: Stored, name: string, place: Place): number {
  building.tensors.push(tensorOf(building, stored, name, place));
  return building.tensors.length - 1;
}

// Shared by all nodes that have none: a map of their own would double what a node takes.
const noAttributes: ReadonlyMap<string, Attribute> = new Map();
const noNames: readonly string[] = [];
const orNone = (names: readonly string[] | null | undefined): readonly string[] =>
  names === null || names === undefined || names.length === 0 ? noNames : names;

function buildNode(building: Building, node: onnx.INodeProto, scope: Scope): GraphNode {
  const domain = domainOf(node.domain);
  const isConstant = node.opType === 'Constant' && domain === '';
  const op = overloaded(node.opType, node.docString);
  const attributes = attributesOf(node.attribute ?? [], (attribute) =>
    isConstant
      ? constantAttribute(building, attribute, node.output?.[0] ?? '', scope)
      : attributeOf(building, attribute, scope, op),
  );
  return {
    name: node.name ?? '',
    op,
    domain,
    inputs: orNone(node.input),
    outputs: orNone(node.output),
    attributes,
  };
}

/** A Constant's value is a tensor of the model under the name of its output, however it is written. */
function constantAttribute(
  building: Building,
  attribute: onnx.IAttributeProto,
  output: string,
  scope: Scope,
): Attribute | null {
  const stored = storedOf(building, attribute.t) ?? storedOf(building, attribute.sparseTensor);
  if (stored !== null && (attribute.refAttrName ?? '') === '') {
    const own = stored.kind === 'tensor' ? stored.name : (stored.values?.name ?? '');
    const name = output === '' ? own : output;
    return { kind: 'tensor', tensor: addTensor(building, stored, name, scope.constant) };
  }
  const plain = attributeOf(building, attribute, scope, null);
  if (plain === null) return null;
  let shape: number[] = [];
  let values: readonly number[] = [];
  if (plain.kind === 'int' || plain.kind === 'float') values = [plain.value];
  else if (plain.kind === 'ints' || plain.kind === 'floats') {
    values = plain.values;
    shape = [values.length];
  } else return plain;
  building.tensors.push({
    name: output,
    dtype: plain.kind === 'int' || plain.kind === 'ints' ? 'i64' : 'f32',
    shape,
    place: scope.constant,
    data: { kind: 'inline', values },
  });
  return { kind: 'tensor', tensor: building.tensors.length - 1 };
}

const text = new TextDecoder();
/** AttributeProto.AttributeType by its code; the empty ones are of no use here. */
const kinds: readonly string[] = [
  '',
  'float',
  'int',
  'string',
  'tensor',
  'graph',
  'floats',
  'ints',
  'strings',
  '',
  'graphs',
  'sparse',
];

/** The kind of an attribute: as declared, or, in files of the first IR versions, as shown by what is there. */
function kindOf(a: onnx.IAttributeProto): string {
  const declared: number = a.type ?? 0;
  if (declared !== 0) return kinds[declared] ?? '';
  if ((a.floats ?? []).length > 0) return 'floats';
  if ((a.ints ?? []).length > 0) return 'ints';
  if ((a.strings ?? []).length > 0) return 'strings';
  if ((a.graphs ?? []).length > 0) return 'graphs';
  if (Object.hasOwn(a, 'g')) return 'graph';
  if (Object.hasOwn(a, 't')) return 'tensor';
  if (Object.hasOwn(a, 's')) return 'string';
  if (Object.hasOwn(a, 'i')) return 'int';
  return Object.hasOwn(a, 'f') ? 'float' : '';
}

/**
 * Null for what has no use here: types, lists of tensors, and lists that were too long to keep.
 * `op` is told as what the last of these belong to; null: a Constant's texts, which are no loss.
 */
function attributeOf(
  building: Building,
  a: onnx.IAttributeProto,
  scope: Scope,
  op: string | null,
): Attribute | null {
  const reference = a.refAttrName ?? '';
  if (reference !== '') return { kind: 'reference', name: reference };
  const kind = kindOf(a);
  const inner = scope === functionScope ? functionScope : subgraphScope;
  if (kind === 'graph' || kind === 'graphs') {
    const graphs = kind === 'graph' ? (a.g === null || a.g === undefined ? [] : [a.g]) : (a.graphs ?? []);
    return { kind: 'graphs', graphs: graphs.map((g) => buildGraph(building, partsOf(g), inner)) };
  }
  if (kind === 'tensor' || kind === 'sparse') {
    const stored = storedOf(building, kind === 'tensor' ? a.t : a.sparseTensor);
    if (stored === null) return null;
    const name = stored.kind === 'tensor' ? stored.name : (stored.values?.name ?? '');
    return { kind: 'value', value: tensorOf(building, stored, name, scope.constant) };
  }
  // The walker leaves an empty documentation text where it left out a list or a text.
  if (Object.hasOwn(a, 'docString')) {
    if (op !== null && building.leftOut.count === 0)
      building.leftOut.first = `${quoted(a.name ?? '')} of ${quoted(op)}`;
    if (op !== null) building.leftOut.count += 1;
    return null;
  }
  if (kind === 'int') return { kind, value: integer(a.i) };
  if (kind === 'float') return { kind, value: a.f ?? 0 };
  if (kind === 'string') return { kind, value: text.decode(a.s ?? new Uint8Array(0)) };
  if (kind === 'ints') return { kind, values: (a.ints ?? []).map(integer) };
  if (kind === 'floats') return { kind, values: a.floats ?? [] };
  if (kind === 'strings') return { kind, values: (a.strings ?? []).map((s) => text.decode(s)) };
  return null;
}

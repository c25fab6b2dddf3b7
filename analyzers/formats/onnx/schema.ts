/**
 * What the walker does with each field of the messages that make up a graph (onnx.proto, IR version 13).
 *
 * A field that is not listed is stepped over by its length: documentation, quantisation notes, training, devices,
 * type information that no analysis uses. So nothing that a newer writer adds can hurt.
 */
export type MessageKind =
  | 'model'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'function'
  | 'value'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dimension'
  | 'opset'
  | 'entry';

/**
 * varint, fixed32  one number
 * name             a string of at most limits.name bytes
 * note             metadata: a longer one than limits.metadataValue is left out
 * text             bytes of an attribute
 * varints, floats  a list, packed or not
 * tensor, sparse   recorded, and replaced by a stamp that says which record
 * overloadAs       a name; onnx-proto is older than it, so it is copied as a field that is not copied otherwise
 */
export type Rule =
  | 'varint'
  | 'fixed32'
  | 'name'
  | 'note'
  | 'text'
  | 'varints'
  | 'floats'
  | 'tensor'
  | 'sparse'
  | { readonly overloadAs: number }
  | { readonly message: MessageKind };

const message = (kind: MessageKind): Rule => ({ message: kind });

export const schema: Readonly<Record<MessageKind, ReadonlyMap<number, Rule>>> = {
  model: new Map<number, Rule>([
    [1, 'varint'],
    [2, 'name'],
    [3, 'name'],
    [7, message('graph')],
    [8, message('opset')],
    [14, message('entry')],
    [25, message('function')],
  ]),
  graph: new Map<number, Rule>([
    [1, message('node')],
    [2, 'name'],
    [5, 'tensor'],
    [11, message('value')],
    [12, message('value')],
    [13, message('value')],
    [15, 'sparse'],
  ]),
  node: new Map<number, Rule>([
    [1, 'name'],
    [2, 'name'],
    [3, 'name'],
    [4, 'name'],
    [5, message('attribute')],
    [7, 'name'],
    [8, { overloadAs: 6 }],
  ]),
  attribute: new Map<number, Rule>([
    [1, 'name'],
    [2, 'fixed32'],
    [3, 'varint'],
    [4, 'text'],
    [5, 'tensor'],
    [6, message('graph')],
    [7, 'floats'],
    [8, 'varints'],
    [9, 'text'],
    [11, message('graph')],
    [20, 'varint'],
    [21, 'name'],
    [22, 'sparse'],
  ]),
  function: new Map<number, Rule>([
    [1, 'name'],
    [4, 'name'],
    [5, 'name'],
    [6, 'name'],
    [7, message('node')],
    [10, 'name'],
    [11, message('attribute')],
    [13, { overloadAs: 8 }],
  ]),
  value: new Map<number, Rule>([
    [1, 'name'],
    [2, message('type')],
  ]),
  // Sequences, maps and optionals nest types in types; only plain tensors have a shape to show.
  type: new Map<number, Rule>([[1, message('tensorType')]]),
  tensorType: new Map<number, Rule>([
    [1, 'varint'],
    [2, message('shape')],
  ]),
  shape: new Map<number, Rule>([[1, message('dimension')]]),
  dimension: new Map<number, Rule>([
    [1, 'varint'],
    [2, 'name'],
  ]),
  opset: new Map<number, Rule>([
    [1, 'name'],
    [2, 'varint'],
  ]),
  entry: new Map<number, Rule>([
    [1, 'name'],
    [2, 'note'],
  ]),
};

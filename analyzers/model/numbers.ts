import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import type { DType } from './dtype.ts';
import type { GraphNode } from './graph.ts';
import type { Inference } from './shapes/call.ts';
import { elementsOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import type { Value } from './value.ts';
import { readSmall } from './weights.ts';

/** Numbers of small stored tensors, read once each, and only where an operator's outputs may follow from them. */
export interface NumberReader {
  /** Tensors that are worth reading before an operator is looked at, and have not been read. */
  unread(node: GraphNode, inputs: Inputs, inference: Inference | null): readonly Tensor[];
  read(tensor: Tensor): Promise<void>;
  /** The inputs with the numbers that were read. */
  fill(inputs: Inputs, inference: Inference | null): Inputs;
  /** The node with the numbers of a small tensor attribute (ConstantOfShape's fill) in place of where they stand. */
  inline(node: GraphNode): GraphNode;
}

type Inputs = readonly (Value | null)[];

const integers: ReadonlySet<DType> = new Set(['i64', 'i32', 'bool']);
const floats: ReadonlySet<DType> = new Set(['f32', 'f64', 'f16']);

/** The tensor whose numbers are the value's, when they are worth reading. */
function small(value: Value | null, real: boolean): Tensor | null {
  const [piece] = value?.pieces ?? [];
  if (value === null || value.numbers !== null || piece === undefined || piece.index === null) return null;
  // Rearranged or rescaled, it is no longer what is stored.
  const direct = piece.layout.shape === piece.tensor.shape && piece.steps === null && !piece.quantised;
  if (!direct || value.dtype !== piece.tensor.dtype || value.pieces!.length !== 1) return null;
  if (elementsOf(piece.tensor.shape) > limits.smallTensor || piece.tensor.data.kind === 'none') return null;
  return integers.has(value.dtype) || (real && floats.has(value.dtype)) ? piece.tensor : null;
}

/** By input, the tensor whose numbers an operator's outputs may follow from. */
function wantedOf(inputs: Inputs, inference: Inference | null): readonly (Tensor | null)[] {
  const { reads, floats: real = false } = inference ?? {};
  if (reads === undefined) return [];
  const wanted = inputs.map((value, i) => (reads === 'all' || reads.includes(i) ? small(value, real) : null));
  // Arithmetic gives numbers only when all operands have some: beside activations, constants are not looked at.
  const all = inputs.every((value, i) => value === null || value.numbers !== null || wanted[i] !== null);
  return reads === 'all' && real && !all ? [] : wanted;
}

/** The tensor of a node's own value attribute, unless its numbers stand in it. */
function attributeTensor(node: GraphNode): Tensor | null {
  const attribute = node.attributes.get('value');
  if (attribute?.kind !== 'value' || attribute.value.data.kind === 'inline') return null;
  return elementsOf(attribute.value.shape) > limits.smallTensor ? null : attribute.value;
}

export function numberReader(sources: Sources, signal: AbortSignal): NumberReader {
  const known = new Map<Tensor, readonly number[] | null>();
  return {
    unread(node, inputs, inference) {
      const tensors = [attributeTensor(node), ...wantedOf(inputs, inference)];
      return tensors.filter((tensor) => tensor !== null && !known.has(tensor)) as readonly Tensor[];
    },
    async read(tensor) {
      let numbers: readonly number[] | null = null;
      try {
        numbers = await readSmall(sources, tensor, signal);
      } catch (error) {
        // A shape that cannot be read leaves shapes unknown; that the file is short or missing is told elsewhere.
        if (signal.aborted) throw error;
      }
      known.set(tensor, numbers);
    },
    fill(inputs, inference) {
      const wanted = wantedOf(inputs, inference);
      if (!wanted.some((tensor) => tensor !== null)) return inputs;
      return inputs.map((value, i) => {
        const tensor = wanted[i] ?? null;
        const numbers = tensor === null ? null : (known.get(tensor) ?? null);
        return value !== null && numbers !== null ? { ...value, numbers } : value;
      });
    },
    inline(node) {
      const tensor = attributeTensor(node);
      const numbers = tensor === null ? null : (known.get(tensor) ?? null);
      if (tensor === null || numbers === null) return node;
      const value: Tensor = { ...tensor, data: { kind: 'inline', values: numbers } };
      return { ...node, attributes: new Map(node.attributes).set('value', { kind: 'value', value }) };
    },
  };
}

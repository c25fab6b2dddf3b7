import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import type { DType } from './dtype.ts';
import type { GraphNode } from './graph.ts';
import type { Inference } from './shapes/call.ts';
import { elementsOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import type { Value } from './value.ts';
import { readSmall } from './weights.ts';

/** Reads the numbers of small stored tensors, each once, and only where an operator's outputs may follow from them. */
export interface NumberReader {
  fill(inputs: readonly (Value | null)[], inference: Inference | null): Promise<readonly (Value | null)[]>;
  /** The node with the numbers of a small tensor attribute (ConstantOfShape's fill) in place of where they stand. */
  inline(node: GraphNode): Promise<GraphNode>;
}

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

export function numberReader(sources: Sources, signal: AbortSignal): NumberReader {
  const read = new Map<Tensor, readonly number[] | null>();

  const numbersOf = async (tensor: Tensor): Promise<readonly number[] | null> => {
    const before = read.get(tensor);
    if (before !== undefined) return before;
    let numbers: readonly number[] | null = null;
    try {
      numbers = await readSmall(sources, tensor, signal);
    } catch (error) {
      // A shape that cannot be read leaves shapes unknown; that the file is short or missing is told elsewhere.
      if (signal.aborted) throw error;
    }
    read.set(tensor, numbers);
    return numbers;
  };

  return {
    async inline(node) {
      const attribute = node.attributes.get('value');
      if (attribute?.kind !== 'value' || attribute.value.data.kind === 'inline') return node;
      if (elementsOf(attribute.value.shape) > limits.smallTensor) return node;
      const numbers = await numbersOf(attribute.value);
      if (numbers === null) return node;
      const value: Tensor = { ...attribute.value, data: { kind: 'inline', values: numbers } };
      return { ...node, attributes: new Map(node.attributes).set('value', { kind: 'value', value }) };
    },
    async fill(inputs, inference) {
      const { reads, floats: real = false } = inference ?? {};
      if (reads === undefined) return inputs;
      const wanted = inputs.map((value, i) =>
        reads === 'all' || reads.includes(i) ? small(value, real) : null,
      );
      if (!wanted.some((tensor) => tensor !== null)) return inputs;
      // Arithmetic gives numbers only when all operands have some: beside activations, constants are not looked at.
      const all = inputs.every((value, i) => value === null || value.numbers !== null || wanted[i] !== null);
      if (reads === 'all' && real && !all) return inputs;
      const filled: (Value | null)[] = [];
      for (const [i, value] of inputs.entries()) {
        const tensor = wanted[i] ?? null;
        const numbers = tensor === null ? null : await numbersOf(tensor);
        filled.push(value !== null && numbers !== null ? { ...value, numbers } : value);
      }
      return filled;
    },
  };
}

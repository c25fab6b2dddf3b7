import { storedLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Known } from './shapes/known.ts';
import type { Tensor } from './tensor.ts';

/**
 * Where a value's numbers come from, along the longest way: constants alone, the network's input without a weighted layer
 * between, or the output of a weighted layer.
 */
export type Reach = 'constant' | 'input' | 'hidden';

/** Scale and zero point as the graph gives them, over axes of the stored tensor. */
export interface Steps {
  scale: Tensor | null;
  zeroPoint: Tensor | null;
  axis: number | null;
  /** Why scale and zero point cannot be applied although they are there. */
  readonly refusal: string | null;
}

/** Steps whose scale the graph multiplies with later; along `axis` of the stored tensor when it has `count` elements. */
export interface Unscaled {
  readonly steps: Steps;
  readonly axis: number | null;
  readonly count: number;
}

/** A stored tensor as it arrives at a use: rearranged, cut, or one part of a concatenation. */
export interface Piece {
  /** Index into Model.tensors; null when an operator generates the weight. */
  readonly index: number | null;
  readonly tensor: Tensor;
  readonly layout: Layout;
  readonly steps: Steps | null;
  /** A QuantizeLinear in the graph made integers of stored floats: a later DequantizeLinear undoes only that. */
  readonly quantised: boolean;
}

/** Everything known of a value of the graph. */
export interface Value extends Known {
  readonly name: string;
  /** The stored tensors that it is made of by rearranging alone; null: computed, or not from tensors. */
  readonly pieces: readonly Piece[] | null;
  readonly reach: Reach;
  /** Its shape was inferred from a graph input whose first dimension has no number and was taken as 1. */
  readonly assumed: boolean;
  /** Indices that a selection (TopK, NonMaxSuppression) made: what they gather is not an embedding. */
  readonly selected: boolean;
  /** What a constant vector added or multiplied here would be: a layer's bias, or a norm's. */
  readonly tail: 'layer' | 'norm' | 'root' | null;
  /** An integer product that still lacks its weight's scale. */
  readonly unscaled: Unscaled | null;
  /** Scales among the factors of a product of scales. */
  readonly scales: readonly Tensor[];
}

export const plain = {
  name: '',
  shape: null,
  dtype: null,
  numbers: null,
  pieces: null,
  reach: 'hidden',
  assumed: false,
  selected: false,
  tail: null,
  unscaled: null,
  scales: [],
} as const satisfies Value;

const order: readonly Reach[] = ['constant', 'input', 'hidden'];

export const farthest = (values: readonly (Value | null)[]): Reach =>
  values.reduce<Reach>(
    (far, value) => (value !== null && order.indexOf(value.reach) > order.indexOf(far) ? value.reach : far),
    'constant',
  );

/** A stored tensor as a value. */
export function storedValue(tensors: readonly Tensor[], index: number, name: string): Value {
  const tensor = tensors[index];
  if (tensor === undefined) return { ...plain, name };
  const layout = storedLayout(tensor.shape);
  return {
    ...plain,
    name,
    shape: tensor.shape,
    dtype: tensor.dtype,
    pieces: [{ index, tensor, layout, steps: null, quantised: false }],
    reach: 'constant',
  };
}

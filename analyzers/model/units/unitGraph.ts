import type { Layout } from '../layout.ts';
import type { Each, Operation } from './functions.ts';

/**
 * A value of the graph whose units lie along one of its axes: output channels of a convolution, outputs of a dense layer.
 * `groups[p]` is the group of units that the place p belongs to, -1 where it is none that a layer makes (a network's
 * input). Units that are added to each other, or that one place is made of, are one group: they can only go together.
 */
export interface UnitValue {
  readonly name: string;
  readonly axis: number;
  readonly groups: Int32Array;
}

/** How a layer's operand lies over its stored tensor, and which of its axes are outputs and inputs. */
export interface Operand {
  /** The node's input. */
  readonly input: number;
  readonly layout: Layout;
  readonly rowAxis: number;
  /** Null for a depthwise convolution: its inputs are its outputs. */
  readonly colAxis: number | null;
}

/** A layer whose outputs are units. Places of `from` are its input channels. Values are indices into UnitGraph.values. */
export interface LayerStep {
  readonly kind: 'layer';
  /** Index into the graph's nodes. */
  readonly node: number;
  readonly label: string;
  readonly layer: number;
  readonly from: number | null;
  readonly to: number;
  readonly rows: number;
  readonly channels: number;
  /** Kernel positions of one channel. */
  readonly positions: number;
  /** A layer with state reads its own outputs of the step before: how many it has, in rows of row % hidden. Else null. */
  readonly hidden: number | null;
  /** Each output has an input of its own. */
  readonly depthwise: boolean;
  readonly operand: Operand;
  /** The node's input for the bias; null when its operator has none. */
  readonly biasInput: number | null;
  /** [rows], zeros without one. y = alpha * (W x) + beta * bias. */
  readonly bias: Float64Array;
  readonly alpha: number;
  readonly beta: number;
  /**
   * By spatial axis the runs [first, end) of kernel positions that lie within the input, one for each kind of output
   * place. Null: every output sees the whole kernel within it, so that a constant input is a constant addend.
   * 'unknown': it does not, and nothing is known of where.
   */
  readonly borders: readonly (readonly (readonly [number, number])[])[] | 'unknown' | null;
}

/**
 * The outputs of a layer with state, which starts at 0. They are 0 where the gate that makes new content has no weight and
 * no bias in any direction: then nothing ever comes in.
 */
export interface HiddenStep {
  readonly kind: 'hidden';
  readonly node: number;
  /** The rows of its two weights, [directions, gates, hidden]. */
  readonly input: number;
  readonly recurrent: number;
  readonly gates: number;
  readonly hidden: number;
  /** The gate that makes new content. */
  readonly candidate: number;
  /** [directions, 2, gates, hidden] as the operator has them; zeros without. `biased`: they stand in the model. */
  readonly biases: Float64Array;
  readonly biased: boolean;
  /** All states, step by step; the last ones; the last cells. Null where nobody asks for them. */
  readonly to: readonly (number | null)[];
}

/** What else happens to values with units: enough to follow constants through. Null as a source: no constants there. */
export type Step =
  | LayerStep
  | HiddenStep
  /** Every element on its own; `loses`: why constants other than 0 are lost. */
  | {
      readonly kind: 'each';
      readonly from: number;
      readonly to: number;
      readonly by: Each;
      readonly loses: string | null;
    }
  /** With a constant for all places (length 1) or for each. */
  | {
      readonly kind: 'with';
      readonly from: number;
      readonly to: number;
      readonly by: Operation;
      readonly constant: Float64Array;
      /** The constant is the first operand. */
      readonly first: boolean;
    }
  /** x * scale + shift, by place. */
  | {
      readonly kind: 'norm';
      readonly from: number;
      readonly to: number;
      readonly scale: Float64Array;
      readonly shift: Float64Array;
    }
  /** Each place becomes `times` neighbouring ones. */
  | { readonly kind: 'spread'; readonly from: number; readonly to: number; readonly times: number }
  /** One behind the other along the axis; `extent` places each. */
  | {
      readonly kind: 'join';
      readonly parts: readonly { readonly from: number | null; readonly extent: number }[];
      readonly to: number;
    }
  /** Two values place by place. `same`: constant where both are the same constant. */
  | {
      readonly kind: 'pair';
      readonly a: number;
      readonly b: number | null;
      readonly to: number;
      readonly by: Operation | 'same';
      readonly label: string;
    };

/** What has to change in the model, beside the layers themselves, when places of a value go. */
export type Follower =
  /** A constant operand, stored as Model.tensors[tensor], is cut along one of its axes. */
  | {
      readonly kind: 'operand';
      readonly node: number;
      readonly input: number;
      readonly tensor: number;
      readonly layout: Layout;
      readonly axis: number;
      readonly value: number;
    }
  /** A number of places that stands in the shape which a Reshape is given. */
  | {
      readonly kind: 'shape';
      readonly node: number;
      readonly target: readonly number[];
      readonly at: number;
      readonly value: number;
    }
  /** An attribute that says how many places there are. */
  | {
      readonly kind: 'count';
      readonly node: number;
      readonly attribute: 'group' | 'hidden_size';
      readonly value: number;
    };

/** The units of a model, as far as they can be followed. Plain values, safe to clone. */
export interface UnitGraph {
  readonly values: readonly UnitValue[];
  readonly steps: readonly Step[];
  readonly followers: readonly Follower[];
  /** How many groups of units there are. */
  readonly groups: number;
  /** Why a group stays whatever it holds. */
  readonly held: ReadonlyMap<number, string>;
}

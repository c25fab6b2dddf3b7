import type { Problem } from './problem.ts';
import type { Tensor } from './tensor.ts';

export type LayerOp = 'dense' | 'conv' | 'depthwise' | 'recurrent' | 'attention' | 'embedding' | 'other';

/**
 * How a stored tensor is read as a matrix of rows (outputs) by cols (inputs of one output); docs/orientation.md.
 *
 * `shape` is the stored shape with an axis split where groups share it; its C order is the storage order.
 * The row index runs over `rowAxes` (slowest first), the column index over `colAxes`.
 */
export interface View {
  readonly shape: readonly number[];
  readonly rowAxes: readonly number[];
  readonly colAxes: readonly number[];
  /** The axis of `shape` that N:M runs along: the reduction channel at a fixed kernel position. Null: none. */
  readonly reductionAxis: number | null;
  /** Kernel positions per input channel (kh x kw), for labels; 1 for dense. */
  readonly positions: number;
}

/** Scale and zero point of a quantised weight: real = (stored - zeroPoint) * scale, along `axis` or for the whole tensor. */
export interface Quantisation {
  /** Null: the graph does not say; the weights are told in steps of the scale, as if it were 1. */
  readonly scale: Tensor | null;
  readonly zeroPoint: Tensor | null;
  /** Axis of the stored tensor that scale runs along when it has more than one element. */
  readonly axis: number | null;
}

/** A BatchNormalization at inference: y = scale (x - mean) / sqrt(variance + epsilon) + bias, a scale a channel. */
export interface Norm {
  readonly scale: Tensor;
  readonly variance: Tensor;
  readonly epsilon: number;
}

/** One weight tensor of the network, in the rows x cols view that pruning, CSR and EIE use. */
export interface Layer {
  /** Place in order of first use: 0, 1, 2, ... */
  readonly index: number;
  readonly name: string;
  readonly op: LayerOp;
  /** Index into Model.tensors, or null when the weight is generated (then `weight.data` is none). */
  readonly tensorIndex: number | null;
  readonly weight: Tensor;
  /** Names of the nodes that read it, in order of use ('Gemm_4' where a node has no name of its own). */
  readonly usedBy: readonly string[];
  /** The operator of the first of them, as the format calls it: 'Gemm', 'QLinearConv'. */
  readonly operator: string;
  readonly rows: number;
  readonly cols: number;
  readonly view: View;
  readonly quantisation: Quantisation | null;
  /** Groups of rows / groups rows each that read inputs of their own (a grouped convolution). Absent: 1. */
  readonly groups?: number;
  /** A number for each row that is added to the product; absent where the graph has none, or not as a stored tensor. */
  readonly bias?: Tensor;
  /** The batch norm that reads this layer's output, and nothing else does: a scale for each row. */
  readonly norm?: Norm;
  /** Multiply-accumulates of one inference over all uses; null when a shape is unknown. */
  readonly macs: number | null;
  /** The first layer that reads the network's input: presets leave it unpruned. */
  readonly first: boolean;
  /** Other tensors of the model that are the same bytes, read in the same way: indices into Model.tensors. */
  readonly twins?: readonly number[];
  /** Why nothing takes the place of its numbers, whatever a recipe says; absent when something can. */
  readonly carried?: string;
  /** The layer, by index, whose bytes these are, read in another way: that layer's rule changes them. */
  readonly follows?: number;
}

/** What `layersOf` finds in a model. */
export interface LayerList {
  readonly layers: readonly Layer[];
  /** Elements of trained tensors: weights, biases, norm vectors (docs/orientation.md, "What is counted"). */
  readonly parameters: number;
  /** A symbolic first dimension of a graph input was taken as 1 for `macs`. */
  readonly symbolicBatch: boolean;
  /** What the layer rules had to tell: generated weights, unknown operators that read a weight. */
  readonly problems: readonly Problem[];
}

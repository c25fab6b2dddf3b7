import type { DType } from '../dtype.ts';

/** A tensor that stands in the model for one that was cut: elements little-endian, in C order. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What changes in a model's main graph. Nodes by their place in it. */
export interface ModelEdits {
  readonly tensors: readonly NewTensor[];
  /** New names of a node's inputs, by input. */
  readonly inputs: ReadonlyMap<number, ReadonlyMap<number, string>>;
  /** New values of a node's integer attributes. */
  readonly integers: ReadonlyMap<number, ReadonlyMap<string, number>>;
  /** A tensor that is added to the node's first output. */
  readonly addends: ReadonlyMap<number, string>;
  /** New extents of declared values, by name and axis. */
  readonly extents: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

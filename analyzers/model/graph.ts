import type { DType } from './dtype.ts';
import type { Tensor } from './tensor.ts';

/** Name and declared shape of a value; a symbolic dimension is its name, an absent one null. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType | null;
  readonly shape: readonly (number | string | null)[] | null;
}

export type Attribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints' | 'floats'; readonly values: readonly number[] }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  /** The tensor of a Constant node: an index into Model.tensors, whatever the attribute is called (value, value_ints, ...). */
  | { readonly kind: 'tensor'; readonly tensor: number }
  /** A tensor of an operator other than Constant, such as ConstantOfShape's fill: not stored weights, counted nowhere. */
  | { readonly kind: 'value'; readonly value: Tensor }
  | { readonly kind: 'graphs'; readonly graphs: readonly Graph[] }
  /** A function's own parameter, filled in by the caller. */
  | { readonly kind: 'reference'; readonly name: string };

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  /** '' is an omitted optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** One scope of names: a subgraph sees the values of the graph around it. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Declared shapes of inner values (value_info). */
  readonly values: readonly ValueInfo[];
  /** Name of an initializer (dense or sparse) to its index in Model.tensors. */
  readonly initializers: ReadonlyMap<string, number>;
}

/** A local function: its inputs and outputs are names, its nodes may use `reference` attributes. */
export interface GraphFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  /** Attributes that a call may leave out, with the values that they then have. */
  readonly defaults: ReadonlyMap<string, Attribute>;
  readonly nodes: readonly GraphNode[];
}

import type { Attribute, GraphNode } from '../graph.ts';
import { unknown } from './known.ts';
import type { Known, Numbers, Shape } from './known.ts';

/** One use of an operator: its attributes, with references filled in, and what is known of its inputs. */
export interface Call {
  readonly node: GraphNode;
  /** Null is an omitted optional input. */
  readonly inputs: readonly (Known | null)[];
}

/** What an operator gives for its outputs, in their order; the ones that it leaves out are unknown. */
export type Infer = (call: Call) => readonly (Known | null)[];

export interface Inference {
  readonly infer: Infer;
  /** Inputs whose numbers are worth reading when they are small: shapes, axes, sizes. Default none. */
  readonly reads?: readonly number[] | 'all';
  /** Whether numbers that are not integers count (scales of a resize). */
  readonly floats?: boolean;
}

export type InferenceTable = Readonly<Record<string, Inference>>;

export const given = (call: Call, input: number): boolean => (call.inputs[input] ?? null) !== null;
export const inputOf = (call: Call, input: number): Known => call.inputs[input] ?? unknown;
export const shapeOf = (call: Call, input: number): Shape | null => inputOf(call, input).shape;
export const numbersOf = (call: Call, input: number): Numbers | null => inputOf(call, input).numbers;

/** All numbers of an input, or null when one of them is unknown. */
export function sureNumbers(call: Call, input: number): readonly number[] | null {
  const numbers = numbersOf(call, input);
  return numbers !== null && numbers.every((n) => n !== null) ? numbers : null;
}

export function intOf(attributes: ReadonlyMap<string, Attribute>, name: string): number | null {
  const attribute = attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : null;
}

export const int = (call: Call, name: string): number | null => intOf(call.node.attributes, name);

export function ints(call: Call, name: string): readonly number[] | null {
  const attribute = call.node.attributes.get(name);
  return attribute?.kind === 'ints' || attribute?.kind === 'floats' ? attribute.values : null;
}

export function text(call: Call, name: string): string | null {
  const attribute = call.node.attributes.get(name);
  return attribute?.kind === 'string' ? attribute.value : null;
}

/** Axes and the like: an attribute up to some opset, an input from then on. Null: not given; 'unknown': given, but not known. */
export function intsOrInput(call: Call, name: string, input: number): readonly number[] | 'unknown' | null {
  const attribute = ints(call, name);
  if (attribute !== null) return attribute;
  const single = int(call, name);
  if (single !== null) return [single];
  if (!given(call, input)) return null;
  return sureNumbers(call, input) ?? 'unknown';
}

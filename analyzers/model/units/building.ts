import { limits } from '../../bytes/limits.ts';
import type { Sources } from '../../bytes/sources.ts';
import type { Visit } from '../context.ts';
import { isFloating } from '../dtype.ts';
import { wholeExtent } from '../layout.ts';
import type { GraphNode } from '../graph.ts';
import type { Layer } from '../layer.ts';
import { elementsOf } from '../tensor.ts';
import type { Piece, Value } from '../value.ts';
import { readTensor } from '../weights.ts';
import type { Follower, Step, UnitGraph } from './unitGraph.ts';

/** A value while the graph is being walked: `units` are members of groups that may still be joined. */
interface Growing {
  readonly name: string;
  readonly axis: number;
  readonly units: Int32Array;
}

/** What a rule says of an operator: the inputs whose units it followed; those of all others stay. */
export type UnitRule = (building: Building, visit: Visit) => Promise<readonly number[]> | readonly number[];

/** The unit graph while it grows, node by node in the order of execution. */
export class Building {
  readonly steps: Step[] = [];
  /** Constants that a Gather or a Concat may have brought into another order than their tensor's. */
  readonly reordered = new Set<string>();
  readonly followers: Follower[] = [];
  readonly #values: Growing[] = [];
  readonly #byName = new Map<string, number>();
  readonly #parents: number[] = [];
  readonly #held = new Map<number, string>();
  readonly #nodes: ReadonlyMap<string, number>;
  readonly #layers: ReadonlyMap<number, Layer>;
  readonly #readers = new Map<string, Visit[]>();
  /** Values that more reads than nodes of the main graph: its outputs, what subgraphs and functions take. */
  readonly #readElsewhere: ReadonlySet<string>;
  readonly #sources: Sources;
  readonly #signal: AbortSignal;

  /** Whether a vector can be added to a matrix: before version 7 of the operators it took attributes. */
  readonly broadcasts: boolean;

  constructor(
    broadcasts: boolean,
    nodes: readonly GraphNode[],
    visits: readonly Visit[],
    readElsewhere: ReadonlySet<string>,
    layers: readonly Layer[],
    sources: Sources,
    signal: AbortSignal,
  ) {
    this.broadcasts = broadcasts;
    this.#readElsewhere = readElsewhere;
    this.#nodes = new Map(nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
    this.#layers = new Map(
      layers.flatMap((layer) =>
        [layer.tensorIndex, ...(layer.twins ?? [])].flatMap((index) =>
          index === null ? [] : [[index, layer] as const],
        ),
      ),
    );
    for (const visit of visits)
      for (const name of visit.node.inputs) {
        const readers = this.#readers.get(name);
        if (readers === undefined) this.#readers.set(name, [visit]);
        else readers.push(visit);
      }
    this.#sources = sources;
    this.#signal = signal;
  }

  /** The units of a node's input, null where nothing is known of them. */
  at(visit: Visit, input: number): number | null {
    return this.#byName.get(visit.node.inputs[input] ?? '') ?? null;
  }

  value(index: number): Growing {
    return this.#values[index]!;
  }

  nodeOf(visit: Visit): number {
    return this.#nodes.get(visit.node.outputs[0] ?? '') ?? -1;
  }

  layerOf(tensor: number | null): Layer | null {
    return tensor === null ? null : (this.#layers.get(tensor) ?? null);
  }

  /** All nodes that read a value; null when others than those of the main graph do. */
  readersOf(name: string): readonly Visit[] | null {
    return this.#readElsewhere.has(name) ? null : (this.#readers.get(name) ?? []);
  }

  /** `count` units that no layer made so far. */
  fresh(count: number): Int32Array {
    const first = this.#parents.length;
    for (let i = 0; i < count; i += 1) this.#parents.push(first + i);
    return Int32Array.from({ length: count }, (_, i) => first + i);
  }

  /** Says that the first output of a node has these units. */
  give(visit: Visit, axis: number, units: Int32Array): number {
    return this.giveAs(visit.node.outputs[0] ?? '', axis, units);
  }

  /** As `give`, by the value's name; '' is none of the graph's values. */
  giveAs(name: string, axis: number, units: Int32Array): number {
    this.#values.push({ name, axis, units });
    if (name !== '') this.#byName.set(name, this.#values.length - 1);
    return this.#values.length - 1;
  }

  /** Places of two values that can only go together. False when they do not lie side by side: then both stay. */
  join(a: number, b: number, reason: string): boolean {
    const [left, right] = [this.value(a).units, this.value(b).units];
    if (left.length !== right.length) {
      this.hold(a, reason);
      this.hold(b, reason);
      return false;
    }
    for (let i = 0; i < left.length; i += 1) this.#union(left[i]!, right[i]!, reason);
    return true;
  }

  #union(a: number, b: number, reason: string): void {
    if (a < 0 || b < 0) {
      if (a >= 0) this.#holdUnit(a, reason);
      if (b >= 0) this.#holdUnit(b, reason);
      return;
    }
    const [x, y] = [this.#root(a), this.#root(b)];
    if (x === y) return;
    this.#parents[y] = x;
    const held = this.#held.get(y);
    if (held !== undefined) this.#holdUnit(x, held);
  }

  #root(unit: number): number {
    let at = unit;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  #holdUnit(unit: number, reason: string): void {
    const root = this.#root(unit);
    if (!this.#held.has(root)) this.#held.set(root, reason);
  }

  /** All units of a value stay, for the first reason that is given. */
  hold(value: number | null, reason: string): void {
    if (value === null) return;
    for (const unit of this.value(value).units) if (unit >= 0) this.#holdUnit(unit, reason);
  }

  holdNamed(name: string, reason: string): void {
    this.hold(this.#byName.get(name) ?? null, reason);
  }

  /** A constant operand that can be cut along one of its axes: stored once and whole, at most rearranged. */
  pieceOf(value: Value | null | undefined): Piece | null {
    const [piece, ...more] = value?.pieces ?? [];
    if (piece === undefined || more.length > 0 || piece.index === null) return null;
    if (this.reordered.has(value!.name)) return null;
    const { layout, tensor, steps, quantised } = piece;
    const whole =
      layout.fixed.length === 0 && layout.shape.every((e, axis) => e === wholeExtent(layout, axis));
    const plainly = steps === null && !quantised && value!.dtype === tensor.dtype && isFloating(tensor.dtype);
    const stored =
      tensor.data.kind !== 'none' && tensor.data.kind !== 'sparse' && tensor.data.kind !== 'inline';
    return whole && plainly && stored ? piece : null;
  }

  /** Notes that an operand is cut with the places of a value. */
  cut(visit: Visit, input: number, axis: number, value: number): void {
    const { index, layout } = this.pieceOf(visit.inputs[input])!;
    const node = this.nodeOf(visit);
    this.followers.push({ kind: 'operand', node, input, tensor: index!, layout, axis, value });
  }

  /** The numbers of a constant in C order of what is stored; null when there are none, or too many to be a vector. */
  async numbers(value: Value | null | undefined): Promise<Float64Array | null> {
    if (!value) return null;
    if (value.numbers?.every((n) => n !== null) === true) return Float64Array.from(value.numbers as number[]);
    const [piece] = value.pieces ?? [];
    if (value.reach !== 'constant' || piece === undefined || value.pieces?.length !== 1) return null;
    const { tensor, layout } = piece;
    const count = elementsOf(tensor.shape);
    if (count > limits.unitVector || elementsOf(layout.shape) !== count || piece.steps !== null) return null;
    // Rearranged, it may have another order: only a vector has none.
    if (layout.shape !== tensor.shape && layout.shape.filter((extent) => extent !== 1).length > 1)
      return null;
    const all = new Float64Array(count);
    try {
      for await (const { first, values } of readTensor(this.#sources, tensor, this.#signal))
        all.set(values, first);
    } catch (error) {
      // What cannot be read is told elsewhere; here nothing is known of it.
      if (this.#signal.aborted) throw error;
      return null;
    }
    return all;
  }

  finish(): UnitGraph {
    const numbers = new Map<number, number>();
    const groupOf = (unit: number): number => {
      if (unit < 0) return -1;
      const root = this.#root(unit);
      const known = numbers.get(root) ?? numbers.size;
      numbers.set(root, known);
      return known;
    };
    const values = this.#values.map(({ name, axis, units }) => ({ name, axis, groups: units.map(groupOf) }));
    return {
      values,
      steps: this.steps,
      followers: this.followers,
      groups: numbers.size,
      held: new Map(
        [...this.#held].flatMap(([root, reason]) => {
          const number = numbers.get(this.#root(root));
          return number === undefined ? [] : [[number, reason] as const];
        }),
      ),
    };
  }
}

export const same = { name: 'same', a: 0, b: 0 } as const;
export const zeroOnly = { name: 'zero', a: 0, b: 0 } as const;
export const lost = { name: 'lost', a: 0, b: 0 } as const;

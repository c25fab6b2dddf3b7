import { applyEach, applyOperation } from '../../model/units/functions.ts';
import type { HiddenStep, LayerStep, Step, UnitGraph } from '../../model/units/unitGraph.ts';

/** By value, what its places always are; NaN where they change. A value without any has no entry. */
export type Constants = Map<number, Float64Array>;

/** A constant at a place of `value` that came to meet others there which change. */
export interface LostConstant {
  readonly value: number;
  readonly place: number;
  readonly constant: number;
}

/** Why constants were lost on the way, by group of units: the first reason, and all that were lost in a sum. */
export type Losses = Map<number, { readonly reason: string; readonly inSums: LostConstant[] }>;

const anyOf = (numbers: Float64Array): boolean => numbers.some((x) => !Number.isNaN(x));

/** Follows constants through one step that is no layer. */
export function passOn(
  graph: UnitGraph,
  step: Exclude<Step, LayerStep | HiddenStep>,
  constants: Constants,
  losses: Losses,
): void {
  const places = graph.values[step.to]!.groups.length;
  const at = (value: number | null): Float64Array | undefined =>
    value === null ? undefined : constants.get(value);
  const give = (numbers: Float64Array): void => {
    if (anyOf(numbers)) constants.set(step.to, numbers);
  };
  const lose = (value: number, numbers: Float64Array, after: Float64Array, reason: string): void => {
    for (const [place, x] of numbers.entries())
      if (!Number.isNaN(x) && Number.isNaN(after[place]!)) {
        const group = graph.values[value]!.groups[place]!;
        const before = losses.get(group) ?? { reason, inSums: [] };
        losses.set(group, before);
        if (step.kind === 'pair' && (step.by === 'Add' || step.by === 'Sub'))
          before.inSums.push({ value: step.to, place, constant: x });
      }
  };
  switch (step.kind) {
    case 'each': {
      const from = at(step.from);
      if (from === undefined) return;
      const after = from.map((x) => applyEach(step.by, x));
      if (step.loses !== null) lose(step.from, from, after, step.loses);
      give(after);
      return;
    }
    case 'with': {
      const { constant, by, first } = step;
      const from = at(step.from) ?? new Float64Array(places).fill(Number.NaN);
      const one = (i: number): number => constant[constant.length === 1 ? 0 : i]!;
      give(from.map((x, i) => (first ? applyOperation(by, one(i), x) : applyOperation(by, x, one(i)))));
      return;
    }
    case 'norm': {
      const from = at(step.from) ?? new Float64Array(places).fill(Number.NaN);
      // A scale of 0 makes a constant of anything.
      give(
        from.map((x, i) =>
          step.scale[i] === 0 ? step.shift[i]! : Math.fround(x * step.scale[i]! + step.shift[i]!),
        ),
      );
      return;
    }
    case 'spread': {
      const from = at(step.from);
      if (from !== undefined)
        give(Float64Array.from({ length: places }, (_, i) => from[Math.floor(i / step.times)]!));
      return;
    }
    case 'join': {
      const all = new Float64Array(places).fill(Number.NaN);
      let next = 0;
      for (const { from, extent } of step.parts) {
        const part = at(from);
        if (part !== undefined) all.set(part, next);
        next += extent;
      }
      give(all);
      return;
    }
    case 'pair': {
      const none = new Float64Array(places).fill(Number.NaN);
      const [a, b] = [at(step.a) ?? none, at(step.b) ?? none];
      const { by } = step;
      const after = a.map((x, i) => {
        const y = b[i]!;
        return by === 'same' ? (x === y ? x : Number.NaN) : applyOperation(by, x, y);
      });
      const reason = `${step.label} joins them with outputs that are not constant`;
      lose(step.a, a, after, reason);
      if (step.b !== null) lose(step.b, b, after, reason);
      give(after);
    }
  }
}

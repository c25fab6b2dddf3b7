import { slopeOf, type Operation } from '../../model/units/functions.ts';
import type { HiddenStep, LayerStep, Step, UnitGraph } from '../../model/units/unitGraph.ts';
import type { LostConstant } from './constants.ts';

/** By value, how far its places can move at most; NaN: any distance. A value that stays has no entry. */
export type Changes = Map<number, Float64Array>;

/**
 * How far values move, up to the layers that read them, when constants are taken out of the sums that hide them and put
 * behind what follows: an element moves by no more than the constant, times the steepest slope of each function on its way.
 */
export function changesBy(graph: UnitGraph, lost: readonly LostConstant[]): Changes {
  const changes: Changes = new Map();
  const places = (value: number): number => graph.values[value]!.groups.length;
  const add = (value: number, more: Float64Array): void => {
    const own = changes.get(value);
    changes.set(value, own === undefined ? more : own.map((x, i) => x + more[i]!));
  };
  for (const { value, place, constant } of lost) {
    const one = new Float64Array(places(value));
    one[place] = Math.abs(constant);
    add(value, one);
  }
  for (const step of graph.steps) {
    if (step.kind === 'layer' || step.kind === 'hidden') continue;
    const moved = movedBy(step, changes, places(step.to));
    if (moved !== null) add(step.to, moved);
  }
  return changes;
}

function movedBy(
  step: Exclude<Step, LayerStep | HiddenStep>,
  changes: Changes,
  places: number,
): Float64Array | null {
  if (step.kind === 'join') {
    if (step.parts.every(({ from }) => from === null || !changes.has(from))) return null;
    const all = new Float64Array(places);
    let next = 0;
    for (const { from, extent } of step.parts) {
      const part = from === null ? undefined : changes.get(from);
      if (part !== undefined) all.set(part, next);
      next += extent;
    }
    return all;
  }
  if (step.kind === 'pair') {
    const [a, b] = [changes.get(step.a), step.b === null ? undefined : changes.get(step.b)];
    if (a === undefined && b === undefined) return null;
    const slope = step.by === 'same' ? 1 : slopeBetween(step.by);
    return Float64Array.from({ length: places }, (_, i) => times(slope, (a?.[i] ?? 0) + (b?.[i] ?? 0)));
  }
  const from = changes.get(step.from);
  if (from === undefined) return null;
  if (step.kind === 'each') return from.map((x) => times(slopeOf(step.by), x));
  if (step.kind === 'norm') return from.map((x, i) => times(Math.abs(step.scale[i]!), x));
  if (step.kind === 'spread')
    return Float64Array.from({ length: places }, (_, i) => from[Math.floor(i / step.times)]!);
  const { constant, by, first } = step;
  return from.map((x, i) => times(slopeWith(by, constant[constant.length === 1 ? 0 : i]!, first), x));
}

/** What does not move stays, however steep. */
const times = (slope: number, x: number): number => (x === 0 ? 0 : slope * x);

/** The steepest slope of an operation in its operand, beside a constant. */
function slopeWith(by: Operation, constant: number, first: boolean): number {
  if (by === 'Mul') return Math.abs(constant);
  if (by === 'Div') return first ? Number.NaN : 1 / Math.abs(constant);
  if (by === 'PRelu') return first ? Number.NaN : Math.max(1, Math.abs(constant));
  return slopeBetween(by);
}

/** ... in either operand, whatever the other one is. */
const slopeBetween = (by: Operation): number =>
  by === 'Add' || by === 'Sub' || by === 'Max' || by === 'Min' ? 1 : Number.NaN;

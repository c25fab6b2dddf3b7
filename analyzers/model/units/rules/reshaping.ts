import type { Visit } from '../../context.ts';
import { int, ints, intsOrInput, shapeOf, sureNumbers } from '../../shapes/call.ts';
import { axisOf, isWhole } from '../../shapes/known.ts';
import { same, type Building, type UnitRule } from '../building.ts';

const productOf = (extents: readonly number[]): number => extents.reduce((n, extent) => n * extent, 1);

/** Where the places of an axis come to lie after a Reshape: each as `times` neighbouring ones of `axis`. Null: scattered. */
export function landing(
  from: readonly number[],
  axis: number,
  to: readonly number[],
): { readonly axis: number; readonly times: number } | null {
  const before = productOf(from.slice(0, axis));
  const own = from[axis]!;
  const behind = productOf(from.slice(axis + 1));
  if (own === 0 || behind === 0 || before === 0) return null;
  let slower = 1;
  for (const [at, extent] of to.entries()) {
    const faster = productOf(to.slice(at + 1));
    // The first axis that is as wide as the places or a multiple, with all slower ones before it.
    if (
      slower === before &&
      extent % own === 0 &&
      (extent > 1 || own === 1) &&
      extent * faster === own * behind
    )
      return { axis: at, times: extent / own };
    slower *= extent;
  }
  return null;
}

/** Flatten, Squeeze, Unsqueeze and Reshape. */
export const reshape: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const [before, after] = [shapeOf(visit, 0), visit.outputs[0]?.shape ?? null];
  if (from === null || !isWhole(before) || !isWhole(after)) return [];
  const { axis, units } = building.value(from);
  if (before[axis] !== units.length) return [];
  const land = landing(before, axis, after);
  if (land === null || !asksFor(building, visit, land.axis)) return [];
  // A first axis that was taken as 1 may be more: then places of an axis that swallowed it stand several times.
  if (visit.assumed && land.axis === 0 && axis > 0) return [];
  const spread = new Int32Array(units.length * land.times);
  for (const [place, unit] of units.entries())
    spread.fill(unit, place * land.times, (place + 1) * land.times);
  const to = building.give(visit, land.axis, spread);
  if (visit.node.op === 'Reshape') follow(building, visit, land.axis, to);
  building.steps.push({ kind: 'spread', from, to, times: land.times });
  return [0];
};

/** Whether the shape that a Reshape is given can be told another number of places. */
function asksFor(building: Building, visit: Visit, axis: number): boolean {
  const { op } = visit.node;
  if (op === 'Squeeze') {
    // Without axes it takes whatever extent is 1, which a cut may make.
    return intsOrInput(visit, 'axes', 1) !== null;
  }
  if (op !== 'Reshape') return true;
  const target = ints(visit, 'shape') ?? sureNumbers(visit, 1);
  if (target === null || int(visit, 'allowzero') === 1) return false;
  const asked = target[axis] ?? null;
  if (asked === -1) return true;
  // A 0 copies the data's own extent of that axis.
  if (asked === 0) return building.value(building.at(visit, 0)!).axis === axis;
  return ints(visit, 'shape') === null && visit.inputs[1]?.reach === 'constant';
}

function follow(building: Building, visit: Visit, axis: number, value: number): void {
  const target = sureNumbers(visit, 1);
  if (target !== null && target[axis]! > 0)
    building.followers.push({ kind: 'shape', node: building.nodeOf(visit), target, at: axis, value });
}

export const transpose: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const rank = shapeOf(visit, 0)?.length ?? ints(visit, 'perm')?.length ?? null;
  if (from === null || rank === null) return [];
  const perm = ints(visit, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const { axis, units } = building.value(from);
  const at = perm.indexOf(axis);
  if (at < 0) return [];
  building.steps.push({ kind: 'each', from, to: building.give(visit, at, units), by: same, loses: null });
  return [0];
};

/** Along the units: theirs one behind the other. Along another axis: those that lie side by side go together. */
export const concat: UnitRule = (building, visit) => {
  const inputs = visit.node.inputs.map((_, input) => building.at(visit, input));
  const rank = visit.inputs.find((value) => value?.shape)?.shape?.length ?? null;
  const axis = rank === null ? null : axisOf(int(visit, 'axis') ?? 1, rank);
  if (axis === null) return [];
  const known = inputs.filter((value) => value !== null);
  const all = inputs.map((_, input) => input);
  if (known.every((value) => building.value(value).axis === axis)) {
    const parts = inputs.map((from, input) => ({
      from,
      extent: from === null ? (shapeOf(visit, input)?.[axis] ?? -1) : building.value(from).units.length,
    }));
    if (parts.some(({ extent }) => extent < 0)) return [];
    const units = new Int32Array(parts.reduce((n, { extent }) => n + extent, 0)).fill(-1);
    let at = 0;
    for (const { from, extent } of parts) {
      if (from !== null) units.set(building.value(from).units, at);
      at += extent;
    }
    building.steps.push({ kind: 'join', parts, to: building.give(visit, axis, units) });
    return all;
  }
  const [first] = known;
  if (first === undefined || known.length !== inputs.length) return [];
  const own = building.value(first);
  if (known.some((value) => building.value(value).axis !== own.axis)) return [];
  const reason = `${visit.label} puts them beside outputs that stay`;
  let together = first;
  for (const other of known.slice(1)) {
    if (!building.join(together, other, reason)) return [];
    const to = building.give(visit, own.axis, own.units);
    building.steps.push({ kind: 'pair', a: together, b: other, to, by: 'same', label: visit.label });
    together = to;
  }
  return all;
};

/** The shape of a value with units may be asked for if only its other extents are taken from it. */
export const shape: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const rank = shapeOf(visit, 0)?.length ?? null;
  if (from === null || rank === null) return [];
  const { axis } = building.value(from);
  const harmless = building.readersOf(visit.node.outputs[0] ?? '')?.every((reader) => {
    const places = reader.node.op === 'Gather' ? sureNumbers(reader, 1) : null;
    return places?.every((at) => (at < 0 ? at + rank : at) !== axis) === true;
  });
  return harmless === true ? [0] : [];
};

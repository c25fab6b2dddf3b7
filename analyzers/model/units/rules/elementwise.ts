import type { Visit } from '../../context.ts';
import { isFloating } from '../../dtype.ts';
import { isWhole } from '../../shapes/known.ts';
import type { Value } from '../../value.ts';
import { lost, same, type Building, type UnitRule } from '../building.ts';
import { isEach, isOperation, type Each, type EachName } from '../functions.ts';

/** Parameters of activations by the names of their attributes, with the defaults of the standard. */
const parameters: Readonly<
  Partial<Record<EachName, readonly (readonly [name: string, otherwise: number])[]>>
> = {
  LeakyRelu: [['alpha', 0.01]],
  Elu: [['alpha', 1]],
  Selu: [
    ['alpha', 1.673_263_242_354_377_2],
    ['gamma', 1.050_700_987_355_480_5],
  ],
  ThresholdedRelu: [['alpha', 1]],
  HardSigmoid: [
    ['alpha', 0.2],
    ['beta', 0.5],
  ],
};

function attribute(visit: Visit, name: string, otherwise: number): number {
  const found = visit.node.attributes.get(name);
  return found?.kind === 'float' || found?.kind === 'int' ? found.value : otherwise;
}

function keep(building: Building, visit: Visit, by: Each, loses: string | null = null): readonly number[] {
  const from = building.at(visit, 0);
  if (from === null) return [];
  const { axis, units } = building.value(from);
  building.steps.push({ kind: 'each', from, to: building.give(visit, axis, units), by, loses });
  return [0];
}

export const passed: UnitRule = (building, visit) => {
  const type = visit.outputs[0]?.dtype ?? null;
  return visit.node.op === 'Cast' && (type === null || !isFloating(type)) ? [] : keep(building, visit, same);
};

/** Activations that are known here; of the others it is only known that they look at one element at a time. */
export const activation: UnitRule = (building, visit) => {
  const { op } = visit.node;
  if (!isEach(op)) return keep(building, visit, lost, `${visit.label} (${op}) is not evaluated`);
  const [a = 0, b = 0] = (parameters[op] ?? []).map(([name, otherwise]) => attribute(visit, name, otherwise));
  return keep(building, visit, { name: op, a, b });
};

export const clip: UnitRule = async (building, visit) => {
  const bound = async (input: number, name: string, otherwise: number): Promise<number | null> => {
    const value = visit.inputs[input] ?? null;
    if (value === null) return attribute(visit, name, otherwise);
    const numbers = await building.numbers(value);
    return numbers?.length === 1 ? numbers[0]! : null;
  };
  const least = await bound(1, 'min', -Infinity);
  const most = await bound(2, 'max', Infinity);
  if (least === null || most === null)
    return keep(building, visit, lost, `the bounds of ${visit.label} are computed`);
  return keep(building, visit, { name: 'Clip', a: least, b: most });
};

/** Of an operand whose axes are counted from the end: that one which meets an axis of the other. */
const facing = (value: Value, axis: number, rank: number): number =>
  axis - (rank - (value.shape?.length ?? 0));

export const binary: UnitRule = async (building, visit) => {
  const [left, right, ...more] = [0, 1].map((input) => building.at(visit, input));
  if (more.length > 0 || visit.node.inputs.length !== 2) return [];
  if (left !== undefined && right !== undefined && left !== null && right !== null)
    return pair(building, visit, left, right);
  const data = left === null || left === undefined ? 1 : 0;
  const from = data === 0 ? left : right;
  const other = visit.inputs[1 - data] ?? null;
  const whole = visit.inputs[data] ?? null;
  if (from === null || from === undefined || other === null || other.shape === null || whole?.shape === null)
    return [];
  const { op } = visit.node;
  const rank = whole!.shape.length;
  const { axis, units } = building.value(from);
  // The other operand may widen the data, but not along its units or before them.
  if (other.shape.length > rank || !isOperation(op)) return [];
  const at = facing(other, axis, rank);
  const extent = at < 0 ? 1 : (other.shape[at] ?? null);
  const wide = extent !== 1;
  if (wide && extent !== units.length) return [];
  if (other.reach !== 'constant') {
    // One number for all places of a pixel, say; one for each place would have to be cut too.
    if (wide) return [];
    const to = building.give(visit, axis, units);
    building.steps.push({ kind: 'pair', a: from, b: null, to, by: op, label: visit.label });
    return [data];
  }
  const vector = isWhole(other.shape) && other.shape.every((e, i) => i === at || e === 1);
  const numbers = vector ? await building.numbers(other) : null;
  if (wide && building.pieceOf(other) === null) return [];
  const to = building.give(visit, axis, units);
  if (wide) building.cut(visit, 1 - data, at, to);
  if (numbers === null)
    building.steps.push({
      kind: 'each',
      from,
      to,
      by: lost,
      loses: `the other operand of ${visit.label} differs from place to place`,
    });
  else building.steps.push({ kind: 'with', from, to, by: op, constant: numbers, first: data === 1 });
  return [data];
};

/** Two values with units: those that meet go together. */
function pair(building: Building, visit: Visit, a: number, b: number): readonly number[] {
  const { op } = visit.node;
  const ranks = [0, 1].map((input) => visit.inputs[input]?.shape?.length ?? null);
  const [left, right] = [building.value(a), building.value(b)];
  const meets = ranks[0] !== null && ranks[1] !== null && ranks[0]! - left.axis === ranks[1]! - right.axis;
  if (!isOperation(op) || !meets) return [];
  const label = `${visit.label} (${op}) joins them with outputs that stay`;
  if (!building.join(a, b, label)) return [0, 1];
  const axis = Math.max(left.axis, right.axis);
  const to = building.give(visit, axis, left.units);
  building.steps.push({ kind: 'pair', a, b, to, by: op, label: visit.label });
  return [0, 1];
}

/** Inference: (x - mean) / sqrt(variance + epsilon) * scale + shift. */
export const batchNorm: UnitRule = async (building, visit) => {
  const from = building.at(visit, 0);
  if (from === null || building.value(from).axis !== 1) return [];
  if (attribute(visit, 'training_mode', 0) === 1) return [];
  const count = building.value(from).units.length;
  const vectors = await Promise.all([1, 2, 3, 4].map((input) => building.numbers(visit.inputs[input])));
  const [gamma, beta, mean, variance] = vectors;
  if (!gamma || !beta || !mean || !variance || vectors.some((v) => v?.length !== count)) return [];
  if ([1, 2, 3, 4].some((input) => building.pieceOf(visit.inputs[input]) === null)) return [];
  const epsilon = attribute(visit, 'epsilon', 1e-5);
  const scale = gamma.map((g, i) => g / Math.sqrt(variance[i]! + epsilon));
  const shift = beta.map((s, i) => s - mean[i]! * scale[i]!);
  const to = building.give(visit, 1, building.value(from).units);
  for (const input of [1, 2, 3, 4]) building.cut(visit, input, 0, to);
  building.steps.push({ kind: 'norm', from, to, scale, shift });
  return [0];
};

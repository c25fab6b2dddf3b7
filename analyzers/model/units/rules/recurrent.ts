import type { Visit } from '../../context.ts';
import { rolesOf } from '../../orientation.ts';
import { int, shapeOf } from '../../shapes/call.ts';
import { isWhole } from '../../shapes/known.ts';
import type { Building, UnitRule } from '../building.ts';
import { weightAt, type CutWeight } from './layers.ts';

/** Gates in the standard's order (iofc, zrh, one): how many, and which one makes new content. */
const kinds: Readonly<Record<string, { readonly gates: number; readonly candidate: number }>> = {
  LSTM: { gates: 4, candidate: 3 },
  GRU: { gates: 3, candidate: 2 },
  RNN: { gates: 1, candidate: 0 },
};

/**
 * LSTM, GRU and RNN. A constant input is a constant addend of every gate at every step. A hidden unit is the rows of
 * all gates and directions in both weights, its recurrent column, and its place in what is given; with a state that is
 * handed in, peepholes, clipping or activations of its own it stays.
 */
export const recurrent: UnitRule = async (building, visit) => {
  const kind = kinds[visit.node.op];
  const [w, r] = rolesOf(visit, visit.outputs).map((role) => weightAt(building, visit, role));
  const [shape, recurrence] = [shapeOf(visit, 1), shapeOf(visit, 2)];
  if (kind === undefined || !w || !r || !isWhole(shape) || !isWhole(recurrence)) return [];
  const [directions = 0, height = 0, channels = 0] = shape;
  const hidden = height / kind.gates;
  if (hidden !== recurrence[2] || height !== recurrence[1] || !Number.isInteger(hidden)) return [];
  const biases = await biasesOf(building, visit, directions * 2 * height);
  if (biases === null) return [];
  const data = building.at(visit, 0);
  const fits =
    data !== null && building.value(data).axis === 2 && building.value(data).units.length === channels;
  const from = fits ? data : null;
  const units = building.fresh(hidden);
  const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => units[i % hidden]!);
  const rows = directions * height;
  const batchFirst = int(visit, 'layout') === 1;
  const [outer = '', last = '', cells = ''] = visit.node.outputs;
  const given = (name: string, axis: number): number | null =>
    name === '' ? null : building.giveAs(name, axis, units);
  const to = [given(outer, 3), given(last, 2), given(cells, 2)];
  const states = to[0] ?? building.giveAs('', 3, units);
  const half = (which: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => {
      const direction = Math.floor(row / height);
      return biases[(2 * direction + which) * height + (row % height)]!;
    });
  const step = (weight: CutWeight, reads: number | null, count: number, which: number): number => {
    const value = building.giveAs('', 0, all(rows));
    building.steps.push({
      kind: 'layer',
      node: building.nodeOf(visit),
      label: visit.label,
      layer: weight.layer.index,
      from: reads,
      to: value,
      rows,
      channels: count,
      positions: 1,
      hidden,
      depthwise: false,
      operand: { input: weight.role.input, layout: weight.piece.layout, rowAxis: 1, colAxis: 2 },
      biasInput: null,
      bias: half(which),
      alpha: 1,
      beta: 1,
      borders: null,
    });
    return value;
  };
  const node = building.nodeOf(visit);
  const input = step(w, from, channels, 0);
  const own = step(r, states, hidden, 1);
  const biased = (visit.node.inputs[3] ?? '') !== '';
  building.steps.push({
    kind: 'hidden',
    node,
    input,
    recurrent: own,
    hidden,
    biases,
    biased,
    to: [...to, states],
    ...kind,
  });
  building.followers.push({ kind: 'count', attribute: 'hidden_size', node, value: states });
  const plain = !['activations', 'clip', 'output_sequence'].some((name) => visit.node.attributes.has(name));
  const stateless = [4, 5, 6, 7].every((at) => (visit.node.inputs[at] ?? '') === '');
  if (!plain || !stateless || batchFirst)
    building.hold(states, `${visit.label} (${visit.node.op}) has a state or settings that are not followed`);
  return fits ? [0] : [];
};

/** [directions, 2 * gates * hidden]; zeros where there are none, null where they are not known. */
async function biasesOf(building: Building, visit: Visit, count: number): Promise<Float64Array | null> {
  const value = visit.inputs[3] ?? null;
  if (value === null) return new Float64Array(count);
  const numbers = await building.numbers(value);
  return numbers?.length === count && building.pieceOf(value) !== null ? numbers : null;
}

import type { Visit } from '../../context.ts';
import type { Layer } from '../../layer.ts';
import { rolesOf } from '../../orientation.ts';
import type { Role } from '../../roles/role.ts';
import { int, shapeOf } from '../../shapes/call.ts';
import { isWhole } from '../../shapes/known.ts';
import type { Piece } from '../../value.ts';
import { bordersOf } from '../borders.ts';
import type { Building, UnitRule } from '../building.ts';
import type { LayerStep } from '../unitGraph.ts';

export interface CutWeight {
  readonly role: Role;
  readonly piece: Piece;
  readonly layer: Layer;
}

/** The only weight of an operator, if it can be cut. */
function weightOf(building: Building, visit: Visit): CutWeight | null {
  const [role, ...more] = rolesOf(visit, visit.outputs);
  return role === undefined || more.length > 0 ? null : weightAt(building, visit, role);
}

/** A weight that can be cut: stored numbers read once, whole, by rearranging alone. */
export function weightAt(building: Building, visit: Visit, role: Role): CutWeight | null {
  const piece = building.pieceOf(visit.inputs[role.input]);
  const layer = building.layerOf(piece?.index ?? null);
  if (piece === null || layer === null || layer.usedBy.length !== 1 || layer.quantisation !== null)
    return null;
  return { role, piece, layer };
}

/** The bias as one number an output; null when what stands there is none. */
async function biasOf(building: Building, visit: Visit, input: number, rows: number) {
  const value = visit.inputs[input] ?? null;
  if (value === null) return new Float64Array(rows);
  const numbers = await building.numbers(value);
  if (numbers === null || !isWhole(value.shape)) return null;
  if (numbers.length === 1) return new Float64Array(rows).fill(numbers[0]!);
  return numbers.length === rows && value.shape.at(-1) === rows ? numbers : null;
}

const notFollowed = (visit: Visit): string =>
  `${visit.label} (${visit.node.op}) uses them in a way that is not followed`;

/** Gives a layer's outputs units of their own, and says which of its inputs it reads. */
function layerStep(
  building: Building,
  visit: Visit,
  step: Omit<LayerStep, 'kind' | 'node' | 'label' | 'from' | 'to'>,
  axis: number,
  dataAxis: number,
  dataInput: number,
): readonly number[] {
  const data = building.at(visit, dataInput);
  const fits = data !== null && building.value(data).axis === dataAxis;
  const from = fits && building.value(data).units.length === step.channels ? data : null;
  if (data !== null && from === null) building.hold(data, notFollowed(visit));
  // A depthwise output goes with its input; without one it stays.
  const units = step.depthwise && from !== null ? building.value(from).units : building.fresh(step.rows);
  const to = building.give(visit, axis, units);
  if (step.depthwise && from === null) building.hold(to, `${visit.label} has an input of its own for each`);
  building.steps.push({ kind: 'layer', node: building.nodeOf(visit), label: visit.label, from, to, ...step });
  if (step.depthwise)
    building.followers.push({ kind: 'count', attribute: 'group', node: building.nodeOf(visit), value: to });
  return [dataInput];
}

export const conv: UnitRule = async (building, visit) => {
  const weight = weightOf(building, visit);
  const shape = shapeOf(visit, 1);
  const group = int(visit, 'group') ?? 1;
  if (weight === null || !isWhole(shape) || weight.role.input !== 1) return [];
  const [rows = 0, perGroup = 0, ...kernel] = shape;
  const depthwise = group > 1 && perGroup === 1 && rows === group;
  if (group !== 1 && !depthwise) {
    building.hold(building.at(visit, 0), `${visit.label} has groups of several channels`);
    return [];
  }
  const bias = await biasOf(building, visit, 2, rows);
  if (bias === null) return [];
  return layerStep(
    building,
    visit,
    {
      layer: weight.layer.index,
      rows,
      channels: depthwise ? rows : perGroup,
      positions: kernel.reduce((n, extent) => n * extent, 1),
      hidden: null,
      depthwise,
      operand: { input: 1, layout: weight.piece.layout, rowAxis: 0, colAxis: depthwise ? null : 1 },
      biasInput: 2,
      bias,
      alpha: 1,
      beta: 1,
      borders: bordersOf(
        visit,
        kernel,
        shapeOf(visit, 0)?.slice(2) ?? null,
        visit.outputs[0]?.shape?.slice(2) ?? null,
      ),
    },
    1,
    1,
    0,
  );
};

export const convTranspose: UnitRule = async (building, visit) => {
  const weight = weightOf(building, visit);
  const shape = shapeOf(visit, 1);
  if (weight === null || !isWhole(shape) || (int(visit, 'group') ?? 1) !== 1) return [];
  const [channels = 0, rows = 0, ...kernel] = shape;
  const bias = await biasOf(building, visit, 2, rows);
  if (bias === null) return [];
  return layerStep(
    building,
    visit,
    {
      layer: weight.layer.index,
      rows,
      channels,
      positions: kernel.reduce((n, extent) => n * extent, 1),
      hidden: null,
      depthwise: false,
      operand: { input: 1, layout: weight.piece.layout, rowAxis: 1, colAxis: 0 },
      biasInput: 2,
      bias,
      alpha: 1,
      beta: 1,
      // Which positions meet an output place depends on the place.
      borders: 'unknown',
    },
    1,
    1,
    0,
  );
};

/** Gemm and MatMul with the weight on the right: the data's last axis is summed over. */
const product =
  (biasInput: number | null): UnitRule =>
  async (building, visit) => {
    const weight = weightOf(building, visit);
    const shape = shapeOf(visit, 1);
    const data = shapeOf(visit, 0);
    if (weight === null || weight.role.input !== 1 || shape?.length !== 2 || data === null) return [];
    const [rowAxis] = weight.role.rows;
    const [colAxis] = weight.role.cols;
    const gemm = biasInput !== null;
    if (rowAxis === undefined || colAxis === undefined || (gemm && int(visit, 'transA') === 1)) return [];
    const { rows, cols } = weight.layer;
    const bias = gemm ? await biasOf(building, visit, biasInput, rows) : new Float64Array(rows);
    const alpha = gemm ? float(visit, 'alpha') : 1;
    const beta = gemm ? float(visit, 'beta') : 1;
    if (bias === null || beta === 0) return [];
    return layerStep(
      building,
      visit,
      {
        layer: weight.layer.index,
        rows,
        channels: cols,
        positions: 1,
        hidden: null,
        depthwise: false,
        operand: { input: 1, layout: weight.piece.layout, rowAxis, colAxis },
        biasInput,
        bias,
        alpha,
        beta,
        // Its constants would need an addition of their own.
        borders: gemm || building.broadcasts ? null : 'unknown',
      },
      data.length - 1,
      data.length - 1,
      0,
    );
  };

const float = (visit: Visit, name: string): number => {
  const attribute = visit.node.attributes.get(name);
  return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : 1;
};

export const gemm = product(2);
export const matmul = product(null);

import { ownBias } from './biases.ts';
import { dtypeBits, isFloating } from './dtype.ts';
import { noEffect } from './context.ts';
import type { Effect, Visit } from './context.ts';
import { storedAxis } from './layout.ts';
import { rolesOf, weightInputs } from './orientation.ts';
import type { Role } from './roles/role.ts';
import { trainedBy } from './parameters.ts';
import type { Frame } from './scope.ts';
import { operatorKey } from './shapes/table.ts';
import { elementsOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import { stepsFrom } from './trace.ts';
import type { Piece, Steps, Unscaled } from './value.ts';

/** One stored tensor read as a weight by one node. */
export interface Use {
  readonly piece: Piece;
  readonly steps: Steps | null;
  readonly role: Role;
  readonly label: string;
  /** The node's own name, '' when it has none. */
  readonly node: string;
  readonly operator: string;
  readonly frame: Frame;
  /** The node's first output: its name, and how many axes it has where that is known. */
  readonly output: { readonly name: string; readonly rank: number | null };
  /** The stored vector that the node itself adds to the product. */
  readonly bias: Tensor | null;
  /** It is applied to the network's input, with no weighted layer before. */
  readonly readsInput: boolean;
  /** Its count of multiplications rests on a first dimension taken as 1. */
  readonly assumed: boolean;
}

/** What is gathered on a walk over the graph. */
export interface Findings {
  readonly uses: Use[];
  /** Stored tensors that are trained without being weights: biases, norm vectors. */
  readonly trained: Set<Tensor>;
  /** Nodes whose weight is computed from constants. */
  readonly computed: string[];
}

export const noFindings = (): Findings => ({ uses: [], trained: new Set(), computed: [] });

/** Notes the weights and the trained vectors of a node. */
export function findUses(visit: Visit, found: Findings): Effect {
  const roles = rolesOf(visit, visit.outputs);
  for (const value of trainedBy(visit))
    for (const piece of value.pieces ?? [])
      if (isFloating(piece.tensor.dtype) || isQuantisedBias(visit, piece)) found.trained.add(piece.tensor);
  if (roles.length === 0) {
    if (isComputed(visit)) found.computed.push(visit.label);
    return noEffect;
  }
  let unscaled: Unscaled | null = null;
  for (const role of roles) {
    for (const piece of visit.inputs[role.input]?.pieces ?? []) {
      if (!isNumeric(piece.tensor)) continue;
      const steps = stepsOf(visit, role, piece);
      if (role.steps !== undefined && steps !== null && steps.scale === null && steps.refusal === null) {
        const axis = storedAxis(piece.layout, role.steps.axis, piece.tensor.shape);
        unscaled = { steps, axis, count: axis === null ? 1 : piece.tensor.shape[axis]! };
      }
      found.uses.push({
        piece,
        steps,
        role,
        label: visit.label,
        node: visit.node.name === '' ? '' : visit.label,
        operator: visit.node.op,
        frame: visit.frame,
        output: { name: visit.node.outputs[0] ?? '', rank: visit.outputs[0]?.shape?.length ?? null },
        bias: ownBias(visit),
        assumed: visit.assumed,
        readsInput: role.reads !== null && visit.inputs[role.reads]?.reach === 'input',
      });
    }
  }
  return { layer: true, unscaled };
}

/** Scale and zero point of a weight: those of a DequantizeLinear before, else those among the operator's own inputs. */
function stepsOf(visit: Visit, role: Role, piece: Piece): Steps | null {
  if (role.steps === undefined || isFloating(piece.tensor.dtype)) return piece.steps;
  const { scale, zeroPoint, axis } = role.steps;
  return stepsFrom(
    piece,
    scale === null ? null : visit.inputs[scale],
    zeroPoint === null ? null : visit.inputs[zeroPoint],
    axis,
  );
}

/** Wide integers are positions and counts; a tensor without elements is nothing. */
const isNumeric = (tensor: Tensor): boolean =>
  (isFloating(tensor.dtype) || dtypeBits[tensor.dtype] <= 16) && elementsOf(tensor.shape) > 0;

/** Quantised operators keep their bias as integers. */
const isQuantisedBias = (visit: Visit, piece: Piece): boolean =>
  piece.steps !== null || /^Q|Quant|Integer|NBits/.test(visit.node.op);

/** A weight whose operand is constant, but not by rearranging stored tensors: a product of two of them, say. */
function isComputed(visit: Visit): boolean {
  const inputs = weightInputs.get(operatorKey(visit.node)) ?? [];
  if (!visit.inputs.some((value) => value !== null && value.reach !== 'constant')) return false;
  return inputs.some((input) => {
    const value = visit.inputs[input];
    // A lone number is a factor, not a weight.
    const wide =
      value?.shape === null || value?.shape === undefined || elementsOf(value.shape.map((e) => e ?? 2)) > 1;
    return value?.reach === 'constant' && value.pieces === null && wide;
  });
}

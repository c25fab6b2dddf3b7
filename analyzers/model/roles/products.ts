import { int, shapeOf, text } from '../shapes/call.ts';
import { product } from '../shapes/known.ts';
import type { Shape } from '../shapes/known.ts';
import { einsumTerms, letterExtents } from '../shapes/products.ts';
import { divided, isData, isWeight, range } from './role.ts';
import type { Rule, StepInputs } from './role.ts';

/** How often a matrix of a stack is used: once for each vector of the other operand, and each stack that it is repeated for. */
function stackUses(
  out: Shape | null,
  stack: Shape,
  vectors: number | null,
  matrixAxes: number,
): number | null {
  if (out === null || vectors === null) return null;
  const repeats = divided(product(out.slice(0, out.length - matrixAxes)), product(stack));
  return repeats === null ? null : repeats * vectors;
}

/** K x N on the right (rows N), M x K on the left (rows M); a stack of matrices is rows of each in turn. */
export const matmul =
  (a: number, b: number, stepsB?: StepInputs, stepsA?: StepInputs): Rule =>
  (call, outputs) => {
    const right = isWeight(call, b) && isData(call, a);
    if (!right && !(isWeight(call, a) && isData(call, b))) return [];
    const input = right ? b : a;
    const other = right ? a : b;
    const shape = shapeOf(call, input);
    const out = outputs[0]?.shape ?? null;
    const flag = int(call, right ? 'transB' : 'transA') === 1;
    if (shape === null || shape.length === 0) return [];
    const rank = shape.length;
    const steps = right ? stepsB : stepsA;
    const base = { input, op: 'dense' as const, positions: 1, reads: other };
    if (rank === 1)
      return [{ ...base, rows: [], cols: [0], reduction: 0, uses: out === null ? null : product(out) }];
    // The right operand's outputs are its last axis, the left one's its second to last; a transposition exchanges them.
    const rows = right === flag ? rank - 2 : rank - 1;
    const cols = rows === rank - 1 ? rank - 2 : rank - 1;
    const otherIsVector = shapeOf(call, other)?.length === 1;
    const vectors = otherIsVector ? 1 : (out?.at(right ? -2 : -1) ?? null);
    return [
      {
        ...base,
        rows: [...range(0, rank - 2), rows],
        cols: [cols],
        reduction: cols,
        uses: stackUses(out, shape.slice(0, -2), vectors, otherIsVector ? 1 : 2),
        ...(steps && { steps: { scale: steps[0], zeroPoint: steps[1], axis: rows } }),
      },
    ];
  };

/** Letters of the weight that the result has are rows, letters that are summed are columns. */
export const einsum: Rule = (call) => {
  const terms = einsumTerms(text(call, 'equation') ?? '.');
  if (terms?.inputs.length !== 2) return [];
  const input = isWeight(call, 1) && isData(call, 0) ? 1 : isWeight(call, 0) && isData(call, 1) ? 0 : null;
  if (input === null) return [];
  const [own, other] = [terms.inputs[input]!, terms.inputs[1 - input]!];
  const rows = own.flatMap((c, axis) => (terms.output.includes(c) ? [axis] : []));
  const cols = own.flatMap((c, axis) => (terms.output.includes(c) ? [] : [axis]));
  if (shapeOf(call, input)?.length !== own.length || cols.length === 0) return [];
  const extents = letterExtents(terms, [shapeOf(call, 0), shapeOf(call, 1)]);
  const repeats = other.filter((c) => !own.includes(c)).map((c) => extents.get(c) ?? null);
  return [
    {
      input,
      op: 'dense',
      rows,
      cols,
      reduction: cols.length === 1 ? cols[0]! : null,
      positions: 1,
      uses: product(repeats),
      reads: 1 - input,
    },
  ];
};

/** Blocks of a row packed several to a byte, each with a scale of its own. */
export const packedMatmul: Rule = (call) => {
  const [rows, cols] = [int(call, 'N'), int(call, 'K')];
  const x = shapeOf(call, 0);
  if (!isWeight(call, 1) || !isData(call, 0) || rows === null || cols === null || rows < 1 || cols < 1)
    return [];
  return [
    {
      input: 1,
      op: 'dense',
      rows: [0],
      cols: [1],
      reduction: 1,
      positions: 1,
      uses: x === null ? null : product(x.slice(0, -1)),
      reads: 0,
      packed: {
        rows,
        cols,
        reason: `MatMulNBits packs blocks of ${(int(call, 'bits') ?? 4).toString()}-bit weights`,
      },
    },
  ];
};

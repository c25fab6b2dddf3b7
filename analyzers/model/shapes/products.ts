import { int, shapeOf, text } from './call.ts';
import type { Call, Infer, InferenceTable } from './call.ts';
import { broadcast, shaped } from './known.ts';
import type { Shape } from './known.ts';

/** Matrix product of stacks of matrices; a vector is a row on the left, a column on the right. */
function matmulShape(a: Shape | null, b: Shape | null): Shape | null {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const stack = broadcast(left.slice(0, -2), right.slice(0, -2));
  if (stack === null) return null;
  return [...stack, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}

/** The last two axes exchanged, when a flag says so. */
export const turned = (shape: Shape | null, flag: number | null): Shape | null =>
  shape === null || flag !== 1 || shape.length < 2
    ? shape
    : [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

const matmul =
  (a: number, b: number): Infer =>
  (call) => [shaped(matmulShape(shapeOf(call, a), shapeOf(call, b)), call.inputs[a]?.dtype)];

const integer =
  (infer: Infer): Infer =>
  (call) =>
    infer(call).map((out) => out && { ...out, dtype: 'i32' as const });

/** Scaled products give floats whatever went in. */
const real =
  (infer: Infer): Infer =>
  (call) =>
    infer(call).map((out) => out && { ...out, dtype: 'f32' as const });

function fusedMatmul(call: Call) {
  const a = turned(shapeOf(call, 0), int(call, 'transA'));
  const b = turned(shapeOf(call, 1), int(call, 'transB'));
  return [shaped(matmulShape(a, b), call.inputs[0]?.dtype)];
}

const gemm =
  (b: number): Infer =>
  (call) => {
    const left = turned(shapeOf(call, 0), int(call, 'transA'));
    const right = turned(shapeOf(call, b), int(call, 'transB'));
    const rows = left?.length === 2 ? left[0]! : null;
    const cols = right?.length === 2 ? right[1]! : null;
    return [shaped([rows, cols], call.inputs[0]?.dtype)];
  };

export interface EinsumTerms {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Letters are 52: a longer equation is none. */
const longestEquation = 1024;

/** The letters of an Einsum equation; null where dots, repeated letters in a term or other signs stand. */
export function einsumTerms(equation: string): EinsumTerms | null {
  if (equation.length > longestEquation) return null;
  const [left, right] = equation.replaceAll(' ', '').split('->');
  if (left === undefined || !/^[A-Za-z,]*$/.test(left) || !/^[A-Za-z]*$/.test(right ?? '')) return null;
  const inputs = left.split(',').map((term) => term.split(''));
  if (inputs.some((term) => new Set(term).size !== term.length)) return null;
  const all = inputs.flat();
  // Without an arrow: the letters that stand once, in alphabetical order.
  const output =
    right === undefined
      ? all.filter((c) => all.indexOf(c) === all.lastIndexOf(c)).toSorted()
      : right.split('');
  return { inputs, output };
}

/** Extent of every letter, from all inputs that have it. */
export function letterExtents(
  terms: EinsumTerms,
  shapes: readonly (Shape | null)[],
): ReadonlyMap<string, number> {
  const extents = new Map<string, number>();
  for (const [i, term] of terms.inputs.entries()) {
    for (const [axis, letter] of term.entries()) {
      const extent = shapes[i]?.[axis];
      if (extent !== null && extent !== undefined && (extents.get(letter) ?? 1) === 1)
        extents.set(letter, extent);
    }
  }
  return extents;
}

function einsum(call: Call) {
  const terms = einsumTerms(text(call, 'equation') ?? '.');
  if (terms === null) return [];
  const extents = letterExtents(
    terms,
    terms.inputs.map((_, i) => shapeOf(call, i)),
  );
  return [
    shaped(
      terms.output.map((c) => extents.get(c) ?? null),
      call.inputs[0]?.dtype,
    ),
  ];
}

/** N columns from the attribute that says so, the rest as the input. */
function packedMatmul(call: Call) {
  const a = shapeOf(call, 0);
  return [shaped(a === null ? null : [...a.slice(0, -1), int(call, 'N')], call.inputs[0]?.dtype)];
}

export const productOperators: InferenceTable = {
  MatMul: { infer: matmul(0, 1) },
  MatMulInteger: { infer: integer(matmul(0, 1)) },
  QLinearMatMul: { infer: matmul(0, 3) },
  Gemm: { infer: gemm(1) },
  Einsum: { infer: einsum },
  'com.microsoft.FusedGemm': { infer: gemm(1) },
  'com.microsoft.QGemm': { infer: gemm(3) },
  'com.microsoft.FusedMatMul': { infer: fusedMatmul },
  'com.microsoft.TransposeMatMul': { infer: fusedMatmul },
  'com.microsoft.GemmFastGelu': { infer: matmul(0, 1) },
  'com.microsoft.MatMulIntegerToFloat': { infer: real(matmul(0, 1)) },
  'com.microsoft.DynamicQuantizeMatMul': { infer: real(matmul(0, 1)) },
  'com.microsoft.MatMulNBits': { infer: packedMatmul },
};

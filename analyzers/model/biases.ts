import type { Visit } from './context.ts';
import { outermost } from './scope.ts';
import { operatorKey } from './shapes/table.ts';
import type { Tensor } from './tensor.ts';
import { storedTensor } from './trace.ts';
import type { Use } from './uses.ts';

/** Vectors that an Add of the outermost graph adds, by the name of the value that they are added to. */
export type Biases = Map<string, Tensor>;

/** Operators that add a vector themselves, and the input that it is. */
const biasInputs: ReadonlyMap<string, number> = new Map([
  ['Gemm', 2],
  ['Conv', 2],
  ['com.microsoft.FusedGemm', 2],
  ['com.microsoft.FusedConv', 2],
  ['com.microsoft.GemmFastGelu', 2],
]);

/** The stored vector that an operator adds to its product; null where there is none. */
export function ownBias({ node, inputs }: Visit): Tensor | null {
  const input = biasInputs.get(operatorKey(node));
  const beta = node.attributes.get('beta');
  if (input === undefined || (beta?.kind === 'float' && beta.value === 0)) return null;
  return storedTensor(inputs[input]);
}

/** Notes an Add of a stored vector. */
export function findBias({ node, inputs, frame }: Visit, into: Biases): void {
  if (frame !== outermost || operatorKey(node) !== 'Add') return;
  for (const [own, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const vector = storedTensor(inputs[own]);
    const read = inputs[other]?.name ?? '';
    if (vector !== null && read !== '' && storedTensor(inputs[other]) === null) into.set(read, vector);
  }
}

/** What is added to each of the layer's rows: its own bias, or the vector of an Add that alone reads its output. */
export function biasOf(
  uses: readonly Use[],
  rows: number,
  biases: Biases,
  readers: ReadonlyMap<string, number>,
): Tensor | null {
  const [use] = uses;
  if (use === undefined || uses.length > 1 || use.role.input !== 1) return null;
  const alone = use.frame === outermost && use.operator === 'MatMul' && readers.get(use.output.name) === 1;
  const bias = use.bias ?? (alone ? (biases.get(use.output.name) ?? null) : null);
  return bias !== null && isOf(bias, rows) ? bias : null;
}

/** One number a row, along the last axis. */
const isOf = ({ shape }: Tensor, rows: number): boolean =>
  (shape.at(-1) ?? 1) === rows && shape.slice(0, -1).every((extent) => extent === 1);

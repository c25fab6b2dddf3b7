import type { LayerOp } from './layer.ts';
import { int, shapeOf, text } from './shapes/call.ts';
import { axisOf, product } from './shapes/known.ts';
import type { Known, Shape } from './shapes/known.ts';
import { einsumTerms, letterExtents } from './shapes/products.ts';
import { stepsAndBatch } from './shapes/sequences.ts';
import { operatorKey } from './shapes/table.ts';
import type { Traced } from './trace.ts';
import { isFloating } from './dtype.ts';

/**
 * How an operator reads one of its inputs as a matrix: rows are outputs, columns the inputs of one output.
 * Axes are those of the operand as it arrives at the operator. The table in words: docs/orientation.md.
 */
export interface Role {
  /** The operator's input that is the weight. */
  readonly input: number;
  readonly op: LayerOp;
  /** Slowest first. */
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  /** The axis that N:M runs along. */
  readonly reduction: number | null;
  /** Kernel positions per input channel. */
  readonly positions: number;
  /** How often one run of the operator multiplies each element; null when a shape is unknown. */
  readonly uses: number | null;
  /** The input that the weight is applied to. */
  readonly reads: number | null;
  /** Axis 0 holds this many groups, each with outputs of its own: it is split, and the groups are rows. */
  readonly groups?: number;
  /** Inputs with scale and zero point, and the operand's axis that they run along. */
  readonly steps?: {
    readonly scale: number | null;
    readonly zeroPoint: number | null;
    readonly axis: number;
  };
  /** Extents of the matrix when the stored form is packed and cannot be read as one. */
  readonly packed?: { readonly rows: number; readonly cols: number; readonly reason: string };
}

type Rule = (call: Traced, outputs: readonly Known[]) => readonly Role[];

/** The weights that an operator reads; none when its operands are computed, or when all of them are constants. */
export function rolesOf(call: Traced, outputs: readonly Known[]): readonly Role[] {
  const rule = rules.get(operatorKey(call.node)) ?? (isForeign(call.node.domain) ? foreign : null);
  return rule?.(call, outputs) ?? [];
}

/** Operators that read a weight in one of these inputs: what is told when that weight is computed from constants. */
export const weightInputs: ReadonlyMap<string, readonly number[]> = new Map([
  ['Conv', [1]],
  ['ConvTranspose', [1]],
  ['ConvInteger', [1]],
  ['QLinearConv', [3]],
  ['DeformConv', [1]],
  ['Gemm', [0, 1]],
  ['MatMul', [0, 1]],
  ['MatMulInteger', [0, 1]],
  ['QLinearMatMul', [0, 3]],
  ['LSTM', [1, 2]],
  ['GRU', [1, 2]],
  ['RNN', [1, 2]],
]);

const isWeight = (call: Traced, input: number): boolean =>
  (call.inputs[input]?.pieces ?? null) !== null && call.inputs[input]?.reach === 'constant';

const isData = (call: Traced, input: number): boolean =>
  (call.inputs[input] ?? null) !== null && call.inputs[input]?.reach !== 'constant';

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

const divided = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;

type StepInputs = readonly [scale: number | null, zeroPoint: number | null];

/** O x I/g x k...: rows are output channels, columns input channel by kernel position. */
const conv =
  (x: number, w: number, steps?: StepInputs): Rule =>
  (call, outputs) => {
    const shape = shapeOf(call, w);
    if (!isWeight(call, w) || !isData(call, x) || shape === null || shape.length < 3) return [];
    const depthwise = (int(call, 'group') ?? 1) > 1 && shape[1] === 1;
    const out = outputs[0]?.shape ?? null;
    const places =
      out === null ? null : int(call, 'channels_last') === 1 ? out.slice(0, -1) : [out[0]!, ...out.slice(2)];
    return [
      {
        input: w,
        op: depthwise ? 'depthwise' : 'conv',
        rows: [0],
        cols: range(1, shape.length),
        reduction: depthwise ? null : 1,
        positions: product(shape.slice(2)) ?? 1,
        uses: places === null ? null : product(places),
        reads: x,
        ...(steps && { steps: { scale: steps[0], zeroPoint: steps[1], axis: 0 } }),
      },
    ];
  };

/** I x O/g x k...: each group of inputs has outputs of its own, so rows are group by output. Every input place meets every weight. */
const convTranspose: Rule = (call) => {
  const shape = shapeOf(call, 1);
  const x = shapeOf(call, 0);
  if (!isWeight(call, 1) || !isData(call, 0) || shape === null || shape.length < 3) return [];
  const groups = int(call, 'group') ?? 1;
  const depthwise = groups > 1 && groups === shape[0];
  return [
    {
      input: 1,
      op: depthwise ? 'depthwise' : 'conv',
      // After the split: group, I/g, O/g, k...
      rows: [0, 2],
      cols: [1, ...range(3, shape.length + 1)],
      reduction: depthwise ? null : 1,
      positions: product(shape.slice(2)) ?? 1,
      uses: x === null ? null : product([x[0]!, ...x.slice(2)]),
      reads: 0,
      groups,
    },
  ];
};

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
const matmul =
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

/** Per direction gates x hidden by inputs (W), by hidden (R); used once a step. */
const recurrent: Rule = (call) => {
  const { steps, batch } = stepsAndBatch(call);
  const uses = steps === null || batch === null ? null : steps * batch;
  return [1, 2].flatMap((input): Role[] => {
    if (!isWeight(call, input) || shapeOf(call, input)?.length !== 3) return [];
    const reads = input === 1 ? 0 : null;
    return [{ input, op: 'recurrent', rows: [0, 1], cols: [2], reduction: 2, positions: 1, uses, reads }];
  });
};

/** Dynamically quantised LSTM: W and R stand transposed, [directions, inputs, gates x hidden]. */
const recurrentTransposed: Rule = (call) => {
  const { steps, batch } = stepsAndBatch(call);
  const uses = steps === null || batch === null ? null : steps * batch;
  return [1, 2].flatMap((input): Role[] => {
    if (!isWeight(call, input) || shapeOf(call, input)?.length !== 3) return [];
    return [
      {
        input,
        op: 'recurrent',
        rows: [0, 2],
        cols: [1],
        reduction: 1,
        positions: 1,
        uses,
        reads: input === 1 ? 0 : null,
        steps: { scale: input === 1 ? 8 : 10, zeroPoint: input === 1 ? 9 : 11, axis: 0 },
      },
    ];
  });
};

/** Query, key and value side by side: inputs x 3 hidden. */
const attention =
  (weights: readonly number[], steps?: StepInputs): Rule =>
  (call) =>
    weights.flatMap((input): Role[] => {
      if (!isWeight(call, input) || !isData(call, 0) || shapeOf(call, input)?.length !== 2) return [];
      const x = shapeOf(call, 0);
      return [
        {
          input,
          op: 'attention',
          rows: [1],
          cols: [0],
          reduction: 0,
          positions: 1,
          uses: x === null ? null : product(x.slice(0, -1)),
          reads: 0,
          ...(steps && { steps: { scale: steps[0], zeroPoint: steps[1], axis: 1 } }),
        },
      ];
    });

/** A table read by indices that depend on the input: rows are its places. Reading multiplies nothing. */
function table(call: Traced, input: number, axis: number): Role[] {
  const value = call.inputs[input];
  const rank = value?.shape?.length ?? 0;
  if (!value || !isWeight(call, input) || rank < 2) return [];
  // Integers without a scale are a table of numbers to look up, not a trained one.
  const trained = value.pieces!.every((piece) => isFloating(piece.tensor.dtype) || piece.steps !== null);
  if (!trained) return [];
  const cols = range(0, rank).filter((i) => i !== axis);
  return [
    { input, op: 'embedding', rows: [axis], cols, reduction: null, positions: 1, uses: 0, reads: null },
  ];
}

const gather: Rule = (call) => {
  const axis = axisOf(int(call, 'axis') ?? 0, shapeOf(call, 0)?.length ?? 0);
  if (axis === null || !isData(call, 1) || call.inputs[1]?.selected === true) return [];
  return table(call, 0, axis);
};

/** Letters of the weight that the result has are rows, letters that are summed are columns. */
const einsum: Rule = (call) => {
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
const packedMatmul: Rule = (call) => {
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

const isForeign = (domain: string): boolean => domain !== '' && !domain.startsWith('ai.onnx');

/** Foreign operators whose stored operands are tables or caches rather than weights. */
const withoutWeights =
  /\.(RotaryEmbedding|GroupQueryAttention|MultiHeadAttention|SparseAttention|RelativePositionBias)$/;

/** An operator that nobody here knows: whatever matrix of floats it reads is listed as it is stored. */
const foreign: Rule = (call) => {
  if (withoutWeights.test(operatorKey(call.node)) || !call.inputs.some((_, input) => isData(call, input)))
    return [];
  return call.inputs.flatMap((value, input): Role[] => {
    const rank = value?.shape?.length ?? 0;
    if (rank < 2 || !isWeight(call, input) || !value!.pieces!.every((p) => isFloating(p.tensor.dtype)))
      return [];
    return [
      {
        input,
        op: 'other',
        rows: [0],
        cols: range(1, rank),
        reduction: null,
        positions: 1,
        uses: null,
        reads: null,
      },
    ];
  });
};

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Conv: conv(0, 1),
    ConvInteger: conv(0, 1, [null, 3]),
    QLinearConv: conv(0, 3, [4, 5]),
    DeformConv: conv(0, 1),
    ConvTranspose: convTranspose,
    Gemm: matmul(0, 1),
    MatMul: matmul(0, 1),
    MatMulInteger: matmul(0, 1, [null, 3], [null, 2]),
    QLinearMatMul: matmul(0, 3, [4, 5], [1, 2]),
    Einsum: einsum,
    LSTM: recurrent,
    GRU: recurrent,
    RNN: recurrent,
    Gather: gather,
    'com.microsoft.FusedConv': conv(0, 1),
    'com.microsoft.QLinearConv': conv(0, 3, [4, 5]),
    'com.microsoft.FusedGemm': matmul(0, 1),
    'com.microsoft.FusedMatMul': matmul(0, 1),
    'com.microsoft.TransposeMatMul': matmul(0, 1),
    'com.microsoft.GemmFastGelu': matmul(0, 1),
    'com.microsoft.QGemm': matmul(0, 3, [4, 5], [1, 2]),
    'com.microsoft.MatMulIntegerToFloat': matmul(0, 1, [3, 5], [2, 4]),
    'com.microsoft.DynamicQuantizeMatMul': matmul(0, 1, [2, 3]),
    'com.microsoft.MatMulNBits': packedMatmul,
    'com.microsoft.Attention': attention([1]),
    'com.microsoft.QAttention': attention([1], [4, 7]),
    'com.microsoft.PackedAttention': attention([1]),
    'com.microsoft.LongformerAttention': attention([1, 4]),
    'com.microsoft.DecoderAttention': attention([2, 3]),
    'com.microsoft.DynamicQuantizeLSTM': recurrentTransposed,
    'com.microsoft.EmbedLayerNormalization': (call) => [2, 3, 4].flatMap((input) => table(call, input, 0)),
  }),
);

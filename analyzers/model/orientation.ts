import { isFloating } from './dtype.ts';
import { conv, convTranspose } from './roles/convolutions.ts';
import { einsum, matmul, packedMatmul } from './roles/products.ts';
import { isData, isWeight, range } from './roles/role.ts';
import type { Role, Rule } from './roles/role.ts';
import { attention, gather, recurrent, recurrentTransposed, table } from './roles/sequences.ts';
import type { Known } from './shapes/known.ts';
import { operatorKey } from './shapes/table.ts';
import type { Traced } from './trace.ts';

/** The weights that an operator reads; none when its operands are computed, or when all of them are constants. */
export function rolesOf(call: Traced, outputs: readonly Known[]): readonly Role[] {
  const rule = rules.get(operatorKey(call.node)) ?? (isForeign(call.node.domain) ? foreign : null);
  return rule?.(call, outputs) ?? [];
}

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

/** The table: which inputs of an operator are weights, and how they lie (docs/orientation.md). */
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

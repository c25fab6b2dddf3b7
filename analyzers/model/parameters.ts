import { operatorKey } from './shapes/table.ts';
import type { Traced } from './trace.ts';
import type { Value } from './value.ts';

/** Inputs that are trained besides the weights: biases, peepholes, slopes, the scale and shift of a norm. */
const trainedInputs: Readonly<Record<string, readonly number[]>> = {
  Conv: [2],
  ConvTranspose: [2],
  DeformConv: [3],
  QLinearConv: [8],
  Gemm: [2],
  LSTM: [3, 7],
  GRU: [3],
  RNN: [3],
  PRelu: [1],
  // Running mean and variance (inputs 3 and 4) are statistics: nothing trained them.
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  RMSNormalization: [1],
  SimplifiedLayerNormalization: [1],
  'com.microsoft.FusedConv': [2],
  'com.microsoft.QLinearConv': [8],
  'com.microsoft.FusedGemm': [2],
  'com.microsoft.QGemm': [6],
  'com.microsoft.GemmFastGelu': [2],
  'com.microsoft.MatMulIntegerToFloat': [6],
  'com.microsoft.DynamicQuantizeMatMul': [4],
  'com.microsoft.MatMulNBits': [5],
  'com.microsoft.Attention': [2],
  'com.microsoft.QAttention': [2],
  'com.microsoft.PackedAttention': [2],
  'com.microsoft.LongformerAttention': [2, 5],
  'com.microsoft.DecoderAttention': [4],
  'com.microsoft.MultiHeadAttention': [3],
  'com.microsoft.DynamicQuantizeLSTM': [3, 7],
  'com.microsoft.EmbedLayerNormalization': [5, 6],
  'com.microsoft.SkipLayerNormalization': [2, 3, 4],
  'com.microsoft.SimplifiedLayerNormalization': [1],
  'com.microsoft.SkipSimplifiedLayerNormalization': [2, 3],
  'com.microsoft.GroupNorm': [1, 2],
  'com.microsoft.BiasGelu': [1],
  'com.microsoft.FastGelu': [1],
  'com.microsoft.BiasAdd': [1],
};

const vectorTails: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'com.microsoft.QLinearAdd',
  'com.microsoft.QLinearMul',
]);

/**
 * The stored values that an operator trains besides weights: biases and norm vectors in inputs of their own, vectors added
 * to a layer's or a norm's result, and vectors that a norm's result is multiplied by. Constants of other arithmetic are not.
 */
export function trainedBy(call: Traced): readonly Value[] {
  const key = operatorKey(call.node);
  const inputs = trainedInputs[key];
  if (inputs !== undefined) return inputs.flatMap((input) => stored(call.inputs[input]));
  if (!vectorTails.has(key)) return [];
  const quantised = key.startsWith('com.microsoft.');
  const pair = [call.inputs[0] ?? null, call.inputs[quantised ? 3 : 1] ?? null] as const;
  const scales = key.endsWith('Mul');
  return pair.flatMap((value, i) => {
    const tail = pair[1 - i]?.tail ?? null;
    const counts = tail === 'norm' || (tail === 'layer' && !scales);
    return counts && isVector(value) ? stored(value) : [];
  });
}

const stored = (value: Value | null | undefined): readonly Value[] => (value?.pieces ? [value] : []);

/** One axis of more than one element, or a single number: what a bias looks like. */
const isVector = (value: Value | null): boolean =>
  value?.shape !== null &&
  value?.shape !== undefined &&
  value.shape.filter((extent) => extent !== 1).length <= 1;

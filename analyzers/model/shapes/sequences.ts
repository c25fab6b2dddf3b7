import { inputOf, int, numbersOf, shapeOf, text, given } from './call.ts';
import type { Call, InferenceTable } from './call.ts';
import { shaped } from './known.ts';
import type { Shape } from './known.ts';

/** Steps and batch of what a recurrent operator reads; layout 1 puts the batch first. */
export function stepsAndBatch(call: Call): { readonly steps: number | null; readonly batch: number | null } {
  const x = shapeOf(call, 0);
  const batchFirst = int(call, 'layout') === 1;
  return { steps: x?.[batchFirst ? 1 : 0] ?? null, batch: x?.[batchFirst ? 0 : 1] ?? null };
}

function recurrent(call: Call) {
  const { steps, batch } = stepsAndBatch(call);
  const directions = text(call, 'direction') === 'bidirectional' ? 2 : 1;
  // The recurrent weight's last axis is the hidden size whatever the operator; the attribute says it too.
  const hidden = int(call, 'hidden_size') ?? shapeOf(call, 2)?.at(-1) ?? null;
  const batchFirst = int(call, 'layout') === 1;
  const { dtype } = inputOf(call, 0);
  const all: Shape = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  const last: Shape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [shaped(all, dtype), shaped(last, dtype), shaped(last, dtype)];
}

/** Fused attention over a packed projection: as wide as the values. */
function fusedAttention(call: Call) {
  const x = shapeOf(call, 0);
  const width = shapeOf(call, 1)?.[1] ?? null;
  if (x === null) return [];
  const own = call.node.attributes.get('qkv_hidden_sizes');
  const values = own?.kind === 'ints' ? (own.values[2] ?? null) : width === null ? null : width / 3;
  return [shaped([...x.slice(0, -1), values], inputOf(call, 0).dtype)];
}

function embedLayerNorm(call: Call) {
  const ids = shapeOf(call, 0);
  const width = shapeOf(call, 2)?.[1] ?? null;
  return ids === null
    ? []
    : [shaped([...ids, width], inputOf(call, 2).dtype), shaped([ids[0] ?? null], 'i32')];
}

/** Queries of [batch, steps, width] give values of the same width unless the values' own is told. */
function multiHeadAttention(call: Call) {
  const q = shapeOf(call, 0);
  if (q?.length !== 3) return [];
  const v = given(call, 2) ? shapeOf(call, 2) : q;
  const width = v?.length === 3 ? v[2]! : null;
  return [shaped([q[0]!, q[1]!, width], inputOf(call, 0).dtype)];
}

function nonZero(call: Call) {
  const shape = shapeOf(call, 0);
  return [shaped([shape?.length ?? null, null], 'i64')];
}

export const sequenceOperators: InferenceTable = {
  LSTM: { infer: recurrent },
  GRU: { infer: recurrent },
  RNN: { infer: recurrent },
  NonZero: { infer: nonZero },
  NonMaxSuppression: { infer: () => [shaped([null, 3], 'i64')] },
  'com.microsoft.DynamicQuantizeLSTM': { infer: recurrent },
  'com.microsoft.Attention': { infer: fusedAttention },
  'com.microsoft.QAttention': { infer: fusedAttention },
  'com.microsoft.EmbedLayerNormalization': { infer: embedLayerNorm },
  'com.microsoft.MultiHeadAttention': { infer: multiHeadAttention },
  'com.microsoft.QLinearConcat': { infer: (call) => [qlinearConcat(call)] },
};

/** Scale and zero point of the output, then data, scale and zero point of every part. */
function qlinearConcat(call: Call) {
  const parts = call.inputs.filter((_, i) => i >= 2 && (i - 2) % 3 === 0).map((part) => part?.shape ?? null);
  const axis = int(call, 'axis') ?? 0;
  const [first] = parts;
  if (first === undefined || first === null) return shaped(null);
  const total = parts.reduce<number | null>((sum, part) => {
    const along = part?.[axis] ?? null;
    return sum === null || along === null ? null : sum + along;
  }, 0);
  return shaped(
    first.map((e, i) => (i === axis ? total : e)),
    inputOf(call, 2).dtype,
  );
}

/** Numbers of a trip count or a condition: one, or null. */
export const single = (call: Call, input: number): number | null => numbersOf(call, input)?.[0] ?? null;

import type { Sources } from '../bytes/sources.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { addInterleaved, emptyInterleaved, slicesCounted } from '../kernels/interleaved.ts';
import type { Layer } from '../model/layer.ts';
import { readTensor } from '../model/weights.ts';
import type { EieMachine } from '../report/eie.ts';

/** [rows] the numbers that are added to the layer's product; null where the graph has none, or they cannot be read. */
export async function readBias(
  sources: Sources,
  { rows, bias }: Pick<Layer, 'rows' | 'bias'>,
  signal: AbortSignal,
): Promise<Float64Array | null> {
  if (bias === undefined || rows > limits.unitVector) return null;
  const numbers = new Float64Array(rows);
  try {
    for await (const { first, values } of readTensor(sources, bias, signal)) numbers.set(values, first);
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
  return numbers;
}

/** The column that a bias is: entries of each PE and group, padding among them. */
export interface BiasColumn {
  /** [groups x pes] */
  readonly entries: Uint32Array;
  readonly padding: number;
}

/** One more column behind the inputs: empty, or with the non-zeros of the bias; null for none. */
export function biasColumn(
  bias: Float64Array | null,
  { rows, groups = 1 }: Pick<Layer, 'rows' | 'groups'>,
  { pes, indexBits, biasColumn: asked }: EieMachine,
): BiasColumn | null {
  if (asked === 'none') return null;
  const counts = emptyInterleaved({ rows, cols: 1, pes, width: indexBits, groups });
  if (asked === 'layer' && bias !== null) {
    const places = new Uint32Array(rows);
    let count = 0;
    for (let row = 0; row < rows; row += 1)
      if (bias[row] !== 0) {
        places[count] = row;
        count += 1;
      }
    addInterleaved(counts, { dims: [rows], rowStep: [1], colStep: [0] }, places, count, 0, rows);
  }
  // [groups x pes]
  const { entries, padding } = slicesCounted(counts);
  return { entries, padding };
}

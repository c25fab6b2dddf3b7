import { limits } from '../bytes/limits.ts';
import { forEachRun, type AxisMap } from '../kernels/axes.ts';
import {
  addInterleaved,
  emptyInterleaved,
  slicesCounted,
  slicesOf,
  type InterleavedCounts,
  type Interleaving,
  type SliceCounts,
} from '../kernels/interleaved.ts';
import { hasBit, setBit } from '../kernels/mask.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import type { EieMachine } from '../report/eie.ts';
import { keptOf } from './encodeLayer.ts';
import { bitsFor } from './maskBits.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';

/** A layer's matrix as so many PEs hold it, with runs of so many bits. */
export const interleavingOf = (
  { rows, cols, groups = 1 }: Pick<Layer, 'rows' | 'cols' | 'groups'>,
  { pes, indexBits }: Pick<EieMachine, 'pes' | 'indexBits'>,
): Interleaving => ({ rows, cols, pes, width: indexBits, ...(groups > 1 && { groups }) });

/** Whether its slices may be counted one by one. */
export const isCountable = (of: Interleaving): boolean => slicesOf(of) <= limits.interleavedSlices;

/** Whether the rows of each column are stored in their order: then runs are counted as the layer streams by. */
export const rowsInOrder = ({ view }: Pick<Layer, 'view'>): boolean =>
  view.rowAxes.every((axis, i) => i === 0 || axis > view.rowAxes[i - 1]!);

/** How many places of a matrix are looked at before others get their turn. */
const batch = 1 << 20;

/**
 * The slices of a settled layer under each interleaving, all in one pass over its weights; where rows do not come in
 * their order, with a bit for each weight besides. Throws ReadError 'limits/shape-overflow' when those are too many.
 */
export async function countSlices(
  settled: Settled,
  passes: Pick<LayerPasses, 'weights'>,
  ways: readonly Interleaving[],
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Promise<readonly SliceCounts[]> {
  const { layer, head } = settled;
  const { map } = formOf(layer);
  const counts = ways.map((of) => emptyInterleaved(of));
  const direct = rowsInOrder(layer);
  const bits = direct ? null : bitsFor(head.weights);
  for await (const { values, positions, count, first } of keptOf(settled, passes, signal)) {
    if (bits === null)
      for (const into of counts) addInterleaved(into, map, positions, count, first, values.length);
    else markByColumn(bits, layer.rows, map, positions, count, first, values.length);
    if (head.weights > 0) progress((first + values.length) / head.weights);
  }
  if (bits !== null) addByColumn(counts, bits, layer, signal);
  return counts.map((each) => slicesCounted(each));
}

/** Sets the bit column * rows + row of every kept weight. */
function markByColumn(
  bits: Uint32Array,
  rows: number,
  map: AxisMap,
  positions: Uint32Array,
  count: number,
  first: number,
  length: number,
): void {
  let i = 0;
  forEachRun(map, first, length, (start, run, row, col, rowStep, colStep) => {
    for (; i < count && positions[i]! < start + run; i += 1) {
      const along = positions[i]! - start;
      setBit(bits, (col + along * colStep) * rows + row + along * rowStep);
    }
  });
}

function addByColumn(
  counts: readonly InterleavedCounts[],
  bits: Uint32Array,
  { rows, cols }: Pick<Layer, 'rows' | 'cols'>,
  signal: AbortSignal,
): void {
  const weights = rows * cols;
  const map: AxisMap = { dims: [cols, rows], rowStep: [0, 1], colStep: [1, 0] };
  const positions = new Uint32Array(Math.min(batch, weights));
  for (let first = 0; first < weights; first += batch) {
    signal.throwIfAborted();
    const length = Math.min(batch, weights - first);
    let count = 0;
    for (let i = 0; i < length; i += 1)
      if (hasBit(bits, first + i)) {
        positions[count] = i;
        count += 1;
      }
    for (const into of counts) addInterleaved(into, map, positions, count, first, length);
  }
}

import { decode, valuesFor } from '../../kernels/decode.ts';
import { addUnitCounts, emptyUnitCounts, type UnitCounts, type UnitQuery } from '../../kernels/unitCounts.ts';
import type { RawPass } from '../../model/chunk.ts';
import type { Layer } from '../../model/layer.ts';
import { formOf } from '../../model/view.ts';

export type { UnitCounts, UnitQuery };

/** One pass over a layer's stored elements (after pruning and sharing) for what is asked of its units. */
export async function countUnits(
  layer: Layer,
  query: UnitQuery,
  elements: RawPass,
  signal: AbortSignal,
): Promise<UnitCounts> {
  const { map } = formOf(layer);
  const counts = emptyUnitCounts(layer.rows, query);
  const { dtype } = layer.weight;
  let room = valuesFor(dtype, 0);
  for await (const { first, count, bytes } of elements(signal)) {
    signal.throwIfAborted();
    if (room.length < count) room = valuesFor(dtype, count);
    const values = room.subarray(0, count);
    decode(dtype, bytes, values);
    addUnitCounts(counts, map, query, values, first);
  }
  return counts;
}

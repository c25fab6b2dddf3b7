import { forEachRun } from '../kernels/axes.ts';
import { findKeptBy, hasBit, type Mask } from '../kernels/mask.ts';
import type { LostSquares } from '../kernels/rowGroups.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import { scratchFor, type Sweep } from './sweeps.ts';

/** The layer as a mask leaves it: every weight that it does not keep reads as 0. */
export function keptAlone(mask: Mask, sweep: Sweep): Sweep {
  return (...takers) =>
    sweep((values, first) => {
      const positions = scratchFor(values.length);
      const count = findKeptBy(mask, values, first, positions);
      const kept = values.slice().fill(0);
      for (let i = 0; i < count; i += 1) kept[positions[i]!] = values[positions[i]!]!;
      for (const take of takers) take(kept, first);
    });
}

/** Squares of the finite weights whose bit is not set, and their sum with a factor for each row. */
export async function hiddenSquares(
  layer: Pick<Layer, 'view' | 'weight'>,
  bits: Uint32Array,
  factors: Float64Array,
  sweep: Sweep,
): Promise<LostSquares> {
  const { map } = formOf(layer);
  let plain = 0;
  let byRow = 0;
  await sweep((values, first) => {
    forEachRun(map, first, values.length, (start, length, row, _col, rowStep) => {
      for (let i = 0; i < length; i += 1) {
        const value = values[start + i]!;
        if (hasBit(bits, first + start + i) || !Number.isFinite(value)) continue;
        plain += value * value;
        byRow += factors[row + i * rowStep]! * value * value;
      }
    });
  });
  return { plain, byRow };
}

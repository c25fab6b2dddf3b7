import { forEachRun, type AxisMap } from './axes.ts';
import { hasBit, type Mask } from './mask.ts';

/** Which rows and columns of the view hold a kept weight. */
export interface LiveUnits {
  readonly rows: Uint8Array;
  readonly cols: Uint8Array;
  liveRows: number;
  liveCols: number;
}

export const emptyLive = (rows: number, cols: number): LiveUnits => ({
  rows: new Uint8Array(rows),
  cols: new Uint8Array(cols),
  liveRows: 0,
  liveCols: 0,
});

/** Takes in the elements first .. first + values.length - 1. */
export function addLive(
  into: LiveUnits,
  map: AxisMap,
  mask: Mask,
  values: Float32Array | Float64Array,
  first: number,
): void {
  const { rows, cols } = into;
  const bits = mask.kind === 'bits' ? mask.bits : null;
  const { least, most } = mask.kind === 'range' ? mask.range : { least: 0, most: 0 };
  forEachRun(map, first, values.length, (start, length, row, col, rowStep, colStep) => {
    // Most layers have every column alive after a few rows: then one kept weight settles a row.
    const settled = (): boolean =>
      (into.liveRows === rows.length || (rowStep === 0 && rows[row] === 1)) &&
      (into.liveCols === cols.length || (colStep === 0 && cols[col] === 1));
    if (settled()) return;
    for (let i = 0; i < length; i += 1) {
      if (bits === null) {
        const magnitude = Math.abs(values[start + i]!);
        if (!(magnitude >= least && magnitude <= most)) continue;
      } else if (!hasBit(bits, first + start + i)) continue;
      const r = row + i * rowStep;
      const c = col + i * colStep;
      if (rows[r] === 1 && cols[c] === 1) continue;
      into.liveRows += 1 - rows[r]!;
      into.liveCols += 1 - cols[c]!;
      rows[r] = 1;
      cols[c] = 1;
      if (settled()) return;
    }
  });
}

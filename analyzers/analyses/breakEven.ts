import { denseBatch, denseVector, panel, sparseBatch, sparseVector, type Batch } from '../kernels/gemv.ts';
import { mulberry32 } from '../kernels/mulberry32.ts';
import { drawRows } from '../kernels/syntheticRows.ts';
import type { BreakEvenBatch, BreakEvenPoint } from '../report/breakEven.ts';
import { timed, type TimingOptions } from './timing.ts';

/**
 * The largest product that is timed: rows are left out beyond, as all cost the same. Runs of some milliseconds are
 * seldom interrupted by what else the machine does.
 */
const largest = { weights: 2 ** 22, macs: 2 ** 23, cols: 2 ** 16, leastRows: 8 } as const;

/** Between these densities the break-even is looked for, until two are within this factor of each other. */
const search = { from: 1 / 512, to: 1, factor: 1.12 } as const;

export interface BreakEvenOptions extends TimingOptions {
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
}

/** How fast dense and sparse are at a density. */
export type Race = (density: number) => Promise<BreakEvenPoint>;

/** Rows and columns that are measured of a layer. */
export function measuredSize(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  batch: number,
): { readonly rows: number; readonly cols: number } {
  const width = Math.min(cols, largest.cols);
  const most = Math.min(largest.weights, largest.macs / batch) / width;
  return { rows: Math.min(rows, Math.max(largest.leastRows, Math.floor(most))), cols: width };
}

/**
 * Where sparse overtakes dense for one batch size, with random non-zeros of the layer's shape: measured by bisection
 * on the logarithm of the density. `density`: of the layer itself, measured too.
 */
export async function breakEvenOf(
  layer: { readonly rows: number; readonly cols: number },
  batch: BreakEvenBatch['batch'],
  density: number | null,
  options: BreakEvenOptions,
): Promise<BreakEvenBatch> {
  const size = measuredSize(layer, batch);
  const race = raceOf(size, batch, options);
  const found = await bisect(race, options.progress);
  const here = density === null || density === 0 ? null : await race(density);
  options.progress(1);
  return { batch, ...size, ...found, here };
}

/** Sparse wins at low densities and loses at high ones, if it does either at all. */
export async function bisect(
  race: Race,
  progress: (share: number) => void,
): Promise<Pick<BreakEvenBatch, 'density' | 'outcome' | 'points'>> {
  const steps = 2 + Math.ceil(Math.log2(Math.log(search.to / search.from) / Math.log(search.factor)));
  const points: BreakEvenPoint[] = [];
  const at = async (density: number): Promise<BreakEvenPoint> => {
    const point = await race(density);
    points.push(point);
    progress(Math.min(1, points.length / (steps + 1)));
    return point;
  };
  const ended = (
    outcome: BreakEvenBatch['outcome'],
    density: number | null,
  ): Pick<BreakEvenBatch, 'density' | 'outcome' | 'points'> => ({
    outcome,
    density,
    points: points.toSorted((a, b) => a.density - b.density),
  });
  let wins = await at(search.from);
  if (wins.speedup <= 1) return ended('never', null);
  let loses = await at(search.to);
  if (loses.speedup > 1) return ended('always', null);
  while (loses.density / wins.density > search.factor) {
    const middle = await at(Math.sqrt(wins.density * loses.density));
    if (middle.speedup > 1) wins = middle;
    else loses = middle;
  }
  // Between the two the logarithm of the speed-up is taken as a straight line.
  const above = Math.log(wins.speedup);
  const share = above / (above - Math.log(loses.speedup));
  return ended('between', wins.density * (loses.density / wins.density) ** share);
}

function raceOf(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  batch: number,
  options: TimingOptions,
): Race {
  const random = mulberry32(1);
  const dense = { rows, cols, values: Float32Array.from({ length: rows * cols }, () => random() - 0.5) };
  // At density 1 as many entries as weights: the same numbers serve as values of the entries.
  const starts = new Uint32Array(rows + 1);
  const columns = new Uint32Array(rows * cols);
  const sparse = { rows, cols, starts, columns, values: dense.values.slice() };
  const vectors: Batch = {
    batch,
    x: Float64Array.from({ length: cols * batch }, () => random()),
    y: new Float64Array(rows * batch),
  };
  const [byDense, bySparse] =
    batch % panel === 0 ? ([denseBatch, sparseBatch] as const) : ([denseVector, sparseVector] as const);
  return async (density) => {
    drawRows(sparse, density, 1);
    const [denseTime, sparseTime] = await timed(
      [() => byDense(dense, vectors), () => bySparse(sparse, vectors)],
      options,
    );
    return {
      density,
      dense: denseTime!,
      sparse: sparseTime!,
      speedup: denseTime!.minMs / Math.max(sparseTime!.minMs, Number.EPSILON),
    };
  };
}

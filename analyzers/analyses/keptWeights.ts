import { addDistinct, emptyDistinct, type DistinctValues } from '../kernels/distinct.ts';
import {
  addInterleaved,
  emptyInterleaved,
  type InterleavedCounts,
  type Interleaving,
} from '../kernels/interleaved.ts';
import { findKeptBy, type Mask } from '../kernels/mask.ts';
import { addNorms, emptyNorms, type Norms } from '../kernels/norms.ts';
import { addLive, emptyLive } from '../kernels/liveUnits.ts';
import { addGaps, emptyGaps, gapCounts, type GapCounts } from '../kernels/relativeIndex.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import { emptyHeld, hold, visitHeld, type HeldValues } from './heldValues.ts';
import type { Masked } from './mask.ts';
import { scratchFor, type Sweep, type Taker } from './sweeps.ts';

/** Distinct kept values that are counted one by one; layers with more are bucketed. */
const distinctCap = 1 << 16;

/** What one pass tells about the weights that a mask keeps. */
export interface KeptWeights {
  readonly mask: Mask;
  readonly kept: number;
  readonly ties: number;
  readonly deadRows: number;
  readonly deadCols: number;
  readonly gaps: GapCounts;
  /** Of the kept weights, and of the other finite ones. */
  readonly energy: Readonly<Norms>;
  /** Null when the values were not asked for. */
  readonly distinct: DistinctValues | null;
  readonly held: HeldValues;
  /** Null when they were not asked for. */
  readonly slices: InterleavedCounts | null;
}

/** `forCodebook`: the values themselves are wanted too. `interleaving`: and entries by PE and column. */
export async function surveyKept(
  layer: Pick<Layer, 'rows' | 'cols' | 'view' | 'weight'>,
  { mask, threshold, ties: known }: Pick<Masked, 'mask' | 'threshold' | 'ties'>,
  forCodebook: boolean,
  sweep: Sweep,
  interleaving: Interleaving | null = null,
): Promise<KeptWeights> {
  const least = mask.kind === 'range' ? mask.range.least : Infinity;
  const { map } = formOf(layer);
  const live = emptyLive(layer.rows, layer.cols);
  const gaps = emptyGaps();
  const distinct = forCodebook ? emptyDistinct(distinctCap) : null;
  const held = emptyHeld();
  const energy = emptyNorms();
  const slices = interleaving === null ? null : emptyInterleaved(interleaving);
  let kept = 0;
  let ties = 0;
  await sweep(
    eachKept(mask, (values, positions, count, first) => {
      kept += count;
      addGaps(gaps, positions, count, first);
      if (slices !== null) addInterleaved(slices, map, positions, count, first, values.length);
      if (distinct !== null) {
        addDistinct(distinct, values, positions, count);
        hold(held, values, positions, count);
      }
      ties += countTies(values, positions, count, least);
    }),
    (values, first) => {
      addLive(live, map, mask, values, first);
      addNorms(energy, mask, values, first);
    },
  );
  return {
    mask,
    kept,
    ties: known ?? (threshold === null || threshold === 0 ? 0 : ties),
    deadRows: layer.rows - live.liveRows,
    deadCols: layer.cols - live.liveCols,
    gaps: gapCounts(gaps),
    energy,
    distinct,
    held,
    slices,
  };
}

/** A taker that finds the kept values of each chunk; `positions` are indices into the chunk. */
function eachKept(
  mask: Mask,
  visit: (values: Float32Array | Float64Array, positions: Uint32Array, count: number, first: number) => void,
): Taker {
  return (values, first) => {
    const positions = scratchFor(values.length);
    visit(values, positions, findKeptBy(mask, values, first, positions), first);
  };
}

/** How many of the values at positions[0 .. count) have exactly this magnitude. */
function countTies(
  values: Float32Array | Float64Array,
  positions: Uint32Array,
  count: number,
  magnitude: number,
): number {
  let ties = 0;
  for (let i = 0; i < count; i += 1) if (Math.abs(values[positions[i]!]!) === magnitude) ties += 1;
  return ties;
}

/** Takes some kept weights: values[positions[i]] for i < count. */
export type KeptVisit = (values: Float32Array | Float64Array, positions: Uint32Array, count: number) => void;

/** Visits every kept weight once more: those that are held, or in another pass. */
export async function overKept({ mask, held }: KeptWeights, sweep: Sweep, visit: KeptVisit): Promise<void> {
  if (held.values === null) await sweep(eachKept(mask, visit));
  else visitHeld(held.values, held.count, visit);
}

/** Visits every kept weight in another pass, with its place: element first + positions[i]. */
export async function overPlaced(
  { mask }: KeptWeights,
  sweep: Sweep,
  visit: (...of: [...Parameters<KeptVisit>, first: number]) => void,
): Promise<void> {
  await sweep(eachKept(mask, visit));
}

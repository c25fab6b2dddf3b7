import { codeGroups, groupFinder } from '../kernels/codeGroups.ts';
import { lloyd } from '../kernels/lloyd.ts';
import { optimalCurve } from '../kernels/optimalCurve.ts';
import { groupsFor } from '../kernels/optimalCuts.ts';
import { meanOf } from '../kernels/points.ts';
import { rowGrid } from '../kernels/rowGrids.ts';
import { gridBits, type UniformMethod } from '../kernels/uniformGrid.ts';
import type { Layer } from '../model/layer.ts';
import { formOf } from '../model/view.ts';
import { bitsFor } from '../report/rules.ts';
import type { CodebookPoint, CodebookStudy } from '../report/studies.ts';
import { codebookEntryBits, gridOf } from './centroidGrid.ts';
import { sizer } from './choices.ts';
import { decibels } from './decibels.ts';
import { nearestTable, rateTables, tableOf, type CodeTable, type TableSearch } from './codeTable.ts';
import { wholeSet } from './keptSets.ts';
import { overPlaced, surveyKept, type KeptWeights } from './keptWeights.ts';
import type { Settled } from './settleLayer.ts';
import { unitOf } from './sharing.ts';
import type { Sweep } from './sweeps.ts';

/** The largest codebook of the curve. */
const mostValues = 256;
/** Bits at which `rate` is tried. */
const rateBits = [2, 3, 4, 5, 6, 7, 8] as const;
/** Rounds of Lloyd's algorithm after the dynamic programme: it cuts between fewer groups than there are weights. */
const polish = 30;
/** Bits of codes where the recipe shares nothing (Deep Compression's fully connected layers). */
const usualBits = 5;

const uniforms: readonly (readonly [UniformMethod, number])[] = [
  ['uniform-symmetric', 4],
  ['uniform-asymmetric', 4],
  ['uniform-symmetric', 8],
  ['uniform-asymmetric', 8],
  ['fp8-e4m3', 8],
  ['fp8-e5m2', 8],
];

export interface CodebookStudyOptions {
  readonly signal: AbortSignal;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** Lets other messages in between two steps. */
  readonly breathe: () => Promise<void>;
}

/**
 * What other codebooks would make of the weights that a settled layer keeps. Errors and sizes are those of the weights
 * themselves where they have at most 65,536 distinct values; of more, buckets of near values are counted whole, which
 * is within a millionth. Grids are charged as what they are, a scale (and a zero point) instead of a table; `current`
 * is the analysis's own figure. Where each channel has a scale of its own, codebooks are tried on real numbers. A layer that keeps nothing, or has NaN or infinities, has no points.
 */
export async function codebookStudy(
  settled: Settled,
  sweep: Sweep,
  { signal, progress, breathe }: CodebookStudyOptions,
): Promise<CodebookStudy> {
  const { layer, profile, steps, zeroReserved, rule } = settled;
  const current = currentOf(settled);
  const nothing = { optimal: [], rate: [], published: [], uniform: [], current };
  if (profile.nonFinite > 0 || settled.survey.kept === 0) return nothing;
  const survey =
    settled.survey.distinct === null ? await surveyKept(layer, settled.masked, true, sweep) : settled.survey;
  const unit = unitOf(layer, profile);
  const set = wholeSet(survey, sweep, unit);
  const reserved = zeroReserved ? 1 : 0;
  const { share } = rule;
  const bits = share.kind === 'none' ? usualBits : share.bits;
  const own = share.kind === 'none' || share.k === null ? 2 ** bits - reserved : share.k;
  const points = await set.points(groupsFor(Math.max(own, mostValues)));
  const search = (k: number): TableSearch => ({
    k,
    points,
    set: null,
    unit,
    grid: gridOf(layer, points, steps),
  });
  const describe = describer(settled, survey, unit);
  let done = 0;
  const all = mostValues + rateBits.length + 3 + uniforms.length;
  const step = async (): Promise<void> => {
    await breathe();
    signal.throwIfAborted();
    done = Math.min(all, done + 1);
    progress(done / (all + 1));
  };

  const optimal: CodebookPoint[] = [];
  for (const cuts of optimalCurve(points, mostValues)) {
    const k = cuts.length - 1;
    const means = Float64Array.from({ length: k }, (_, i) => meanOf(points, cuts[i]!, cuts[i + 1]!));
    const table =
      k === own
        ? await tableOf('optimal', search(k))
        : await nearestTable(lloyd(points, means, polish).centroids, search(k));
    optimal.push(describe('optimal', bitsFor(k + reserved), table));
    if (k % 8 === 0) await step();
  }

  const rate: CodebookPoint[] = [];
  for (const width of rateBits) {
    await step();
    const made = await rateTables(search(2 ** width - reserved), {
      codeBits: codebookEntryBits(layer) + width + 5,
      quick: false,
      zeros: () => settled.sizes.encode.entries - survey.kept,
    });
    const linear = made[0]!;
    const told = made
      .filter(({ error }) => error <= linear.error)
      .map((table) => describe('rate', width, { ...table, empty: 0 }));
    rate.push(told.reduce((best, point) => (point.codedBits < best.codedBits ? point : best)));
  }

  const published: CodebookPoint[] = [];
  for (const method of ['linear', 'density', 'forgy'] as const) {
    await step();
    published.push(describe(method, bits, await tableOf(method, search(own))));
  }

  const uniform: CodebookPoint[] = [];
  for (const [method, width] of uniforms) {
    await step();
    const table = await tableOf(method, { ...search(2 ** width - reserved), set });
    uniform.push(describe(method, width, table, gridBits(method, width)));
  }
  uniform.push(...(await byRow(layer, survey, sweep, search(own), describe)));
  progress(1);
  return { optimal, rate, published, uniform, current };
}

type Describe = (
  method: CodebookPoint['method'],
  bits: number,
  table: Pick<CodeTable, 'counts' | 'error' | 'empty'>,
  tableBits?: number,
  per?: CodebookPoint['per'],
) => CodebookPoint;

/** Tells a table; without `tableBits`, its centroids are charged as they are stored. */
function describer(settled: Settled, survey: KeptWeights, unit: number): Describe {
  const { layer, head, rule } = settled;
  const entryBits = codebookEntryBits(layer);
  const size = sizer(layer, head.weights, survey, rule.index);
  return (method, bits, { counts, error, empty }, tableBits = counts.length * entryBits, per = 'layer') => {
    const square = error * unit * unit;
    return {
      method,
      k: counts.length,
      bits,
      mse: Math.min(square / survey.kept, Number.MAX_VALUE),
      sqnrDb: decibels(survey.energy.kept, square),
      codedBits: size({ bits, counts }) - counts.length * entryBits + tableBits,
      empty,
      per,
    };
  };
}

/** Grids with a scale for each row, in two passes. */
async function byRow(
  layer: Layer,
  survey: KeptWeights,
  sweep: Sweep,
  { grid, unit }: Pick<TableSearch, 'grid' | 'unit'>,
  describe: Describe,
): Promise<CodebookPoint[]> {
  const round = (value: number): number => grid.round(value * unit) / unit;
  const find = groupFinder(codeGroups('rows', 1, formOf(layer).map, layer));
  const ranges = { low: new Float64Array(layer.rows), high: new Float64Array(layer.rows) };
  await overPlaced(survey, sweep, (values, positions, count, first) => {
    for (let i = 0; i < count; i += 1) {
      const value = values[positions[i]!]! / unit;
      const row = find(first + positions[i]!);
      if (value < ranges.low[row]!) ranges.low[row] = value;
      if (value > ranges.high[row]!) ranges.high[row] = value;
    }
  });
  const grids = uniforms.map(([method, bits]) => rowGrid(method, bits, ranges, round));
  await overPlaced(survey, sweep, (values, positions, count, first) => {
    for (let i = 0; i < count; i += 1) {
      const value = values[positions[i]!]! / unit;
      const row = find(first + positions[i]!);
      for (const each of grids) each.take(value, row);
    }
  });
  return uniforms.map(([method, bits], at) => {
    const { counts, error } = grids[at]!;
    const used = counts.filter((count) => count > 0);
    const table = { counts: used, error: error(), empty: 0 };
    return { ...describe(method, bits, table, layer.rows * gridBits(method, bits), 'row') };
  });
}

function currentOf({ layer, rule, survey, codebook, sizes }: Settled): CodebookPoint | null {
  const { share } = rule;
  if (codebook === null || share.kind === 'none') return null;
  const { error, counts, empty } = codebook;
  const { per } = share;
  return {
    method: share.method,
    k: counts.length,
    bits: share.bits,
    mse: survey.kept === 0 ? 0 : Math.min(error / survey.kept, Number.MAX_VALUE),
    sqnrDb: decibels(survey.energy.kept, error),
    codedBits: sizes.encode.bits.coded,
    empty,
    per:
      per.kind === 'layer'
        ? 'layer'
        : per.kind === 'rows' && Math.min(per.size, layer.rows) === 1
          ? 'row'
          : 'group',
  };
}

import { groupHeadBits } from '../kernels/codeGroups.ts';
import { gridCodeBits, isWide } from '../kernels/gridCode.ts';
import { lloyd } from '../kernels/lloyd.ts';
import { optimalCurve } from '../kernels/optimalCurve.ts';
import { groupsFor } from '../kernels/optimalCuts.ts';
import { meanOf } from '../kernels/points.ts';
import { levelsOf, type UniformMethod } from '../kernels/uniformGrid.ts';
import { bitsFor } from '../report/rules.ts';
import type { CodebookPoint, CodebookStudy } from '../report/studies.ts';
import { codebookEntryBits, gridOf } from './centroidGrid.ts';
import { sizer } from './choices.ts';
import { decibels } from './decibels.ts';
import { nearestTable, rateTables, tableOf, type CodeTable, type TableSearch } from './codeTable.ts';
import { groupSets, wholeSet } from './keptSets.ts';
import { surveyKept, type KeptWeights } from './keptWeights.ts';
import type { Settled } from './settleLayer.ts';
import { gridCodeOf } from './shareSteps.ts';
import { perRow, unitOf } from './sharing.ts';
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
 * is within a millionth. Grids are charged as they are written, a scale (and a zero point) instead of a table; `current`
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
    wide: isWide(layer.weight.dtype),
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
    uniform.push(
      describe(method, width, table, gridTable(settled, unit, method, width, 1, table.counts.length)),
    );
  }
  uniform.push(...(await byRow(settled, survey, sweep, unit, step, describe)));
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

/** Bits of the grids of so many groups as the analysis writes them: as scales, or where these cannot tell, as tables. */
function gridTable(
  { layer, steps, zeroReserved }: Settled,
  unit: number,
  method: UniformMethod,
  bits: number,
  groups: number,
  centroids: number,
): number {
  const levels = levelsOf(method, 2 ** bits - (zeroReserved ? 1 : 0));
  const code = gridCodeOf(layer, method, levels, unit, steps);
  if (code !== null) return gridCodeBits(code, bits, groups);
  return centroids * codebookEntryBits(layer) + (groups > 1 ? groups * groupHeadBits(bits) : 0);
}

/** Rows between which other messages are let in. */
const rowsAtOnce = 256;

/** Grids with a scale for each row, but those of more rows than a recipe may have groups. */
async function byRow(
  settled: Settled,
  survey: KeptWeights,
  sweep: Sweep,
  unit: number,
  step: () => Promise<void>,
  describe: Describe,
): Promise<CodebookPoint[]> {
  const { layer, steps, zeroReserved } = settled;
  const tried = uniforms.flatMap(([method, bits]) => {
    const k = 2 ** bits - (zeroReserved ? 1 : 0);
    const groups = perRow(layer, k);
    const counts = new Float64Array(levelsOf(method, k));
    return groups === null ? [] : [{ method, bits, k, groups, counts, error: 0, centroids: 0 }];
  });
  const [first] = tried;
  if (first === undefined) return [];
  let row = 0;
  for await (const set of groupSets(survey, sweep, first.groups, unit)) {
    row += 1;
    if (row % rowsAtOnce === 0) await step();
    if (set.kept === 0) continue;
    const points = await set.points(groupsFor(mostValues));
    const common = {
      points,
      set,
      unit,
      grid: gridOf(layer, points, steps),
      wide: isWide(layer.weight.dtype),
    };
    for (const one of tried) {
      const { counts, error, centroids, drawn } = await tableOf(one.method, { ...common, k: one.k });
      for (const [place, count] of counts.entries()) one.counts[drawn!.levels[place]!]! += count;
      one.error += error;
      one.centroids += centroids.length;
    }
  }
  return tried.map(({ method, bits, groups, counts, error, centroids }) => {
    const table = { counts: counts.filter((count) => count > 0), error, empty: 0 };
    const tableBits = gridTable(settled, unit, method, bits, groups.count, centroids);
    return describe(method, bits, table, tableBits, 'row');
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

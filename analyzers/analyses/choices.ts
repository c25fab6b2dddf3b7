import { addCoarse, emptyCoarse } from '../kernels/buckets.ts';
import { addDistinct, emptyDistinct } from '../kernels/distinct.ts';
import { findKept, keptRange } from '../kernels/kept.ts';
import { findKeptBy, type Mask } from '../kernels/mask.ts';
import { addGaps, emptyGaps, gapCounts, type GapCounts } from '../kernels/relativeIndex.ts';
import { roundIntervals } from '../kernels/round.ts';
import { midpoints } from '../kernels/assign.ts';
import {
  addRowGroups,
  addRowSquares,
  emptyRowGroups,
  gradedGroups,
  keptGroups,
  likeRowGroups,
  lostBeside,
  pointsOfGroups,
  rowFactors,
  sharedError,
  total,
  type GradedGroups,
  type LostSquares,
} from '../kernels/rowGroups.ts';
import type { QuantisationSteps } from '../kernels/dequantise.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import { formOf } from '../model/view.ts';
import type { IndexRule } from '../report/recipe.ts';
import { codebookEntryBits, gridOf } from './centroidGrid.ts';
import { centroidsBy, type NearestMethod } from './codeTable.ts';
import {
  chosenWidth,
  codedTotal,
  denseForm,
  relativeForms,
  widthsOf,
  type CodeInput,
  type Width,
} from './forms.ts';
import { scratchFor, type Sweep, type Taker } from './sweeps.ts';

/** Distinct values that are told apart; layers with more are put into about so many buckets. */
const distinctCap = 1 << 16;
const bucketsWanted = 1 << 12;

/** A layer in so few numbers that every mask and every codebook can be tried on them. */
export interface Choices {
  readonly layer: Layer;
  readonly weights: number;
  readonly groups: GradedGroups;
  readonly steps: QuantisationSteps | null;
  /** In the order in which they were asked for. */
  readonly masks: readonly MaskChoice[];
}

/** What one mask keeps. */
export interface MaskChoice {
  readonly kept: number;
  readonly gaps: GapCounts;
  readonly groups: GradedGroups;
  /** Of the weights that it does not keep: squares, and their part of the mean relative error of rows. */
  readonly lost: LostSquares;
}

/** Figures of one choice of mask and bits. */
export interface ChoiceFigures {
  readonly codedBits: number;
  /** Mean over output rows of ||w - w'||^2 / ||w||^2. */
  readonly distortion: number;
  /** Sum of squares of all weights, of the kept ones, and of the error. */
  readonly energy: { readonly all: number; readonly kept: number; readonly noise: number };
}

/** What a first pass gathers for surveyChoices: it needs no threshold, so others can be found in the same pass. */
export function firstTaker(layer: Layer): { take: Taker; done: () => FirstLook } {
  const { map } = formOf(layer);
  const squares = new Float64Array(layer.rows);
  const distinct = emptyDistinct(distinctCap);
  const coarse = emptyCoarse();
  const all = keptRange(null);
  return {
    take(values, first) {
      addRowSquares(squares, map, values, first);
      const positions = scratchFor(values.length);
      const count = findKept(values, all, positions);
      addDistinct(distinct, values, positions, count);
      addCoarse(coarse, values, positions, count);
    },
    done: () => ({ factors: rowFactors(squares), distinct, coarse }),
  };
}

/** What the first pass tells: the factor of each row, and which values there are. */
export interface FirstLook {
  readonly factors: Float64Array;
  readonly distinct: ReturnType<typeof emptyDistinct>;
  readonly coarse: ReturnType<typeof emptyCoarse>;
}

/** One pass: the groups, and what each mask keeps of them with the gaps that it leaves. */
export async function surveyChoices(
  layer: Layer,
  { factors, distinct, coarse }: FirstLook,
  masks: readonly Mask[],
  steps: QuantisationSteps | null,
  sweep: Sweep,
): Promise<Choices> {
  const { map } = formOf(layer);
  const into = emptyRowGroups(distinct, coarse, bucketsWanted);
  const each = masks.map((mask) => ({
    mask,
    gaps: emptyGaps(),
    kept: 0,
    // A range of magnitudes can be cut out of all groups; any other mask has its own.
    own: mask.kind === 'bits' ? likeRowGroups(into) : null,
  }));
  await sweep((values, first) => {
    addRowGroups(into, map, factors, values, first);
    const positions = scratchFor(values.length);
    for (const one of each) {
      const count = findKeptBy(one.mask, values, first, positions);
      addGaps(one.gaps, positions, count, first);
      one.kept += count;
      if (one.own !== null && one.mask.kind === 'bits')
        addRowGroups(one.own, map, factors, values, first, one.mask.bits);
    }
  });
  const groups = gradedGroups(into);
  return {
    layer,
    weights: elementsOf(layer.weight.shape),
    groups,
    steps,
    masks: each.map(({ mask, gaps, kept, own }) => {
      const common = { kept, gaps: gapCounts(gaps) };
      if (mask.kind === 'range') {
        const cut = keptGroups(groups, mask.range.least);
        return { ...common, groups: cut.kept, lost: cut.lost };
      }
      const graded = gradedGroups(own!);
      return { ...common, groups: graded, lost: lostBeside(groups, graded) };
    }),
  };
}

/**
 * The figures of every number of bits (null: values as stored) at one mask; `named` says how many values those have
 * whose rule names it. Coded bits are those that the analysis
 * tells: its very streams, with codes counted on groups where the layer has too many distinct values.
 */
export function figuresAt(
  { layer, weights, groups, steps }: Choices,
  mask: MaskChoice,
  bits: readonly (number | null)[],
  method: NearestMethod,
  index: IndexRule,
  named: ReadonlyMap<number, number> = new Map(),
): ChoiceFigures[] {
  const all = total(groups.plain[2]);
  const kept = total(mask.groups.plain[2]);
  const points = pointsOfGroups(mask.groups);
  const grid = gridOf(layer, points, steps);
  const size = sizer(layer, weights, mask, index);
  return bits.map((width) => {
    if (width === null || mask.kept === 0)
      return {
        codedBits: size(width === null ? null : { bits: width, counts: [] }),
        distortion: mask.lost.byRow,
        energy: { all, kept, noise: mask.lost.plain },
      };
    const k = named.get(width) ?? 2 ** width - (mask.kept < weights ? 1 : 0);
    const found = points.exact && points.values.length <= k ? points.values : centroidsBy(method, points, k);
    const { centroids, borders } = roundIntervals(found, midpoints(found), grid);
    const { counts, plain, byRow } = sharedError(mask.groups, centroids, borders);
    return {
      codedBits: size({ bits: width, counts: counts.filter((count) => count > 0) }),
      distortion: mask.lost.byRow + byRow,
      energy: { all, kept, noise: mask.lost.plain + plain },
    };
  });
}

/** Coded bits (encode.bits.coded) of one mask by its codes; the index streams are counted once. */
export function sizer(
  layer: Layer,
  weights: number,
  { kept, gaps }: Pick<MaskChoice, 'kept' | 'gaps'>,
  index: IndexRule,
): (share: { readonly bits: number; readonly counts: ArrayLike<number> } | null) => number {
  const entryBits = codebookEntryBits(layer);
  const common = { weights, kept, valueBits: dtypeBits[layer.weight.dtype] };
  let widths: Width[] = [];
  if (index.kind !== 'none') {
    const every = widthsOf(gaps, kept);
    widths = index.kind === 'best' ? every : [every[index.bits - 1]!];
  }
  return (share) => {
    const input: CodeInput = {
      ...common,
      share: share === null ? null : { ...share, entryBits },
    };
    const dense = codedTotal(denseForm(input));
    const relative =
      widths.length === 0
        ? Infinity
        : codedTotal(chosenWidth(widths, relativeForms(input, widths), { kind: 'best' }).form);
    return Math.min(dense, relative) + (share === null ? 0 : share.counts.length * entryBits);
  };
}

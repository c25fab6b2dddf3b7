import type { LayerCurves } from './curves.ts';

/** How density and bits of each layer were chosen to meet a budget. Sizes are bytes of the coded weights. */
export interface BudgetResult {
  /** 'bytes=90000', 'factor=30' */
  readonly target: string;
  readonly targetBytes: number;
  /** What the layers take with the choice: never more than the target. */
  readonly codedBytes: number;
  readonly gapBytes: number;
  /** The largest step between neighbouring choices of one layer: a gap below it can be met by no other single step. */
  readonly largestJumpBytes: number;
  /** Estimated from the curves: the least that the choices take, and what they take where no layer loses less. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** What was kept small: the sum over layers of the data-free distortion (docs/report-schema.md). Not accuracy. */
  readonly distortion: number;
  readonly distortionBasis: 'data-free';
  /** Distortion per byte at which the layers were traded; null when the target needed no trade. */
  readonly multiplier: number | null;
  readonly choices: readonly BudgetChoice[];
}

export interface BudgetChoice {
  /** LayerReport.index */
  readonly layer: number;
  readonly name: string;
  readonly density: number | null;
  readonly bits: number | null;
  readonly codedBytes: number;
  readonly distortion: number;
  /** What the recipe held to, and why not the next smaller or larger choice that a price can reach, in words. */
  readonly why: string;
}

/** As much of a budget as whoever writes the file tells. */
export type BudgetSpent = Pick<BudgetResult, 'target' | 'targetBytes' | 'codedBytes'>;

/** One layer as a budget sees it while it is solved. */
export interface BudgetOffer extends Pick<LayerCurves, 'mask' | 'points'> {
  /** LayerReport.index */
  readonly layer: number;
  readonly name: string;
  /** By point: the coded bits of the layer as it was encoded with that choice; null where it was not. */
  readonly encoded: readonly (number | null)[];
  /** The codebooks that were tried, and the recipe's rule where it asks for others; null where it asks for these. */
  readonly tried: { readonly method: string; readonly instead: string } | null;
}

/** Choices that one layer is asked for beside those it has. */
export interface CurveGrid {
  readonly densities: readonly number[];
  /** Null: values as stored. */
  readonly bits: readonly (number | null)[];
}

export interface FinerGrid extends CurveGrid {
  /** Place of the layer among those of the job. */
  readonly at: number;
}

/** What is known on the way to a budget. */
export interface BudgetJob {
  readonly layers: readonly BudgetOffer[];
  /** The points that were chosen last, by layer; null before. */
  readonly places: readonly number[] | null;
  /** The distortion of each plan that was refined by more choices. */
  readonly refined: readonly number[];
  readonly target: { readonly text: string; readonly bytes: number };
}

/** What is to be done next. */
export type BudgetStep =
  /** More choices about the ones that the curves give so far. */
  | {
      readonly kind: 'refine';
      readonly places: readonly number[];
      readonly distortion: number;
      readonly grids: readonly FinerGrid[];
    }
  /** `chosen`: they are the choice, if they turn out to be within the target. */
  | { readonly kind: 'encode'; readonly places: readonly number[]; readonly chosen: boolean }
  | { readonly kind: 'done'; readonly result: BudgetResult }
  | { readonly kind: 'refused'; readonly leastBytes: number };

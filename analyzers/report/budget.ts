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
  /** The least and the most that the choices allow. */
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
  /** Why not the next smaller or larger choice, in words. */
  readonly why: string;
}

/** One layer as a budget sees it while it is solved. */
export interface BudgetOffer extends Pick<LayerCurves, 'mask' | 'points'> {
  /** LayerReport.index */
  readonly layer: number;
  readonly name: string;
  /** By point: the coded bits of the layer as it was encoded with that choice; null where it was not. */
  readonly encoded: readonly (number | null)[];
}

/** What is known on the way to a budget. */
export interface BudgetJob {
  readonly layers: readonly BudgetOffer[];
  /** The points that were chosen last, by layer; null before. */
  readonly places: readonly number[] | null;
  readonly target: { readonly text: string; readonly bytes: number };
}

/** What is to be done next. */
export type BudgetStep =
  /** `chosen`: they are the choice, if they turn out to be within the target. */
  | { readonly kind: 'encode'; readonly places: readonly number[]; readonly chosen: boolean }
  | { readonly kind: 'done'; readonly result: BudgetResult }
  | { readonly kind: 'refused'; readonly leastBytes: number };

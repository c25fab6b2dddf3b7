import type { LayerProfile } from './layerReport.ts';

/**
 * What every choice of density and bits would do to one layer: the rows of a table over which a budget is solved.
 * Coded bits are those that an analysis with that choice reports, or near to it; the choice is then analysed itself.
 */
export interface LayerCurves {
  /** None when the weights cannot be read. */
  readonly points: readonly CurvePoint[];
  readonly profile: LayerProfile | null;
  /** Whether the recipe leaves the density open, fixes a mask, or does not prune; `carried`: nothing can be changed. */
  readonly mask: 'open' | 'fixed' | 'none' | 'carried';
}

export interface CurvePoint {
  /** Null: the mask is that of the recipe's rule, as of `none`. */
  readonly density: number | null;
  /** Null: values as stored. */
  readonly bits: number | null;
  readonly codedBits: number;
  /** Mean over output rows of ||w - w'||^2 / ||w||^2. */
  readonly distortion: number;
}

/**
 * What every choice of density and bits would do to one layer: the rows of a table over which a budget is solved.
 * Coded bits are those that an analysis with that choice reports, or near to it; the choice is then analysed itself.
 */
export interface LayerCurves {
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  /** Null: not pruned. */
  readonly density: number | null;
  /** Null: values as stored. */
  readonly bits: number | null;
  readonly codedBits: number;
  /** Mean over output rows of ||w - w'||^2 / ||w||^2. */
  readonly distortion: number;
}

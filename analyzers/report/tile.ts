import type { LayerPrune } from './layerReport.ts';

/** A rectangle of a layer's rows x cols view, drawn as width x height cells. Half-open: [from, to). */
export interface TileWindow {
  readonly rows: readonly [number, number];
  readonly cols: readonly [number, number];
  readonly width: number;
  readonly height: number;
}

/**
 * What a picture counts as kept: weights of at least a magnitude, null for every non-zero; or those that a rule keeps
 * which needs no threshold over other layers.
 */
export type TileMask = number | null | { readonly prune: string; readonly batchNorm: 'as-stored' | 'folded' };

/** The mask of a report as a picture asks for it. */
export function tileMask(prune: LayerPrune | null): TileMask {
  if (prune === null) return null;
  const { rule, threshold, pattern, saliency } = prune;
  const batchNorm = saliency === 'folded-magnitude' ? 'folded' : 'as-stored';
  if (pattern !== null) return { prune: rule, batchNorm };
  if (threshold === null || batchNorm === 'as-stored') return threshold;
  return { prune: `threshold=${threshold.toString()}`, batchNorm };
}

/** One picture of a layer's weights at screen resolution: the only form in which a page ever sees them. */
export interface Tile {
  /** [height * width] share of kept weights in each cell, 0 to 1; row by row. */
  readonly density: Float32Array;
  /** [height], [width]: share of kept weights of each band of rows and columns within the window. */
  readonly rowDensity: Float32Array;
  readonly colDensity: Float32Array;
  /** The weights themselves, when every cell is a single weight and there are at most 4,096 of them. */
  readonly values: Float32Array | null;
}

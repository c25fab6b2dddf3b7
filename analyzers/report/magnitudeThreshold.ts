import type { LayerPrune } from './layerReport.ts';

/** The threshold on stored magnitudes, for charts of them; null for rules without one, or that rank by something else. */
export const magnitudeThreshold = (prune: LayerPrune | null): number | null =>
  prune === null || prune.saliency !== 'magnitude' ? null : prune.threshold;

import { keptRange } from '../kernels/kept.ts';
import type { Mask } from '../kernels/mask.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerContext } from '../report/context.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerProfile, PrunePattern } from '../report/layerReport.ts';
import type { LayerRule } from '../report/recipe.ts';
import type { Sweep } from './sweeps.ts';
import { thresholdOf } from './threshold.ts';

/** Which weights a rule keeps, and what it tells of them. */
export interface Masked {
  readonly mask: Mask;
  /** Weights of at least this saliency are kept; null for rules without a threshold. */
  readonly threshold: number | null;
  readonly pattern: PrunePattern | null;
  readonly saliency: 'magnitude' | 'folded-magnitude';
}

export async function maskOf(
  layer: Layer,
  rule: LayerRule,
  profile: LayerProfile,
  sweep: Sweep,
  _options: { readonly context?: LayerContext; readonly signal: AbortSignal },
): Promise<Masked> {
  const threshold = await thresholdOf(rule.prune, elementsOf(layer.weight.shape), profile, sweep);
  return {
    mask: { kind: 'range', range: keptRange(threshold) },
    threshold,
    pattern: null,
    saliency: 'magnitude',
  };
}

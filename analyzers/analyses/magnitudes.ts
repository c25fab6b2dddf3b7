import { addDoubleRanks, searchRank } from '../kernels/select.ts';
import type { Pass } from '../model/chunk.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import { layerRuleOf } from './layerRule.ts';
import { scoresOf, type MaskOptions } from './mask.ts';
import { profileCounter } from './profile.ts';
import type { AnalyzeOptions } from './settleLayer.ts';
import { sweepsOf } from './sweeps.ts';

/** One layer's part in a threshold over all layers. */
export interface MagnitudeCounts {
  /** [65536] by the next 16 bits; null when the layer has no rule over all layers. */
  readonly counts: Float64Array | null;
  /** Digits of 16 bits from the top that can differ from 0: 4, or 3 where all scores are singles. */
  readonly digits: number;
  readonly weights: number;
  readonly profile: LayerProfile;
}

/**
 * Counts the next 16 bits of the layer's scores, as doubles, that begin with `digits`: by adding the counts of several
 * layers and narrowing them (kernels/select.ts), the K-th largest score over all of them is found exactly in four
 * passes whatever their types.
 */
export async function magnitudesOf(
  layer: Layer,
  recipe: Recipe,
  pass: Pass,
  digits: readonly number[],
  options: MaskOptions & Pick<AnalyzeOptions, 'profile' | 'steps'>,
): Promise<MagnitudeCounts> {
  const weights = elementsOf(layer.weight.shape);
  const sweep = sweepsOf(pass, weights, 1, { signal: options.signal, progress: () => {} });
  let { profile } = options;
  if (profile === null) {
    const counter = profileCounter(layer);
    await sweep(counter.take);
    profile = counter.profile();
  }
  const steps = (await options.steps?.(options.signal)) ?? null;
  const rule = layerRuleOf(layer, recipe, profile, steps);
  if (rule.prune.kind !== 'global') return { counts: null, digits: 0, weights, profile };
  const scores = await scoresOf(layer, rule, sweep, options);
  const search = { ...searchRank(1), digits: [...digits] };
  let singles = true;
  await (scores ?? sweep)((values) => {
    singles &&= values instanceof Float32Array;
    addDoubleRanks(search, values);
  });
  return { counts: search.counts, digits: singles ? 3 : 4, weights, profile };
}

import type { QuantisationSteps } from '../kernels/dequantise.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { resolveRule } from '../report/rules.ts';
import { isCarried } from './shareSteps.ts';

/** What a recipe does to a layer; throws RecipeError when it means nothing. */
export function layerRuleOf(
  layer: Layer,
  recipe: Recipe,
  { zeros, nonFinite }: Pick<LayerProfile, 'zeros' | 'nonFinite'>,
  steps: QuantisationSteps | null = null,
): LayerRule {
  const rule = resolveRule(recipe, {
    name: layer.name,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    op: layer.op,
    first: layer.first,
    weights: elementsOf(layer.weight.shape),
    zeros,
  });
  return isCarried(layer, nonFinite, steps) ? carriedRule(rule) : rule;
}

/** NaN and infinities, say, have no place in an order of magnitudes or in a codebook: the layer stays as it is, bit for bit. */
const carriedRule = (rule: LayerRule): LayerRule => ({
  ...rule,
  prune: { kind: 'none' },
  share: { kind: 'none' },
  index: { kind: 'none' },
});

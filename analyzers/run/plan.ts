import type { Layer } from '../model/layer.ts';
import type { Recipe } from '../report/recipe.ts';
import { parseIndex, parsePrune, parseShare, resolveRule } from '../report/rules.ts';
import type { LayerReport } from '../report/layerReport.ts';
import { storedBytes } from './extents.ts';

/** Layers in the order in which they are dealt: the biggest first, so that no thread is left alone with one at the end. */
export const dealingOrder = (layers: readonly Layer[]): readonly Layer[] =>
  layers
    .map((layer) => ({ layer, bytes: storedBytes(layer.weight) }))
    .toSorted((a, b) => b.bytes - a.bytes || a.layer.index - b.layer.index)
    .map(({ layer }) => layer);

/** Throws RecipeError when a rule of the recipe means nothing, whether or not it applies to a layer. */
export function checkRecipe(recipe: Recipe): void {
  for (const { prune, share, index } of recipe.layers) {
    if (prune !== undefined) parsePrune(prune);
    if (share !== undefined) parseShare(share);
    if (index !== undefined) parseIndex(index);
  }
}

/** Whether a layer's report holds for another recipe too: its figures follow from the weights and the resolved rule. */
export function sameRule(report: LayerReport, before: Recipe, now: Recipe): boolean {
  const { profile } = report;
  if (profile === null || before.lossless !== now.lossless || before.runs !== now.runs) return false;
  const target = { ...report, zeros: profile.zeros };
  return JSON.stringify(resolveRule(before, target)) === JSON.stringify(resolveRule(now, target));
}

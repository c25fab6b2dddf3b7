import type { Layer } from '../model/layer.ts';
import { parseBudget } from '../report/budgetRule.ts';
import type { LayerContext } from '../report/context.ts';
import type { Recipe } from '../report/recipe.ts';
import { parsePrune, pruneText } from '../report/pruneRules.ts';
import { RecipeError } from '../report/recipeError.ts';
import { parseIndex, parseShare, resolveRule } from '../report/rules.ts';
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
  if (recipe.budget === null) return;
  parseBudget(recipe.budget);
  if (recipe.lossless)
    throw new RecipeError('a lossless recipe leaves a budget nothing to choose: leave one of them out');
}

/** Whether a layer's report holds for another recipe too: its figures follow from the weights and the resolved rule. */
export function sameRule(report: LayerReport, before: Asked, now: Asked): boolean {
  const { profile } = report;
  if (profile === null || before.recipe.lossless !== now.recipe.lossless) return false;
  if (before.recipe.runs !== now.recipe.runs) return false;
  const target = { ...report, zeros: profile.zeros };
  const [a, b] = [before, now].map(({ recipe, context }) => {
    const rule = resolveRule(recipe, target);
    return JSON.stringify([rule, context.globals[pruneText(rule.prune)] ?? null]);
  });
  return a === b;
}

/** What a layer was asked for with. */
export interface Asked {
  readonly recipe: Recipe;
  readonly context: LayerContext;
}

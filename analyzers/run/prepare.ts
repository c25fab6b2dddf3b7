import type { Layer } from '../model/layer.ts';
import type { BudgetResult } from '../report/budget.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Dealer } from './dealer.ts';
import { globalThresholds } from './globalThresholds.ts';
import { solveBudget } from './solveBudget.ts';

/** A recipe in which every layer's rule stands by itself. */
export interface Prepared {
  /** Without a budget: what it came to are rules of single layers. */
  readonly recipe: Recipe;
  readonly context: LayerContext;
  readonly budget: BudgetResult | null;
  /** Layers that were settled on the way, by index. */
  readonly reports: ReadonlyMap<number, LayerReport>;
}

export interface PrepareOptions {
  readonly layers: readonly Layer[];
  readonly dealer: Dealer;
  /** What earlier runs found, by layer index. */
  readonly profileOf: (layer: number) => LayerProfile | null;
  readonly signal: AbortSignal;
  readonly progress: (done: number, of: number) => void;
}

/** What has to be known of all layers before one of them is settled: thresholds over all of them, and the choice for a budget. */
export async function prepare(recipe: Recipe, options: PrepareOptions): Promise<Prepared> {
  if (recipe.budget !== null) return solveBudget(recipe, recipe.budget, options);
  const globals = await globalThresholds(recipe, options);
  return { recipe, context: { globals }, budget: null, reports: new Map() };
}

import type { LayerOp } from '../model/layer.ts';
import { budgetRuleText, parseBudget } from './budgetRule.ts';
import { exactly } from './glob.ts';
import { presets } from './presets.ts';
import type { Recipe, RecipeRule } from './recipe.ts';
import { parsePrune, pruneText } from './pruneRules.ts';
import { indexText, parseIndex, parseShare, shareText } from './rules.ts';

/** What a slider or an option sets, in the strings of recipe rules. */
export interface RuleKeys {
  readonly prune?: string;
  readonly share?: string;
  readonly index?: string;
}

const keys = ['prune', 'share', 'index'] as const;

/** How many of the recipe's first rules are its preset's own; all that follow are the user's. */
export function presetRules(recipe: Recipe): number {
  const own = presets[recipe.preset].layers;
  return own.every((rule, i) => sameRule(rule, recipe.layers[i])) ? own.length : 0;
}

/** The recipe with options that hold for every layer: after the preset's rules, before those of a file and of sliders. */
export function withOptions(
  recipe: Recipe,
  options: RuleKeys & { readonly lossless?: boolean; readonly budget?: string },
): Recipe {
  const set = checked(options);
  const at = presetRules(recipe);
  const rule = Object.keys(set).length > 0 ? [{ match: '*', ...set }] : [];
  return {
    ...recipe,
    lossless: options.lossless ?? recipe.lossless,
    budget: options.budget === undefined ? recipe.budget : budgetRuleText(parseBudget(options.budget)),
    layers: [...recipe.layers.slice(0, at), ...rule, ...recipe.layers.slice(at)],
  };
}

/** Sets keys for one layer by its name. Stays an ordinary rule, so that saving the recipe loses nothing. */
export const setLayerRule = (recipe: Recipe, layerName: string, set: RuleKeys): Recipe =>
  append(recipe, { match: exactly(layerName) }, set);

/** Sets keys for every layer of an op, whatever was set for one of them before. */
export const setOpRule = (recipe: Recipe, op: LayerOp, set: RuleKeys): Recipe =>
  append(recipe, { match: '*', op }, set);

/** Takes back what was set for this layer by its name alone; rules for its op and for all layers stay. */
export const resetLayer = (recipe: Recipe, layerName: string): Recipe =>
  reset(recipe, { match: exactly(layerName) });

/** Takes back what was set for every layer of an op; rules for single layers and for all layers stay. */
export const resetOp = (recipe: Recipe, op: LayerOp): Recipe => reset(recipe, { match: '*', op });

export const hasLayerRule = (recipe: Recipe, layerName: string): boolean =>
  has(recipe, { match: exactly(layerName) });

export const hasOpRule = (recipe: Recipe, op: LayerOp): boolean => has(recipe, { match: '*', op });

type Target = Pick<RecipeRule, 'match' | 'op' | 'when'>;

function reset(recipe: Recipe, target: Target): Recipe {
  const at = presetRules(recipe);
  return { ...recipe, layers: recipe.layers.filter((rule, i) => i < at || !sameTarget(rule, target)) };
}

const has = (recipe: Recipe, target: Target): boolean =>
  recipe.layers.slice(presetRules(recipe)).some((rule) => sameTarget(rule, target));

/**
 * Puts the keys last, where they win. The same keys in earlier rules of the same target are dropped: they decide
 * nothing any more. Their other keys keep their place, since a rule between may be stronger.
 */
function append(recipe: Recipe, target: Target, options: RuleKeys): Recipe {
  const set = checked(options);
  if (Object.keys(set).length === 0) return recipe;
  const at = presetRules(recipe);
  const own = recipe.layers.slice(at).flatMap((rule) => {
    if (!sameTarget(rule, target)) return [rule];
    const left = without(rule, set);
    return left === null ? [] : [left];
  });
  const last = own.at(-1);
  const merged =
    last !== undefined && sameTarget(last, target)
      ? [...own.slice(0, -1), { ...last, ...set }]
      : [...own, { ...target, ...set }];
  return { ...recipe, layers: [...recipe.layers.slice(0, at), ...merged] };
}

/** The rule without these keys; null when it then says nothing. */
function without(rule: RecipeRule, set: RuleKeys): RecipeRule | null {
  const left = Object.fromEntries(
    Object.entries(rule).filter(([key]) => !Object.hasOwn(set, key)),
  ) as unknown as RecipeRule;
  const says = keys.some((key) => left[key] !== undefined) || left.batchNorm !== undefined;
  return says ? left : null;
}

/** The keys that are given, in one spelling. Throws RecipeError for a string that is no rule. */
function checked({ prune, share, index }: RuleKeys): RuleKeys {
  return {
    ...(prune === undefined ? {} : { prune: pruneText(parsePrune(prune)) }),
    ...(share === undefined ? {} : { share: shareText(parseShare(share)) }),
    ...(index === undefined ? {} : { index: indexText(parseIndex(index)) }),
  };
}

const sameTarget = (a: Target, b: Target): boolean =>
  a.match === b.match && a.op === b.op && a.when === b.when;

const sameRule = (a: RecipeRule, b: RecipeRule | undefined): boolean =>
  b !== undefined &&
  sameTarget(a, b) &&
  a.batchNorm === b.batchNorm &&
  keys.every((key) => a[key] === b[key]);

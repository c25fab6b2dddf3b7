import { isScalar, stringify } from 'yaml';
import { budgetRuleText, parseBudget } from './budgetRule.ts';
import { presetNames, presets } from './presets.ts';
import { parsePrune } from './pruneRules.ts';
import { presetRules } from './recipeEdit.ts';
import { budgetKeys, layerOps, ruleConditions, runCodings, type Recipe, type RecipeRule } from './recipe.ts';
import { readYaml, type Reader } from './recipeYaml.ts';
import { parseIndex, parseShare } from './rules.ts';

const recipeKeys = ['preset', 'lossless', 'layers', 'inputs', 'budget', 'budgets', 'runs'] as const;
const ruleKeys = ['match', 'op', 'when', 'prune', 'share', 'index', 'batchNorm'] as const;
/** Rules in one recipe: more than layers of the largest models that anybody tunes by hand. */
const mostRules = 10_000;
const mostInputs = 10_000;

/**
 * Reads a recipe file, YAML or JSON: the preset's rules, then the file's own. `preset` is taken where the file names
 * none. Throws RecipeError with line and column in it: 'recipe.yaml:3:5: unknown key "prun"; did you mean "prune"?'
 */
export function parseRecipe(
  text: string,
  fileName: string,
  preset: Recipe['preset'] = 'deep-compression',
): Recipe {
  const { root, reader } = readYaml(text, fileName);
  const top = reader.map(root, 'a recipe', recipeKeys);
  const lossless = top.get('lossless');
  const named = top.get('preset');
  const base = presets[named === undefined ? preset : reader.oneOf(named, 'preset', presetNames)];
  const layers = top.get('layers');
  const runs = top.get('runs');
  const rules = layers === undefined ? [] : reader.list(layers, 'layers', mostRules);
  return {
    ...base,
    lossless: lossless === undefined ? base.lossless : reader.flag(lossless, 'lossless'),
    layers: [...base.layers, ...rules.map((node) => ruleOf(node, reader))],
    inputs: inputsOf(top.get('inputs'), reader),
    budget: budgetOf(top.get('budget'), reader) ?? base.budget,
    budgets: budgetsOf(top.get('budgets'), reader),
    runs: runs === undefined ? base.runs : reader.oneOf(runs, 'runs', runCodings),
  };
}

function ruleOf(node: unknown, reader: Reader): RecipeRule {
  const rule = reader.map(node, 'a rule of layers', ruleKeys);
  const match = rule.get('match');
  if (match === undefined)
    throw reader.error(node, 'a rule needs "match": a name, or a pattern such as "conv*" or "*"');
  const set: { -readonly [K in keyof RecipeRule]?: RecipeRule[K] } = {};
  const op = rule.get('op');
  if (op !== undefined) set.op = reader.oneOf(op, 'op', layerOps);
  const when = rule.get('when');
  if (when !== undefined) set.when = reader.oneOf(when, 'when', ruleConditions);
  const strings = { prune: parsePrune, share: parseShare, index: parseIndex } as const;
  for (const key of ['prune', 'share', 'index'] as const) {
    const value = rule.get(key);
    if (value === undefined) continue;
    set[key] = reader.text(value, key);
    reader.at(value, () => strings[key](set[key] ?? ''));
  }
  const batchNorm = rule.get('batchNorm');
  if (batchNorm !== undefined)
    set.batchNorm = reader.oneOf(batchNorm, 'batchNorm', ['as-stored', 'folded'] as const);
  if (!['prune', 'share', 'index', 'batchNorm'].some((key) => Object.hasOwn(set, key)))
    throw reader.error(node, 'this rule sets nothing: give it prune, share or index');
  return { match: reader.text(match, 'match'), ...set };
}

function inputsOf(node: unknown, reader: Reader): Recipe['inputs'] {
  if (node === undefined || (isScalar(node) && node.value === null)) return null;
  if (isScalar(node)) return [reader.text(node, 'inputs')];
  return reader.list(node, 'inputs', mostInputs).map((item) => reader.text(item, 'inputs'));
}

function budgetOf(node: unknown, reader: Reader): string | null {
  if (node === undefined || (isScalar(node) && node.value === null)) return null;
  const text = reader.text(node, 'budget');
  reader.at(node, () => parseBudget(text));
  return budgetRuleText(parseBudget(text));
}

function budgetsOf(node: unknown, reader: Reader): Recipe['budgets'] {
  if (node === undefined) return {};
  const budgets: Record<string, number> = {};
  for (const [key, value] of reader.map(node, 'budgets', budgetKeys))
    budgets[key] = reader.amount(value, `budget ${key}`);
  return budgets;
}

/** The recipe as a file that parseRecipe reads back: its preset, and the rules that are not the preset's. */
export function recipeText(recipe: Recipe): string {
  const at = presetRules(recipe);
  const own = at > 0 ? recipe.layers.slice(at) : [nothingSet, ...recipe.layers];
  const value = {
    preset: recipe.preset,
    ...(recipe.lossless ? { lossless: true } : {}),
    layers: own.map(({ index, ...rule }) => ({
      ...rule,
      ...(index === undefined ? {} : { index: /^\d+$/.test(index) ? Number(index) : index }),
    })),
    ...(recipe.inputs === null ? {} : { inputs: recipe.inputs }),
    ...(recipe.budget === null ? {} : { budget: recipe.budget }),
    ...(Object.keys(recipe.budgets).length > 0 ? { budgets: recipe.budgets } : {}),
    ...(recipe.runs === 'escape' ? {} : { runs: recipe.runs }),
  };
  return heading + stringify(value, { lineWidth: 0 });
}

const heading =
  '# How Slimscope prunes, shares and codes each layer. Later rules win. See docs/recipes.md.\n';

/** Undoes a preset's rules for every layer: the start of a recipe that does not begin with them. */
const nothingSet: RecipeRule = {
  match: '*',
  prune: 'none',
  share: 'none',
  index: 'best',
  batchNorm: 'as-stored',
};

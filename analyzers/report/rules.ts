import type { LayerOp } from '../model/layer.ts';
import { globMatches } from './glob.ts';
import type { IndexRule, LayerRule, Recipe, RecipeRule, ShareMethod, ShareRule } from './recipe.ts';
import { parsePrune } from './pruneRules.ts';
import { RecipeError } from './recipeError.ts';
import { quoted } from './ruleText.ts';

export const shareMethods: readonly ShareMethod[] = ['optimal', 'rate', 'linear', 'density', 'forgy'];

/** Most bits of a code or of a relative index. */
const mostBits = 16;
/** A layer with a larger share of exact zeros than this keeps its own mask (docs/recipes.md). */
const ownZeros = 0.05;

/** 'BITS', 'BITS:METHOD' or 'none'. */
export function parseShare(text: string): ShareRule {
  if (text === 'none') return { kind: 'none' };
  const [digits = '', method = 'optimal', ...more] = text.split(':');
  const bits = bitsOf(digits);
  if (bits === null || more.length > 0)
    throw new RecipeError(
      `share ${quoted(text)}: give 1 to ${mostBits.toString()} bits and a method, for example 5:optimal, or none`,
    );
  const known = shareMethods.find((name) => name === method);
  if (known === undefined)
    throw new RecipeError(`share ${quoted(text)}: the methods are ${shareMethods.join(', ')}`);
  return { kind: 'codebook', bits, k: null, method: known, per: { kind: 'layer' } };
}

/** 'BITS', 'best' or 'none'. */
export function parseIndex(text: string): IndexRule {
  if (text === 'none' || text === 'best') return { kind: text };
  const bits = bitsOf(text);
  if (bits === null)
    throw new RecipeError(`index ${quoted(text)}: give 1 to ${mostBits.toString()} bits, best or none`);
  return { kind: 'bits', bits };
}

function bitsOf(digits: string): number | null {
  const bits = /^\d{1,2}$/.test(digits) ? Number(digits) : 0;
  return bits >= 1 && bits <= mostBits ? bits : null;
}

export const shareText = (rule: ShareRule): string =>
  rule.kind === 'none' ? 'none' : `${rule.bits.toString()}:${rule.method}`;

export const indexText = (rule: IndexRule): string =>
  rule.kind === 'bits' ? rule.bits.toString() : rule.kind;

/** What a rule's `match`, `op` and `when` are asked about. */
export interface RuleTarget {
  readonly name: string;
  readonly tensor: string | null;
  readonly op: LayerOp;
  readonly first: boolean;
  readonly weights: number;
  /** Exact zeros as stored; 0 while unknown. */
  readonly zeros: number;
}

function ruleApplies(rule: RecipeRule, target: RuleTarget): boolean {
  if (rule.op !== undefined && rule.op !== target.op) return false;
  if (rule.when === 'first' && !target.first) return false;
  if (rule.when === 'own-zeros' && target.zeros <= ownZeros * target.weights) return false;
  return (
    globMatches(rule.match, target.name) || (target.tensor !== null && globMatches(rule.match, target.tensor))
  );
}

/** What the recipe does to one layer: of the rules that apply, the last one decides, key by key. Throws RecipeError. */
export function resolveRule(recipe: Recipe, target: RuleTarget): LayerRule {
  let prune = 'none';
  let share = 'none';
  let index = 'best';
  let batchNorm: LayerRule['batchNorm'] = 'as-stored';
  for (const rule of recipe.layers) {
    if (!ruleApplies(rule, target)) continue;
    prune = rule.prune ?? prune;
    share = rule.share ?? share;
    index = rule.index ?? index;
    batchNorm = rule.batchNorm ?? batchNorm;
  }
  if (recipe.lossless)
    return { prune: { kind: 'none' }, share: { kind: 'none' }, index: { kind: 'none' }, batchNorm };
  return { prune: parsePrune(prune), share: parseShare(share), index: parseIndex(index), batchNorm };
}

import type { LayerOp } from '../model/layer.ts';
import { globMatches } from './glob.ts';
import type { Grouping, IndexRule, LayerRule, Recipe, RecipeRule, ShareMethod, ShareRule } from './recipe.ts';
import { parsePrune } from './pruneRules.ts';
import { RecipeError } from './recipeError.ts';
import { quoted } from './ruleText.ts';

/** Codebooks that are found in the weights. */
export const codebookMethods = ['optimal', 'rate', 'linear', 'density', 'forgy'] as const;
export const shareMethods: readonly ShareMethod[] = [
  ...codebookMethods,
  'uniform-symmetric',
  'uniform-asymmetric',
  'fp8-e4m3',
  'fp8-e5m2',
];

/** Most bits of a code or of a relative index. */
const mostBits = 16;
/** A layer with a larger share of exact zeros than this keeps its own mask (docs/recipes.md). */
const ownZeros = 0.05;

/** Most centroids that `k=K` may ask for, and most rows, columns or PEs of a group. */
const mostCentroids = 65_536;
const mostLines = 2 ** 26;

/** Bits of a code that says one of so many values. */
export const bitsFor = (values: number): number => Math.max(1, Math.ceil(Math.log2(values)));

/** 'BITS' or 'k=K', then ':METHOD' and '/rows=N', '/columns=N' or '/pes=N' where wanted; or 'none'. */
export function parseShare(text: string): ShareRule {
  if (text === 'none') return { kind: 'none' };
  const [whole = '', per, ...rest] = text.split('/');
  const [size = '', method = 'optimal', ...more] = whole.split(':');
  const k = size.startsWith('k=') ? numberOf(size.slice(2), 2, mostCentroids) : null;
  const bits = k === null ? bitsOf(size) : bitsFor(k);
  if (bits === null || more.length > 0)
    throw new RecipeError(
      `share ${quoted(text)}: give 1 to ${mostBits.toString()} bits, or k=K for 2 to ${mostCentroids.toString()} values, and a method, for example 5:optimal or k=24:rate, or none`,
    );
  const known = shareMethods.find((name) => name === method);
  if (known === undefined)
    throw new RecipeError(`share ${quoted(text)}: the methods are ${shareMethods.join(', ')}`);
  const found = (codebookMethods as readonly string[]).includes(known);
  if (!found && (k !== null || bits < 2))
    throw new RecipeError(`share ${quoted(text)}: ${known} takes 2 bits or more, for example 8:${known}`);
  if (known.startsWith('fp8-') && bits !== 8)
    throw new RecipeError(`share ${quoted(text)}: ${known} has 8 bits`);
  const grouping = per === undefined ? ({ kind: 'layer' } as const) : groupingOf(per);
  if (grouping === null || rest.length > 0)
    throw new RecipeError(
      `share ${quoted(text)}: a codebook is for so many rows, columns or PEs, for example 5:optimal/rows=64, /columns=512 or /pes=64`,
    );
  return { kind: 'codebook', bits, k, method: known, per: grouping };
}

function groupingOf(text: string): Grouping | null {
  const [kind, digits = ''] = text.split('=', 2);
  const size = numberOf(text.slice(text.indexOf('=') + 1), 1, mostLines);
  if (size === null || digits === '') return null;
  if (kind === 'rows' || kind === 'columns') return { kind, size };
  return kind === 'pes' ? { kind, count: size } : null;
}

/** A whole number without leading zeros or signs, within bounds. */
function numberOf(digits: string, least: number, most: number): number | null {
  const value = /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : 0;
  return value >= least && value <= most ? value : null;
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

export function shareText(rule: ShareRule): string {
  if (rule.kind === 'none') return 'none';
  const { bits, k, method, per } = rule;
  const size = k === null ? bits.toString() : `k=${k.toString()}`;
  if (per.kind === 'layer') return `${size}:${method}`;
  return `${size}:${method}/${per.kind}=${(per.kind === 'pes' ? per.count : per.size).toString()}`;
}

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

import type { PruneRule } from './recipe.ts';
import { RecipeError } from './recipeError.ts';
import { quoted } from './ruleText.ts';

/** Most places of a group of N:M. */
const mostOfM = 64;
const number = /^\d+(\.\d+)?([eE][-+]?\d+)?$|^\.\d+$/;
const whole = /^[1-9]\d{0,8}$/;

/** Every rule as it is written, for messages and help. */
export const pruneForms = [
  'density=D',
  'std=Q',
  'threshold=T',
  'global=D',
  'nm=N:M',
  'block=RxC:D',
  'filters=D',
  'columns=D',
  'none',
] as const;

const listed = `${pruneForms.slice(0, -1).join(', ')} and none`;

/** One of `pruneForms`. Throws RecipeError that names the mend. */
export function parsePrune(text: string): PruneRule {
  if (text === 'none') return { kind: 'none' };
  const at = text.indexOf('=');
  const kind = at < 0 ? '' : text.slice(0, at);
  const value = text.slice(at + 1);
  switch (kind) {
    case 'density':
    case 'global':
    case 'filters':
    case 'columns':
      return { kind, density: densityIn(text, value, `${kind}=0.1`) };
    case 'std':
      return { kind, q: numberIn(text, value) };
    case 'threshold':
      return { kind, threshold: numberIn(text, value) };
    case 'nm':
      return nmIn(text, value);
    case 'block':
      return blockIn(text, value);
    default:
      throw new RecipeError(`prune ${quoted(text)}: the rules are ${listed}, for example density=0.1`);
  }
}

function nmIn(text: string, value: string): PruneRule {
  const [n = '', m = '', ...more] = value.split(':');
  const rule = { kind: 'nm', n: Number(n), m: Number(m) } as const;
  if (!whole.test(n) || !whole.test(m) || more.length > 0)
    throw new RecipeError(`prune ${quoted(text)}: give two whole numbers as nm=N:M, for example nm=2:4`);
  if (rule.n > rule.m || rule.m > mostOfM)
    throw new RecipeError(
      `prune ${quoted(text)}: of M weights, ${mostOfM.toString()} at most, 1 to M are kept, for example nm=2:4`,
    );
  return rule;
}

function blockIn(text: string, value: string): PruneRule {
  const [size = '', density = '', ...more] = value.split(':');
  const [rows = '', cols = '', ...rest] = size.split('x');
  if (!whole.test(rows) || !whole.test(cols) || more.length + rest.length > 0)
    throw new RecipeError(
      `prune ${quoted(text)}: give rows and columns of a block and a density as block=RxC:D, for example block=4x4:0.5`,
    );
  return {
    kind: 'block',
    rows: Number(rows),
    cols: Number(cols),
    density: densityIn(text, density, `block=${rows}x${cols}:0.5`),
  };
}

function numberIn(text: string, digits: string): number {
  const value = number.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isFinite(value))
    throw new RecipeError(`prune ${quoted(text)}: ${quoted(digits)} is not a number of 0 or more`);
  return value;
}

function densityIn(text: string, digits: string, example: string): number {
  const density = numberIn(text, digits);
  if (density > 1)
    throw new RecipeError(`prune ${quoted(text)}: a density lies between 0 and 1, for example ${example}`);
  return density;
}

/** The rule as parsePrune reads it back. */
export function pruneText(rule: PruneRule): string {
  if (rule.kind === 'none') return 'none';
  if (rule.kind === 'std') return `std=${rule.q.toString()}`;
  if (rule.kind === 'threshold') return `threshold=${rule.threshold.toString()}`;
  if (rule.kind === 'nm') return `nm=${rule.n.toString()}:${rule.m.toString()}`;
  const density = rule.density.toString();
  return rule.kind === 'block'
    ? `block=${rule.rows.toString()}x${rule.cols.toString()}:${density}`
    : `${rule.kind}=${density}`;
}

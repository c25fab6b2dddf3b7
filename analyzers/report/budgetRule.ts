import { RecipeError } from './recipeError.ts';

/** What the coded weights are to come down to: so many bytes, or so many times smaller than as they are stored. */
export type BudgetTarget =
  { readonly kind: 'bytes'; readonly bytes: number } | { readonly kind: 'factor'; readonly factor: number };

const number = /^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$/;
const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** 'bytes=N' or 'factor=R'. Throws RecipeError. */
export function parseBudget(text: string): BudgetTarget {
  const at = text.indexOf('=');
  const kind = text.slice(0, at);
  const digits = text.slice(at + 1);
  if (at < 0 || (kind !== 'bytes' && kind !== 'factor'))
    throw new RecipeError(
      `budget ${quoted(text)}: give bytes=N or factor=R, for example bytes=90000 or factor=30`,
    );
  const value = number.test(digits) ? Number(digits) : Number.NaN;
  if (kind === 'bytes') {
    if (!Number.isSafeInteger(value))
      throw new RecipeError(`budget ${quoted(text)}: ${quoted(digits)} is no whole number of bytes`);
    return { kind, bytes: value };
  }
  if (!(value > 0 && value < Infinity))
    throw new RecipeError(`budget ${quoted(text)}: ${quoted(digits)} is no number above 0`);
  return { kind, factor: value };
}

/** In one spelling. */
export const budgetRuleText = (target: BudgetTarget): string =>
  target.kind === 'bytes' ? `bytes=${target.bytes.toString()}` : `factor=${target.factor.toString()}`;

/** The most bytes that the coded weights may take; `denseBits` as they are stored. */
export const targetBytes = (target: BudgetTarget, denseBits: number): number =>
  target.kind === 'bytes' ? target.bytes : Math.floor(denseBits / target.factor / 8);

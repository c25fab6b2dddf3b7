import { budgetRuleText, readTarget } from '../analyzers/report/budgetRule.ts';
import type { Totals } from '../analyzers/report/report.ts';
import { bytesText, counted, countText, factorText } from '../analyzers/report/units.ts';

/** 'the .slim file: 127 920 bytes (2.48x)'; null when it is not known. */
export const slimFileText = ({
  slimBytes,
  fileFactor,
}: Pick<Totals, 'slimBytes' | 'fileFactor'>): string | null =>
  slimBytes === null
    ? null
    : `the .slim file: ${countText(slimBytes)} bytes${fileFactor === null ? '' : ` (${factorText(fileFactor)})`}`;

/** What was typed as a target, as the recipe says it, and how it was understood; or why it is none. */
export type TypedTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly words: string }
  | { readonly kind: 'right'; readonly rule: string; readonly words: string };

/** What a recipe and the command line take too, in the words of the page. */
export function typedTarget(text: string): TypedTarget {
  if (text.trim() === '') return { kind: 'none' };
  const target = readTarget(text);
  if (typeof target === 'string') return { kind: 'wrong', words: target };
  const words =
    target.kind === 'factor'
      ? `at least ${factorText(target.factor)} smaller`
      : `at most ${bytesText(target.bytes)} (${counted(target.bytes, 'byte')})`;
  return { kind: 'right', rule: budgetRuleText(target), words };
}

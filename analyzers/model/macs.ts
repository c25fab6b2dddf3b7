import { choicesOf, runsOf } from './scope.ts';
import { elementsOf } from './tensor.ts';
import type { Use } from './uses.ts';

/**
 * Multiply-accumulates of one inference over all uses of a weight: elements that a use reads, times how often it multiplies
 * each of them, times how often it runs. Biases are not counted. Of uses in different branches of an If the first counts.
 * Null when one of these is not known.
 */
export function macsOf(uses: readonly Use[]): number | null {
  // Of every If, the branch that a counted use lies in.
  const taken = new Map<object, string>();
  let total = 0;
  for (const use of uses) {
    const runs = runsOf(use.frame);
    const choices = choicesOf(use.frame);
    if (runs === 0 || choices.some(({ at, branch }) => (taken.get(at) ?? branch) !== branch)) continue;
    for (const { at, branch } of choices) taken.set(at, branch);
    const elements =
      use.role.packed === undefined
        ? elementsOf(use.piece.layout.shape)
        : use.role.packed.rows * use.role.packed.cols;
    if (use.role.uses === 0) continue;
    if (runs === null || use.role.uses === null) return null;
    total += runs * use.role.uses * elements;
  }
  return Number.isSafeInteger(total) ? total : null;
}

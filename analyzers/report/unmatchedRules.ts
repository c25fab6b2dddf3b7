import type { Problem } from '../model/problem.ts';
import { plain } from './clean.ts';
import { globMatches } from './glob.ts';
import type { Recipe } from './recipe.ts';
import { presetRules } from './recipeEdit.ts';
import { countText } from './units.ts';

/** Rules that are told one by one; of more, how many there are. */
const mostTold = 20;

/**
 * Rules of the caller's own, not of a preset, whose pattern is the name or tensor of no layer: a slip of the pen would
 * otherwise leave a layer as the preset has it, without a word.
 */
export function unmatchedRules(
  recipe: Recipe,
  layers: readonly { readonly name: string; readonly tensor: string | null }[],
): readonly Problem[] {
  if (layers.length === 0) return [];
  const own = recipe.layers.slice(Math.max(0, presetRules(recipe)));
  const idle = own.filter(
    ({ match }) =>
      !layers.some(
        ({ name, tensor }) => globMatches(match, name) || (tensor !== null && globMatches(match, tensor)),
      ),
  );
  const names = layers.slice(0, 3).map(({ name }) => plain(name, 40));
  const more = layers.length > names.length ? ` and ${countText(layers.length - names.length)} more` : '';
  const told = [...new Set(idle.map(({ match }) => match))];
  return told.slice(0, mostTold).map((match, i) => ({
    severity: 'warning',
    code: 'recipe/no-match',
    message: `No layer has the name or tensor ${JSON.stringify(plain(match, 80))} of a rule, which does nothing${i === mostTold - 1 && told.length > mostTold ? ` (as ${countText(told.length - mostTold)} more)` : ''}. The layers are ${names.join(', ')}${more}.`,
    at: { file: null, tensor: null, offset: null },
  }));
}

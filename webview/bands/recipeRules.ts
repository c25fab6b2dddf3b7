import { plain } from '../../analyzers/report/clean.ts';
import type { Recipe, RecipeRule } from '../../analyzers/report/recipe.ts';
import { presetRules } from '../../analyzers/report/recipeEdit.ts';
import { h } from '../ui/dom.ts';
import { figures, heading } from '../ui/table.ts';

/** Lines at most; a budget writes one for each layer. */
const mostRules = 300;

const whom = ({ match, op, when }: RecipeRule): string =>
  [plain(match, 60), op === undefined ? '' : `op ${op}`, when === undefined ? '' : whens[when]]
    .filter((word) => word !== '')
    .join(', ');

const whens: Readonly<Record<NonNullable<RecipeRule['when']>, string>> = {
  first: 'the first layer',
  'own-zeros': 'with zeros of its own',
};

/** The recipe that is shown, rule by rule: the preset's own first, later ones win key by key. */
export function recipeRules(recipe: Recipe): HTMLElement {
  const own = presetRules(recipe);
  const row = (rule: RecipeRule, i: number) => ({
    kind: i < own ? ('quiet' as const) : undefined,
    cells: [
      whom(rule),
      ...[rule.prune, rule.share, rule.index].map((text) => plain(text ?? '', 60)),
      rule.batchNorm === 'folded' ? 'folded' : '',
    ],
  });
  const left = recipe.layers.length - mostRules;
  return h(
    'div',
    { class: 'recipe-rules' },
    heading(
      `Rules of ${recipe.preset}`,
      recipe.lossless
        ? 'lossless: no rule changes a weight'
        : 'later ones win, key by key; grey: the preset’s own',
    ),
    figures({
      caption: 'Rules of the recipe',
      columns: [
        { head: 'layers' },
        { head: 'prune', start: true },
        { head: 'share', start: true },
        { head: 'index', start: true },
        { head: 'batch norm', start: true },
      ],
      rows: recipe.layers.slice(0, mostRules).map(row),
    }),
    left > 0 ? h('p', { class: 'quiet small', text: `and ${left.toString()} more` }) : null,
    h('p', {
      class: 'quiet small',
      text: `Long runs in .slim: ${recipe.runs}${recipe.budget === null ? '' : `; budget: ${plain(recipe.budget, 60)}`}.`,
    }),
  );
}

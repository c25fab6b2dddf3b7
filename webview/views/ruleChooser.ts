import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { RuleKeys } from '../../analyzers/report/recipeEdit.ts';
import { indexText, resolveRule, shareText } from '../../analyzers/report/rules.ts';
import { pruneText } from '../../analyzers/report/pruneRules.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { popupButton } from '../ui/popup.ts';
import { button, dropdown, textField } from '../ui/toolkit.ts';
import { indexForms, pruneForms, ruleParts, shareForms, type RuleForm } from './ruleParts.ts';

type Key = 'prune' | 'share' | 'index';

const lines: readonly { readonly key: Key; readonly name: string; readonly forms: readonly RuleForm[] }[] = [
  { key: 'prune', name: 'prune', forms: pruneForms },
  { key: 'share', name: 'share', forms: shareForms },
  { key: 'index', name: 'index', forms: indexForms },
];

export interface RuleChooser {
  readonly element: HTMLElement;
  /** What the dialog is of when it is opened. */
  show(layer: LayerReport | null, recipe: Recipe | null, whom: string): void;
}

/** A dialog with every rule that a recipe knows for the selected layer, or for all of its op. */
export function ruleChooser(apply: (layer: LayerReport, set: RuleKeys) => void): RuleChooser {
  let layer: LayerReport | null = null;
  let recipe: Recipe | null = null;
  let whom = '';
  const popup = popupButton(
    'rule',
    (close) =>
      layer === null || recipe === null
        ? h('div')
        : formOf({ layer, recipe, whom }, (set) => {
            if (layer !== null) apply(layer, set);
            close();
          }),
    { role: 'dialog', class: 'rule-button' },
  );
  return {
    element: popup.element,
    show(next, of, name) {
      layer = next;
      recipe = of;
      whom = name;
    },
  };
}

function formOf(
  { layer, recipe, whom }: { readonly layer: LayerReport; readonly recipe: Recipe; readonly whom: string },
  done: (set: RuleKeys) => void,
): HTMLElement {
  const before = textsOf(layer, recipe);
  const wrong = h('p', { class: 'rule-wrong', attrs: { role: 'alert' } });
  const rows = lines.map((line) => ruleRow(line, before[line.key], () => check()));
  const use = button('primary', 'use', () => {
    const set = check();
    if (set !== null) done(set);
  });
  /** What differs from the rule as it is; null when something cannot be used, which is then said. */
  const check = (): RuleKeys | null => {
    const set: Partial<Record<Key, string>> = {};
    try {
      for (const row of rows) {
        const text = row.text();
        if (text !== before[row.key]) set[row.key] = text;
      }
    } catch (error) {
      setText(wrong, error instanceof Error ? error.message : '');
      use.setAttribute('disabled', '');
      return null;
    }
    setText(wrong, '');
    use.removeAttribute('disabled');
    return set;
  };
  const element = h(
    'div',
    { class: 'rule-form' },
    h('div', { class: 'quiet small', text: `for ${whom}` }),
    ...rows.map((row) => row.element),
    wrong,
    h('div', { class: 'rule-actions' }, use),
  );
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
    if (event.target.tagName !== 'VSCODE-TEXT-FIELD') return;
    event.preventDefault();
    const set = check();
    if (set !== null) done(set);
  });
  return element;
}

/** The rule of the layer as the recipe resolves it, in the strings of a recipe. */
function textsOf(layer: LayerReport, recipe: Recipe): Readonly<Record<Key, string>> {
  const { name, tensor, op, first, weights, profile } = layer;
  const rule = resolveRule(recipe, { name, tensor, op, first, weights, zeros: profile?.zeros ?? 0 });
  return { prune: pruneText(rule.prune), share: shareText(rule.share), index: indexText(rule.index) };
}

function ruleRow(
  { key, name, forms }: (typeof lines)[number],
  text: string,
  changed: () => void,
): { readonly key: Key; readonly element: HTMLElement; text(): string } {
  let { id, value } = ruleParts[key].split(text);
  const words = h('span', { class: 'quiet small' });
  const field = textField(`${name}: value`, '', (typed) => {
    value = typed;
    changed();
  });
  const show = (): void => {
    const form = forms.find((one) => one.id === id);
    field.hidden = form?.value === null;
    field.value = value;
    fill(words, form?.words ?? '');
  };
  const choice = dropdown(`${name}: how`, (chosen) => {
    id = chosen;
    value = forms.find((one) => one.id === chosen)?.value ?? '';
    show();
    changed();
  });
  choice.setOptions(
    forms.map((one): [string, string] => [one.id, one.label]),
    id,
  );
  show();
  return {
    key,
    element: h('div', { class: 'rule-row' }, h('span', { text: name }), choice.element, field, words),
    text: () => ruleParts[key].join({ id, value }),
  };
}

import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import type { BudgetResult } from '../../analyzers/report/budget.ts';
import { budgetReading } from '../../analyzers/report/budgetText.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import {
  counted,
  bitsAsBytesText,
  bytesText,
  countText,
  factorText,
  numberText,
  percentText,
  shortPercentText,
} from '../../analyzers/report/units.ts';
import { slimFileText, typedTarget } from '../budgetTarget.ts';
import { cellBar } from '../layers/line.ts';
import { isBusy, type State } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { whenChanged } from '../ui/part.ts';
import { nameText } from '../ui/name.ts';
import { figures, heading } from '../ui/table.ts';
import { button, textField } from '../ui/toolkit.ts';
import type { ViewTools } from './view.ts';
import type { WholeView } from './wholeView.ts';

/** Rows at most; the report's files have all. */
const mostRows = 1000;
const dataFree = 'data-free: the error of the weights themselves, which says nothing about accuracy';

/** Density and bits of every layer for so many bytes, or for so many times less. */
export const budgetView: WholeView = { id: 'budget', title: 'Budget', part: budgetPart };

function budgetPart({ session, store, read }: ViewTools): ReturnType<WholeView['part']> {
  /** What the shown choice was made from: another target begins there, not at the choice. */
  let base: { readonly recipe: Recipe; readonly result: BudgetResult } | null = null;
  let asked: Recipe | null = null;
  let state: State | null = null;
  /** The refusal is of a text that no longer stands in the field. */
  let outdated = false;

  const understood = h('span', { class: 'quiet' });
  const field = textField('Target of the coded weights', '70 kB or 30x', () => {
    outdated = true;
    show();
  });
  const find = button('secondary', 'choose', () => run());
  const now = h('span', { class: 'quiet small' });
  const wrong = h('p', { class: 'budget-wrong', attrs: { role: 'alert' } });
  const result = h('div', { class: 'twins' });
  const form = h(
    'div',
    { class: 'budget-form' },
    h('span', { text: 'coded weights at most' }),
    field,
    find,
    understood,
    h('span', { class: 'rest' }),
    now,
  );
  const element = h('div', { class: 'budget-view' }, form, wrong, result);

  const show = (): void => {
    const target = typedTarget(field.value);
    const budget = state?.budget ?? null;
    setText(
      understood,
      target.kind === 'none'
        ? ''
        : target.kind === 'wrong' && budget !== null
          ? `${target.words}; below is what ${budget.target} came to`
          : target.words,
    );
    const refused = state?.refused ?? null;
    setText(wrong, refused === null || outdated ? '' : plainMessage(refused));
    wrong.hidden = wrong.textContent === '';
    const ready = state !== null && !isBusy(state) && state.recipe !== null && !state.recipe.lossless;
    if (target.kind === 'right' && ready) find.removeAttribute('disabled');
    else find.setAttribute('disabled', '');
  };
  const run = (): void => {
    const target = typedTarget(field.value);
    const { recipe, budget } = store.get();
    if (target.kind !== 'right' || recipe === null || isBusy(store.get())) return;
    asked = base !== null && base.result === budget ? base.recipe : recipe;
    outdated = false;
    session.edit({ ...asked, budget: target.rule });
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') run();
  });

  const draw = whenChanged(() => {
    if (state === null) return;
    const { totals, budget } = state;
    setText(
      now,
      totals === null
        ? ''
        : `coded weights now ${bitsAsBytesText(totals.bits.coded)} of ${bitsAsBytesText(totals.bits.dense)}${totals.factor.coded === null ? '' : `, ${factorText(totals.factor.coded)}`}`,
    );
    if (budget === null) fill(result, ...explain(state));
    else fill(result, ...resultOf(budget, state, (layer) => session.select(layer)));
  });

  return {
    element,
    update(next) {
      state = next;
      if (next.budget !== null && next.budget !== base?.result && asked !== null && !isBusy(next)) {
        base = { recipe: asked, result: next.budget };
        asked = null;
      }
      if (next.refused === null) outdated = false;
      show();
      read(dataFree);
      draw(next.totals, next.budget, next.stubs, next.layers);
    },
  };
}

function explain({ recipe }: State): HTMLElement[] {
  const words =
    recipe?.lossless === true
      ? 'The lossless recipe changes no weight: there is nothing to choose.'
      : 'Density and bits of each layer are chosen so that the error of the weights is least within the target. What the recipe does not prune or share stays so. It is a rerun: undo takes it back.';
  return [h('p', { class: 'quiet', text: words })];
}

function resultOf(budget: BudgetResult, state: State, select: (layer: number) => void): HTMLElement[] {
  const parts = [
    heading(
      'Bytes by layer against the target',
      `${countText(budget.codedBytes)} of ${counted(budget.targetBytes, 'byte')}`,
    ),
    strip(budget, select),
    wholeFile(state),
    heading('What each layer got', ''),
    choices(budget, state),
    heading('Why not its next choice', 'sizes of the coded layer; the price is of a byte'),
    reasons(budget),
    h('p', { class: 'quiet', text: budgetReading }),
    heading('What the target came to', `asked for ${budget.target}; ${dataFree}`),
    facts(budget, state),
  ];
  return parts.filter((part) => part !== null);
}

/** The target is of the coded weights alone: what the file of the whole model comes to stands beside it. */
function wholeFile({ totals }: State): HTMLElement | null {
  const words = totals === null ? null : slimFileText(totals);
  return words === null ? null : h('p', { class: 'quiet', text: words });
}

const exact = (bytes: number): string => `${countText(bytes)} B`;

function facts(budget: BudgetResult, { totals }: State): HTMLElement {
  const dense = (totals?.bits.dense ?? 0) / 8;
  const factor = (bytes: number): string => (dense > 0 && bytes > 0 ? factorText(dense / bytes) : '');
  const rows: readonly (readonly [string, string, string])[] = [
    ['target', exact(budget.targetBytes), factor(budget.targetBytes)],
    ['reached', exact(budget.codedBytes), factor(budget.codedBytes)],
    [
      'left over',
      exact(budget.gapBytes),
      `${percentText(budget.gapBytes / Math.max(1, budget.targetBytes))} of the target`,
    ],
    ['largest step of one layer', exact(budget.largestJumpBytes), 'a smaller rest no single step can fill'],
    ['least that the choices allow, estimated', exact(budget.leastBytes), factor(budget.leastBytes)],
    ['most that the choices allow, estimated', exact(budget.mostBytes), factor(budget.mostBytes)],
    ['error, summed over layers', numberText(budget.distortion), budget.distortionBasis],
    [
      'price of a byte',
      budget.multiplier === null ? 'none' : numberText(budget.multiplier),
      budget.multiplier === null ? 'no layer was traded against another' : 'error that one byte more saves',
    ],
  ];
  return figures({
    caption: 'Budget',
    columns: [{ head: '' }, { head: '' }, { head: '', start: true }],
    rows: rows.map(([name, value, more]) => ({
      kind: name === 'reached' ? ('now' as const) : undefined,
      cells: [name, value, h('span', { class: 'quiet', text: more })],
    })),
  });
}

/** The layers' bytes side by side, then what is left over; the whole width is the target. */
function strip(budget: BudgetResult, select: (layer: number) => void): HTMLElement {
  const whole = Math.max(1, budget.targetBytes, budget.codedBytes);
  const share = (bytes: number): string => `${((100 * bytes) / whole).toFixed(3)}%`;
  return h(
    'div',
    {
      class: 'budget-strip strip',
      attrs: {
        role: 'img',
        'aria-label': `${bytesText(budget.codedBytes)} of ${bytesText(budget.targetBytes)}`,
      },
    },
    ...budget.choices.map(({ layer, name, codedBytes }) =>
      h('span', {
        class: codedBytes / whole > 0.06 ? '' : 'tiny',
        text: codedBytes / whole > 0.06 ? `${bytesText(codedBytes)} ${plain(name)}` : '',
        style: { flex: `0 1 ${share(codedBytes)}` },
        attrs: { 'data-layer': layer, title: `${plain(name)}: ${bytesText(codedBytes)}` },
        on: { click: () => select(layer) },
      }),
    ),
    h('span', {
      class: 'rest',
      style: { flex: '1 1 0' },
      attrs: { title: `left over: ${bytesText(budget.gapBytes)}` },
    }),
  );
}

function choices(
  { choices: all, targetBytes, codedBytes, distortion }: BudgetResult,
  state: State,
): HTMLElement {
  const dense = (layer: number): number => (state.layers.get(layer)?.encode?.bits.dense ?? 0) / 8;
  const most = Math.max(1, ...all.map((choice) => choice.codedBytes));
  return figures({
    caption: 'Choices',
    columns: [
      { head: 'layer' },
      { head: 'kept' },
      { head: 'bits' },
      { head: 'coded' },
      { head: 'of dense' },
      { head: 'of target' },
      { head: 'error' },
    ],
    rows: all.slice(0, mostRows).map((choice) => {
      const prune = state.layers.get(choice.layer)?.prune;
      return {
        cells: [
          nameText(choice.name),
          prune === null || prune === undefined
            ? ''
            : `${countText(prune.kept)}, ${shortPercentText(prune.density)}`,
          choice.bits === null ? 'stored' : countText(choice.bits),
          h(
            'span',
            { class: 'barred' },
            cellBar(choice.codedBytes / most, 'result'),
            bytesText(choice.codedBytes),
          ),
          shortPercentText(choice.codedBytes / Math.max(1, dense(choice.layer))),
          shortPercentText(choice.codedBytes / Math.max(1, targetBytes)),
          numberText(choice.distortion),
        ],
      };
    }),
    foot: {
      cells: [
        'all',
        '',
        '',
        bytesText(codedBytes),
        '',
        shortPercentText(codedBytes / Math.max(1, targetBytes)),
        numberText(distortion),
      ],
    },
  });
}

const reasons = ({ choices: all }: BudgetResult): HTMLElement =>
  figures({
    caption: 'Reasons',
    columns: [{ head: 'layer' }, { head: 'why', start: true }],
    rows: all.slice(0, mostRows).map(({ name, why }) => ({
      cells: [nameText(name), h('span', { class: 'why', text: plainMessage(why) })],
    })),
  });

import { plain } from '../../analyzers/report/clean.ts';
import { presetRules } from '../../analyzers/report/recipeEdit.ts';
import { fileLine } from '../../analyzers/report/summary.ts';
import type { ExportFormat } from '../../analyzers/rpc/contracts.ts';
import type { Session } from '../session.ts';
import { isBusy, type State } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { menu, popupButton, type MenuItem } from '../ui/popup.ts';
import type { Part } from '../ui/part.ts';
import { dropdown } from '../ui/toolkit.ts';
import { recipeRules } from './recipeRules.ts';
import { problemItem, problemsOf, problemsText, severitySign } from './problems.ts';

const formats: readonly [ExportFormat, string][] = [
  ['json', 'JSON'],
  ['csv', 'CSV'],
  ['md', 'Markdown'],
  ['html', 'HTML'],
];
const edited = 'edited';

/** What the file is, in one line, and what can be done with the whole of it. */
export function header(session: Session): Part {
  const name = h('h1');
  const meta = h('span', { class: 'meta' });
  let state: State | null = null;

  const chipSign = h('span', { class: 'holder' });
  const chip = popupButton(
    'problems',
    () =>
      h(
        'ul',
        { class: 'problems' },
        ...(state === null ? [] : problemsOf(state)).map((problem) => problemItem(problem, session)),
      ),
    { role: 'dialog', lead: chipSign },
  );
  const preset = dropdown(
    'Recipe',
    (value) => {
      if (value !== edited) session.choosePreset(value);
    },
    { class: 'preset' },
  );
  const ruleList = popupButton('rules', () => (state?.recipe ? recipeRules(state.recipe) : h('div')), {
    role: 'dialog',
  });
  const exporting = popupButton('export', (close) =>
    menu(
      [
        ...modelItems(state, session),
        null,
        ...formats.map(([as, text]) => ({ text, run: () => session.exportReport(as) })),
        null,
        { text: 'Save as recipe…', run: () => session.saveRecipe() },
      ],
      close,
    ),
  );
  const compress = h('button', {
    class: 'flat',
    text: 'compress…',
    attrs: { type: 'button', title: 'Write the model as a .slim container with this recipe' },
    on: { click: () => session.writeModel('compress', false) },
  });
  const again = h('button', {
    class: 'flat',
    text: 'rerun',
    attrs: { type: 'button' },
    on: {
      click: () => {
        if (state !== null && isBusy(state)) session.cancel();
        else session.rerun();
      },
    },
  });

  const ran = h('span', { class: 'ran quiet small', attrs: { role: 'status' } });
  const element = h(
    'header',
    {},
    name,
    meta,
    chip.element,
    preset.element,
    ruleList.element,
    compress,
    exporting.element,
    ran,
    again,
  );
  const tell = brief((text) => setText(ran, text));

  let shownProblems: unknown = null;
  let hasReport = false;
  return {
    element,
    update(next) {
      state = next;
      setText(name, plain(next.summary?.name ?? next.title));
      setText(meta, metaLine(next, false));
      meta.title = metaLine(next, true);
      const key = `${next.problems.length.toString()} ${next.layers.size.toString()} ${next.run.kind}`;
      if (key !== shownProblems) {
        shownProblems = key;
        const problems = problemsOf(next);
        chip.element.hidden = problems.length === 0;
        setText(chip.label, problemsText(problems));
        fill(chipSign, severitySign(problems[0]?.severity ?? 'note'));
      }
      preset.element.hidden = next.recipe === null;
      ruleList.element.hidden = next.recipe === null;
      if (next.recipe !== null) {
        const rules = next.recipe.layers.length - presetRules(next.recipe);
        const isEdited = rules > 0 || presetRules(next.recipe) === 0;
        preset.setOptions(
          [
            ...(isEdited ? [[edited, `${next.recipe.preset}, edited`] as [string, string]] : []),
            ...next.presets.map((id): [string, string] => [id, id]),
          ],
          isEdited ? edited : next.recipe.preset,
        );
      }
      // While a quick rerun goes on, the report before it is still there.
      hasReport = next.run.kind === 'done' || (hasReport && isBusy(next) && !next.slow);
      exporting.button.disabled = !hasReport;
      compress.disabled = !hasReport || next.writing?.kind === 'writing' || next.totals?.weights === 0;
      tell(next.run);
      setText(again, isBusy(next) && next.slow ? 'cancel' : 'rerun');
    },
  };
}

/** What can be written of the model besides the container. */
function modelItems(state: State | null, session: Session): MenuItem[] {
  if (state?.summary?.format === 'slim')
    return [{ text: 'Model in this container…', run: () => session.writeModel('export', false) }];
  const dead = [...(state?.layers.values() ?? [])].some(({ dead: units }) => (units?.rows.count ?? 0) > 0);
  return [
    { text: 'Model with these weights…', run: () => session.writeModel('export', false) },
    ...(dead ? [{ text: 'Model without dead units…', run: () => session.writeModel('export', true) }] : []),
  ];
}

/** Milliseconds for which the end of a rerun is told. */
const toldMs = 5000;

/** Tells for a while that a rerun that was asked for is done, since its figures may be the same as before. */
function brief(say: (text: string) => void): (run: State['run']) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown: State['run'] | null = null;
  return (run) => {
    if (run === shown) return;
    shown = run;
    clearTimeout(timer);
    const told = run.kind === 'done' ? run.told : null;
    say(told === 'same' ? 'ran again: same figures' : told === 'again' ? 'ran again: new figures' : '');
    if (told !== null) timer = setTimeout(() => say(''), toldMs);
  };
}

/** 'opset ai.onnx:12 …': a list of operator sets is long. */
const firstOfList = (text: string): string => {
  const [first = '', ...more] = text.split(', ');
  return more.length > 0 ? `${first} …` : first;
};

/** The facts that fit first: format, version, sizes; where the file comes from stands in the title. */
function metaLine({ summary, stubs, layers, totals }: State, all: boolean): string {
  if (summary === null) return '';
  const shown = all ? summary : { ...summary, detail: summary.detail.slice(0, 1).map(firstOfList) };
  return fileLine(shown, layers.size === stubs.length ? totals : null);
}

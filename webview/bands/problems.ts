import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import type { Problem } from '../../analyzers/model/problem.ts';
import { counted, countText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import type { State } from '../store.ts';
import { h, icon } from '../ui/dom.ts';

/** The model's problems and those of its layers, worst first, each once. */
export function problemsOf(state: Pick<State, 'problems' | 'layers'>): readonly Problem[] {
  const all = [...state.problems, ...[...state.layers.values()].flatMap((layer) => layer.problems)];
  const seen = new Map(all.map((problem) => [`${problem.code} ${problem.message}`, problem]));
  return [...seen.values()].toSorted((a, b) => weight[a.severity] - weight[b.severity]);
}

/** '21 notes', '2 problems', '1 problem, 3 notes': a note is nothing that is wrong. */
export function problemsText(problems: readonly Pick<Problem, 'severity'>[]): string {
  const notes = problems.filter(({ severity }) => severity === 'note').length;
  const wrong = problems.length - notes;
  return [wrong > 0 ? counted(wrong, 'problem') : '', notes > 0 ? counted(notes, 'note') : '']
    .filter((words) => words !== '')
    .join(', ');
}

const weight: Readonly<Record<Problem['severity'], number>> = { error: 0, warning: 1, note: 2 };

/** 'model.onnx · ip1.weight · byte 1 048 576': as much as is known. */
function placeText({ at }: Problem): string {
  const parts = [at.file, at.tensor].flatMap((name) => (name === null ? [] : [plain(name)]));
  if (at.offset !== null) parts.push(`byte ${countText(at.offset)}`);
  return parts.join(' · ');
}

/** Triangle for what is wrong, circle for what is only to be known: told apart without colour. */
export function severitySign(severity: Problem['severity']): HTMLElement {
  const sign =
    severity === 'note'
      ? icon(12, 'M6 1a5 5 0 1 0 .01 0Z', 'M6 5.4v3.4M6 3v1.2')
      : icon(12, 'M6 1.2 11.2 10.6H.8Z', 'M6 4.6v3M6 8.6v1');
  return h('span', { class: `severity ${severity}`, attrs: { role: 'img', 'aria-label': severity } }, sign);
}

export function problemItem(problem: Problem, session: Session): HTMLElement {
  const place = placeText(problem);
  return h(
    'li',
    { class: 'problem' },
    severitySign(problem.severity),
    h(
      'div',
      {},
      h('div', { text: plainMessage(problem.message) }),
      h(
        'div',
        { class: 'small quiet' },
        place === '' ? null : `${place} · `,
        h('button', {
          class: 'link',
          text: problem.code,
          attrs: { type: 'button', title: 'What this code means' },
          on: { click: () => session.openAs('problems', problem.code) },
        }),
      ),
    ),
  );
}

import { plain } from '../../analyzers/report/clean.ts';
import { countText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import type { State } from '../store.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { button } from '../ui/toolkit.ts';

const has = (next: State): boolean =>
  (next.run.kind === 'failed' && next.layers.size === 0) ||
  (next.run.kind === 'done' && next.stubs.length === 0);

/** Stands in the body's place when there is nothing to show: a file that cannot be read, or one without weights. */
export function instead(session: Session): Part & { readonly has: (state: State) => boolean } {
  const element = h('section', { class: 'instead', attrs: { 'aria-live': 'polite' } });
  let state: State | null = null;
  const draw = whenChanged(() => {
    if (state === null) return;
    if (state.run.kind === 'failed') fill(element, ...failed(state, session));
    else fill(element, ...hollow(state, session));
  });
  return {
    element,
    has,
    update(next) {
      state = next;
      element.hidden = !has(next);
      if (!element.hidden) draw(next.run, next.problems);
    },
  };
}

function failed({ run }: State, session: Session): HTMLElement[] {
  if (run.kind !== 'failed') return [];
  const { failure } = run;
  const { offset, file } = failure;
  const place = [
    file === undefined ? null : plain(file),
    offset === undefined ? null : `at byte ${countText(offset)}`,
  ].filter((part) => part !== null);
  return [
    h('h2', { class: 'wrong', text: titles[failure.code] ?? 'This file could not be analysed.' }),
    h('p', { text: plain(failure.message, 600) }),
    h(
      'p',
      { class: 'quiet' },
      place.length > 0 ? `${place.join(', ')} · ` : null,
      failure.code.includes('/') ? codeLink(failure.code, session) : null,
    ),
    h(
      'div',
      { class: 'actions' },
      button('primary', 'Open as hex', () => session.openAs('hex', null)),
      button('secondary', 'Open as text', () => session.openAs('text', null)),
      button('secondary', 'Read again', () => session.rerun()),
    ),
  ];
}

/** What went wrong in a few words; the message says it with its figures. */
const titles: Readonly<Record<string, string>> = {
  'file/empty': 'The file is empty.',
  'file/not-a-model': 'This file is not a model.',
  'file/truncated': 'The file ends too soon.',
  'file/too-large': 'The file is too large to be read whole.',
  'file/missing': 'The file is not there.',
  'file/unreadable': 'The file cannot be read.',
  'limits/depth': 'The file is nested too deeply.',
  'limits/messages': 'The file has more parts than any model has.',
  'limits/strings': 'A name in the file is longer than any model’s.',
  'limits/shape-overflow': 'A tensor in the file is larger than can be counted.',
};

const codeLink = (code: string, session: Session): HTMLElement =>
  h('button', {
    class: 'link',
    text: code,
    attrs: { type: 'button', title: 'What this code means' },
    on: { click: () => session.openAs('problems', code) },
  });

function hollow({ summary, problems }: State, session: Session): HTMLElement[] {
  const elements = summary?.tensors.elements ?? 0;
  const words =
    elements > 0
      ? `Its ${countText(elements)} stored numbers are biases, shapes or constants; no operator reads one of them as a weight.`
      : 'It describes operators alone. Its weights are made elsewhere: in another file beside it, or by the program that runs it.';
  return [
    h('h2', { text: 'This model has no weights to compress.' }),
    h('p', { text: words }),
    ...(problems.length === 0
      ? []
      : [
          h(
            'ul',
            { class: 'problems' },
            ...problems.map(({ message, code }) =>
              h('li', {}, h('div', { text: plain(message, 600) }), codeLink(code, session)),
            ),
          ),
        ]),
    h(
      'div',
      { class: 'actions' },
      button('secondary', 'Read again', () => session.rerun()),
    ),
  ];
}

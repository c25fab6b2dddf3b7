import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import { countText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import type { State } from '../store.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { button } from '../ui/toolkit.ts';
import { needOf, placeView } from './place.ts';

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

function failed({ run, title }: State, session: Session): HTMLElement[] {
  if (run.kind !== 'failed') return [];
  const { failure } = run;
  const { offset, file } = failure;
  // A place in another file, beside the model, is no place in this one.
  const elsewhere = file !== undefined && file !== title ? plain(file) : null;
  const what = titles[failure.code] ?? 'This file could not be analysed';
  const at = offset === undefined || wholly.has(failure.code) ? null : offset;
  const where = at === null ? '' : `, at byte ${countText(at)}`;
  const isOfFile = failure.code.includes('/');
  return [
    h('h2', { class: 'wrong', text: `${what}${where}.` }),
    h('p', { text: sentence(plainMessage(failure.message)) }),
    h(
      'p',
      {},
      causes[failure.code] ?? (failure.code.startsWith('limits/') ? beyond : null),
      ' ',
      elsewhere === null ? null : h('span', { class: 'quiet', text: `${elsewhere} ` }),
      isOfFile ? codeLink(failure.code, session) : null,
    ),
    isOfFile && elsewhere === null ? placeView(session, { offset: at, need: needOf(failure.message) }) : null,
    h(
      'div',
      { class: 'actions' },
      button('primary', 'Open as hex', () => session.openAs('hex', null)),
      button('secondary', 'Open as text', () => session.openAs('text', null)),
      button('secondary', 'Read again', () => session.rerun()),
    ),
  ].filter((part) => part !== null);
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** What went wrong in a few words; the message says it with its figures. */
const titles: Readonly<Record<string, string>> = {
  'file/empty': 'The file is empty',
  'file/not-a-model': 'This file is not a model',
  'file/truncated': 'The file ends too soon',
  'file/damaged': 'The file is damaged',
  'file/too-large': 'The file is too large to be read whole',
  'file/missing': 'The file is not there',
  'file/unreadable': 'The file cannot be read',
  'slim/truncated': 'The container ends too soon',
  'slim/damaged': 'The container is damaged',
  'slim/version': 'The container is of a newer kind',
  'limits/depth': 'The file is nested too deeply',
  'limits/messages': 'The file has more parts than any model has',
  'limits/strings': 'A name in the file is longer than any model’s',
  'limits/shape-overflow': 'A tensor in the file is larger than can be counted',
};

/** What is so of the whole file and of no place in it, though byte 0 may be named. */
const wholly: ReadonlySet<string> = new Set(['file/empty', 'file/not-a-model']);

/** The likely cause, and what mends it. */
const causes: Readonly<Record<string, string>> = {
  'file/empty': 'Usually an export or a download that was interrupted.',
  'file/truncated': 'Usually a download or a copy that stopped: fetch the file or export the model again.',
  'file/damaged':
    'Usually a copy that went wrong: compare the file with the original or export the model again.',
  'slim/truncated': 'Usually a download or a copy that stopped: fetch the file or compress the model again.',
  'slim/damaged': 'Usually a copy that went wrong: nothing of a damaged part is used.',
  'file/missing': 'It may have been moved or deleted since it was listed.',
  'file/unreadable': 'Usually a matter of permissions, or of a folder or device in the place of a file.',
};
const beyond = 'Real models stay far below this limit: the file is damaged, or was made to do harm.';

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

import type { Problem } from '../../analyzers/model/problem.ts';
import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import { counted, countText, percentText } from '../../analyzers/report/units.ts';
import type { Session } from '../session.ts';
import { isBusy, type State } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { needOf, placeView } from './place.ts';
import { severitySign } from './problems.ts';

/** While a run takes long enough to be told of: how far it is, and how to end it. */
export function progressBand(session: Session): Part {
  const done = h('span');
  const note = h('span', { class: 'quiet rest' });
  const bar = h('i', { attrs: { role: 'progressbar', 'aria-label': 'Layers analysed', 'aria-valuemin': 0 } });
  const element = h(
    'div',
    { class: 'progress', attrs: { hidden: true } },
    done,
    note,
    h(
      'button',
      { class: 'flat', attrs: { type: 'button' }, on: { click: () => session.cancel() } },
      h('span', {}, h('kbd', { text: 'Esc' }), ' cancels; finished rows stay'),
    ),
    bar,
  );
  return {
    element,
    update(state) {
      element.hidden = !(isBusy(state) && state.slow);
      if (element.hidden) return;
      const { run } = state;
      const at = run.kind === 'running' || run.kind === 'preparing' ? run : null;
      const of = at?.of ?? 0;
      const count = at?.done ?? 0;
      setText(done, whatIsDone(run));
      setText(
        note,
        of === 0
          ? 'reading names and shapes, no weights yet'
          : run.kind === 'preparing'
            ? 'thresholds and choices that need every layer'
            : nextLayer(state),
      );
      bar.style.width = of === 0 ? '0' : `${((100 * count) / of).toString()}%`;
      bar.setAttribute('aria-valuemax', of.toString());
      bar.setAttribute('aria-valuenow', count.toString());
    },
  };
}

function whatIsDone(run: State['run']): string {
  if (run.kind === 'preparing') return `preparing, ${countText(run.done)} of ${countText(run.of)}`;
  return run.kind === 'running' && run.of > 0
    ? `${countText(run.done)} of ${counted(run.of, 'layer')}`
    : 'opening';
}

/** The first layer that is still to come, and what share of the weights has been read. */
function nextLayer({ stubs, layers, waiting }: State): string {
  let all = 0;
  let read = 0;
  for (const { index, weights } of stubs) {
    all += weights;
    if (layers.has(index) && !waiting.has(index)) read += weights;
  }
  const next = stubs.find(({ index }) => !layers.has(index) || waiting.has(index));
  const share = all > 0 ? `${percentText(read / all)} of the weights read` : '';
  return next === undefined ? share : `${share}, then ${plain(next.name, 60)}`;
}

/** What the user should know about the figures below: of another file, of a cancelled run, of another recipe. */
export function notices(session: Session): Part {
  const element = h('div', { class: 'notices', attrs: { role: 'status' } });
  let state: State | null = null;
  // The same cut keeps its line, with the bytes that it may show, from run to run.
  let kept: { readonly message: string; readonly element: HTMLElement } | null = null;
  const cutLine = (cut: Problem): HTMLElement => {
    if (kept?.message !== cut.message) kept = { message: cut.message, element: cutNotice(cut, session) };
    return kept.element;
  };
  const draw = whenChanged(() => {
    if (state !== null) fill(element, ...linesOf(state, session, cutLine));
  });
  return {
    element,
    update(next) {
      state = next;
      const told = next.run.kind === 'done' ? next.run.told : null;
      draw(
        next.stale,
        next.run.kind,
        told,
        next.restricted,
        next.layers.size === 0,
        next.slow,
        next.problems,
      );
    },
  };
}

function linesOf(state: State, session: Session, cutLine: (cut: Problem) => HTMLElement): HTMLElement[] {
  const { run, stale, stubs } = state;
  const rerun = { text: 'rerun', run: () => session.rerun() };
  const lines: HTMLElement[] = [];
  if (stale !== null && run.kind !== 'running' && run.kind !== 'preparing')
    lines.push(
      stale === 'changed'
        ? notice(
            'warning',
            'changed on disk: rerun',
            'The figures below are those of the earlier file.',
            rerun,
          )
        : notice(
            'warning',
            'the file is gone',
            'The figures below are those of the file that was there.',
            rerun,
          ),
    );
  if (stubs.length > 0) lines.push(...state.problems.filter(isCut).map(cutLine));
  if (run.kind === 'cancelled')
    lines.push(
      notice(
        'note',
        `cancelled after ${countText(run.done)} of ${counted(run.of, 'layer')}`,
        'What was read stays; sums are over those layers alone.',
        rerun,
      ),
    );
  if (run.kind === 'done' && run.told === 'cancelled')
    lines.push(notice('note', 'cancelled', 'The figures below are those of the run before.', rerun));
  if (run.kind === 'failed' && state.layers.size > 0)
    lines.push(
      notice(
        'error',
        plain(run.failure.message, 400),
        'The figures below are those of the run before.',
        rerun,
      ),
    );
  if (state.restricted && stubs.length > 0)
    lines.push(
      notice(
        'note',
        'restricted mode',
        'Files beside the model (external data) are not opened, since this folder is not trusted.',
        null,
      ),
    );
  return lines;
}

const isCut = ({ code, severity }: Problem): boolean => code === 'file/truncated' && severity === 'error';

/** A model that is cut off and analysed as far as it goes: nobody may take its figures for those of the whole. */
function cutNotice({ message, code, at }: Problem, session: Session): HTMLElement {
  const offset = at.offset === null ? '' : ` at byte ${countText(at.offset)}`;
  const bytes = h('div', { class: 'notice-place', attrs: { hidden: true } });
  const show = h('button', {
    class: 'link',
    text: 'show the place',
    attrs: { type: 'button', 'aria-expanded': 'false' },
    on: {
      click: () => {
        const opens = bytes.hidden;
        if (opens && bytes.childElementCount === 0)
          bytes.append(placeView(session, { offset: at.offset, need: needOf(message) }));
        bytes.hidden = !opens;
        setText(show, opens ? 'hide the place' : 'show the place');
        show.setAttribute('aria-expanded', String(opens));
      },
    },
  });
  return h(
    'div',
    { class: 'notice cut' },
    severitySign('error'),
    h('span', { class: 'strong', text: `The file ends${offset}: figures are of what is there.` }),
    h('span', { class: 'cut-words', text: plainMessage(message) }),
    link(code, 'What this code means', () => session.openAs('problems', code)),
    show,
    link('read again', 'Read the file again', () => session.rerun()),
    bytes,
  );
}

const link = (text: string, title: string | null, press: () => void): HTMLElement =>
  h('button', { class: 'link', text, attrs: { type: 'button', title }, on: { click: press } });

function notice(
  severity: 'error' | 'warning' | 'note',
  what: string,
  more: string,
  action: { readonly text: string; readonly run: () => void } | null,
): HTMLElement {
  return h(
    'div',
    { class: 'notice' },
    severitySign(severity),
    h('span', { class: 'strong', text: what }),
    h('span', { class: 'quiet', text: more }),
    action === null ? null : link(action.text, null, () => action.run()),
  );
}

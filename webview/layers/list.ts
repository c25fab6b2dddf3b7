import { countText } from '../../analyzers/report/units.ts';
import type { LayerOp } from '../../analyzers/model/layer.ts';
import { plainMessage } from '../../analyzers/report/clean.ts';
import { problemsOf, problemsText } from '../bands/problems.ts';
import { sashLimits, clampSash } from '../kept.ts';
import type { Session } from '../session.ts';
import type { State, Store } from '../store.ts';
import { fill, h } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';
import { menu, popupButton } from '../ui/popup.ts';
import { dropdown, textField } from '../ui/toolkit.ts';
import { columns } from './columns.ts';
import { layerGrid } from './grid.ts';
import { opsOf } from './rows.ts';

const everyOp = 'all ops';

/** The list of layers with what narrows it down, and what there is to say about the model under it. */
export function layerList(store: Store, session: Session, openDetail: () => void): Part {
  const filter = textField('Filter layers', 'filter by name or op', (text) => store.keep({ filter: text }));
  const op = dropdown('Op', (value) => store.keep({ op: value === everyOp ? null : (value as LayerOp) }));
  const choice = popupButton('columns', (close) =>
    menu(
      columns
        .filter(({ id }) => id !== 'name')
        .map(({ id, title }) => ({
          text: title,
          checked: store.get().kept.columns.includes(id),
          run: () => {
            const { columns: shown } = store.get().kept;
            store.keep({
              columns: shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id],
            });
          },
        })),
      close,
      true,
    ),
  );
  const grid = layerGrid(store, session, openDetail);
  const told = h('div', { class: 'told' });
  const element = h(
    'section',
    { class: 'list', attrs: { 'aria-label': 'Layers' } },
    h('div', { class: 'toolbar' }, h('h2', { text: 'Layers' }), filter, op.element, choice.element),
    grid.element,
    told,
  );
  let state: State | null = null;
  const tell = whenChanged(() => {
    if (state !== null) showProblems(told, state, session);
  });

  return {
    element,
    update(next) {
      state = next;
      if (filter.value !== next.kept.filter) filter.value = next.kept.filter;
      const ops = opsOf(next);
      op.element.hidden = ops.length < 2;
      op.setOptions(
        [everyOp, ...ops].map((id) => [id, id]),
        next.kept.op ?? everyOp,
      );
      grid.update(next);
      tell(next.problems, next.layers.size, next.run.kind);
    },
  };
}

/** Problems that are told under the list. */
const most = 2;

/** The texts of the problems, as long as there are few; the chip in the header has all of them. */
function showProblems(told: HTMLElement, state: State, session: Session): void {
  const problems = problemsOf(state);
  told.hidden = problems.length === 0;
  fill(
    told,
    h('p', { text: problemsText(problems) }),
    ...problems.slice(0, most).map(({ message, code, severity }) =>
      h(
        'p',
        severity === 'note' ? { class: 'one-line', attrs: { title: plainMessage(message) } } : {},
        h('b', { text: plainMessage(message) }),
        ' ',
        h('button', {
          class: 'link',
          text: code,
          attrs: { type: 'button', title: 'What this code means' },
          on: { click: () => session.openAs('problems', code) },
        }),
      ),
    ),
    problems.length > most
      ? h('p', { text: `and ${countText(problems.length - most)} more, at the top` })
      : null,
  );
}

/** The edge between list and detail: dragged, or moved by the arrow keys. */
export function sash(store: Store): Part {
  const element = h('div', {
    class: 'sash',
    attrs: {
      role: 'separator',
      tabindex: 0,
      'aria-orientation': 'vertical',
      'aria-label': 'Width of the list',
      'aria-valuemin': sashLimits.least,
      'aria-valuemax': sashLimits.most,
    },
  });
  /** Where it is now, whether or not it was ever moved. */
  const width = (): number => store.get().kept.sash ?? clampSash(element.offsetLeft + 3);
  const move = (to: number): void => store.keep({ sash: clampSash(to) });
  element.addEventListener('pointerdown', (event) => {
    const start = event.clientX - width();
    element.setPointerCapture(event.pointerId);
    element.classList.add('moving');
    const drag = (moved: PointerEvent): void => move(moved.clientX - start);
    element.addEventListener('pointermove', drag);
    element.addEventListener(
      'lostpointercapture',
      () => {
        element.classList.remove('moving');
        element.removeEventListener('pointermove', drag);
      },
      { once: true },
    );
  });
  element.addEventListener('dblclick', () => store.keep({ sash: null }));
  element.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -8, ArrowRight: 8 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(width() + by);
  });
  return {
    element,
    update: () => element.setAttribute('aria-valuenow', width().toString()),
  };
}

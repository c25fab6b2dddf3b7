import { percentText } from '../../analyzers/report/units.ts';
import type { Studied, Studies } from '../studies.ts';
import { h } from '../ui/dom.ts';

/** In the place of a study that is not there yet: how far it is, or why there is none and what can be done. */
export function studyLine(
  state: Exclude<Studied<unknown>, { kind: 'done' }>,
  studies: Pick<Studies, 'again'>,
): HTMLElement {
  if (state.kind === 'failed')
    return h(
      'p',
      { class: 'study-line', attrs: { role: 'status' } },
      h('span', { text: state.message }),
      ' ',
      h('button', {
        class: 'link',
        text: 'try again',
        attrs: { type: 'button' },
        on: { click: () => studies.again() },
      }),
    );
  const share = state.kind === 'running' ? state.share : 0;
  return h(
    'div',
    { class: 'study-line quiet', attrs: { role: 'status' } },
    h('span', {
      text:
        state.kind === 'waits'
          ? 'waits until the layers are read'
          : `reading the layer’s weights, ${percentText(share)}`,
    }),
    h(
      'span',
      {
        class: 'study-bar',
        attrs: {
          role: 'progressbar',
          'aria-label': 'Study',
          'aria-valuemin': 0,
          'aria-valuemax': 100,
          'aria-valuenow': Math.round(100 * share),
        },
      },
      h('i', { style: { width: `${(100 * share).toFixed(1)}%` } }),
    ),
  );
}

import { plainMessage } from '../../analyzers/report/clean.ts';
import { percentText } from '../../analyzers/report/units.ts';
import { writtenText } from '../../analyzers/report/written.ts';
import type { Session } from '../session.ts';
import type { WriteState } from '../store.ts';
import { fill, h, setText } from '../ui/dom.ts';
import { whenChanged, type Part } from '../ui/part.ts';

const words = { compress: 'compressing', export: 'exporting' } as const;

const link = (label: string, press: () => void): HTMLButtonElement =>
  h('button', { class: 'link', text: label, attrs: { type: 'button' }, on: { click: press } });

/** A file that is being written: how far it is, and how to end it. Then what it came to, until it is put away. */
export function writeBand(session: Session): Part {
  const text = h('span');
  const note = h('span', { class: 'quiet rest' });
  const actions = h('span', { class: 'write-actions' });
  const bar = h('i', {
    attrs: { role: 'progressbar', 'aria-label': 'Written', 'aria-valuemin': 0, 'aria-valuemax': 100 },
  });
  const notes = h('ul', { class: 'write-notes quiet small', attrs: { hidden: true } });
  const line = h('div', { class: 'progress', attrs: { role: 'status' } }, text, note, actions, bar);
  const element = h('div', { class: 'write-band', attrs: { hidden: true } }, line, notes);

  const drawActions = whenChanged(() => {
    const state = shown;
    notes.hidden = true;
    if (state?.kind === 'writing')
      fill(
        actions,
        h(
          'button',
          { class: 'flat', attrs: { type: 'button' }, on: { click: () => session.cancelWrite() } },
          h('span', {}, h('kbd', { text: 'Esc' }), ' cancels; nothing is left of it'),
        ),
      );
    else if (state !== null) {
      const { notes: told } = state.written;
      fill(notes, ...told.map((one) => h('li', { text: plainMessage(one) })));
      const more = link(`${told.length.toString()} ${told.length === 1 ? 'note' : 'notes'}`, () => {
        notes.hidden = !notes.hidden;
        more.setAttribute('aria-expanded', String(!notes.hidden));
      });
      more.setAttribute('aria-expanded', 'false');
      fill(
        actions,
        told.length > 0 ? more : null,
        link('reveal', () => session.revealWritten()),
        link('put away', () => session.forgetWritten()),
      );
    }
  });
  let shown: WriteState | null = null;

  return {
    element,
    update({ writing }) {
      shown = writing;
      element.hidden = writing === null;
      if (writing === null) return;
      const share = writing.kind === 'writing' ? writing.share : null;
      bar.hidden = share === null;
      bar.style.width = `${(100 * (share ?? 0)).toFixed(1)}%`;
      bar.setAttribute('aria-valuenow', Math.floor(100 * (share ?? 0)).toString());
      if (writing.kind === 'written') {
        setText(text, writtenText(writing.written));
        setText(note, writing.what === 'compress' ? 'read back before it got its name' : '');
      } else {
        setText(text, words[writing.what]);
        setText(note, share === null ? 'waiting for a place to write to' : percentText(share));
      }
      drawActions(writing.kind === 'written' ? writing : writing.kind);
    },
  };
}

import { h } from './dom.ts';

/** Two words of which one holds. */
export function choice(
  on: string,
  off: string,
  changed: (on: boolean) => void,
): { readonly element: HTMLElement; show(on: boolean): void } {
  const make = (text: string, value: boolean): HTMLButtonElement =>
    h('button', {
      class: 'choice',
      text,
      attrs: { type: 'button', 'aria-pressed': 'false' },
      on: { click: () => changed(value) },
    });
  const [yes, no] = [make(on, true), make(off, false)];
  return {
    element: h('span', { class: 'toggle', attrs: { role: 'group', 'aria-label': 'What is shown' } }, yes, no),
    show(value) {
      yes.setAttribute('aria-pressed', String(value));
      no.setAttribute('aria-pressed', String(!value));
    },
  };
}

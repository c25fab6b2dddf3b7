import { h } from './dom.ts';

export interface Tabs<T extends string> {
  readonly element: HTMLElement;
  show(selected: T): void;
}

/** A row of tabs: one stop of the Tab key, arrows between them, the panel follows at once. */
export function tabs<T extends string>(
  label: string,
  entries: readonly { readonly id: T; readonly title: string }[],
  panel: string,
  choose: (id: T) => void,
): Tabs<T> {
  const buttons = entries.map(({ id, title }) => ({
    id,
    button: h('button', {
      text: title,
      attrs: { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': panel },
      on: { click: () => choose(id) },
    }),
  }));
  const element = h(
    'div',
    { class: 'tabs', attrs: { role: 'tablist', 'aria-label': label } },
    ...buttons.map(({ button }) => button),
  );
  element.addEventListener('keydown', (event) => {
    const at = buttons.findIndex(({ button }) => button === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    next?.button.focus();
    if (next !== undefined) choose(next.id);
  });
  return {
    element,
    show(selected) {
      for (const { id, button } of buttons) {
        button.setAttribute('aria-selected', String(id === selected));
        button.tabIndex = id === selected ? 0 : -1;
      }
    },
  };
}

import { h, icon } from './dom.ts';

/** One line of a menu; `checked` makes it a line that can be switched, null a plain one. */
export interface MenuItem {
  readonly text: string;
  readonly checked?: boolean;
  readonly run: () => void;
}

/** A word with a caret that opens what `content` makes, under it; Escape and a press elsewhere close it. */
export function popupButton(
  label: string,
  content: (close: () => void) => HTMLElement,
  options: { readonly lead?: Node; readonly role: 'menu' | 'dialog'; readonly class?: string } = {
    role: 'menu',
  },
): { readonly element: HTMLElement; readonly button: HTMLButtonElement; readonly label: HTMLElement } {
  const text = h('span', { text: label });
  const button = h(
    'button',
    {
      class: `flat ${options.class ?? ''}`,
      attrs: { type: 'button', 'aria-haspopup': options.role, 'aria-expanded': 'false' },
    },
    options.lead ?? null,
    text,
    options.lead === undefined ? icon(9, 'M1.5 3 4.5 6 7.5 3') : null,
  );
  const element = h('span', { class: 'holder' }, button);
  let popup: HTMLElement | null = null;

  const close = (): void => {
    if (popup === null) return;
    const hadFocus = popup.contains(document.activeElement);
    popup.remove();
    popup = null;
    button.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', outside, true);
    if (hadFocus) button.focus();
  };
  const outside = (event: Event): void => {
    if (
      event.target instanceof Node &&
      !element.contains(event.target) &&
      popup?.contains(event.target) !== true
    )
      close();
  };
  const open = (): void => {
    popup = h('div', { class: 'popup', attrs: { role: options.role, 'aria-label': label } }, content(close));
    popup.addEventListener('keydown', (event) => keys(event, popup, close));
    document.body.append(popup);
    place(popup, button);
    button.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', outside, true);
    const first = popup.querySelector<HTMLElement>('.item, button, vscode-checkbox, vscode-dropdown');
    (first ?? popup).focus();
  };
  button.addEventListener('click', () => {
    if (popup === null) open();
    else close();
  });
  button.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' || popup !== null) return;
    event.preventDefault();
    open();
  });
  return { element, button, label: text };
}

export function menu(items: readonly (MenuItem | null)[], close: () => void, stays = false): HTMLElement {
  return h(
    'div',
    {},
    ...items.map((item) => {
      if (item === null) return h('hr', { attrs: { role: 'separator' } });
      const { checked } = item;
      const sign = h('span', { class: 'sign' });
      const show = (on: boolean): void => {
        sign.replaceChildren(on ? check() : '');
      };
      if (checked !== undefined) show(checked);
      const line = h(
        'button',
        {
          class: 'item',
          attrs: {
            type: 'button',
            tabindex: -1,
            role: checked === undefined ? 'menuitem' : 'menuitemcheckbox',
            'aria-checked': checked === undefined ? null : String(checked),
          },
          on: {
            click: () => {
              item.run();
              if (!stays) close();
              else if (checked !== undefined) {
                const on = line.getAttribute('aria-checked') !== 'true';
                line.setAttribute('aria-checked', String(on));
                show(on);
              }
            },
          },
        },
        checked === undefined ? null : sign,
        item.text,
      );
      return line;
    }),
  );
}

function check(): SVGSVGElement {
  const sign = icon(10, 'M1.5 5.5 4 8 8.5 2.5');
  sign.style.fill = 'none';
  sign.style.stroke = 'currentColor';
  return sign;
}

function place(popup: HTMLElement, under: HTMLElement): void {
  const at = under.getBoundingClientRect();
  const { width } = popup.getBoundingClientRect();
  popup.style.top = `${(at.bottom + window.scrollY + 2).toString()}px`;
  popup.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8)).toString()}px`;
}

/** What arrows and letters are for themselves. */
const controls = 'vscode-dropdown, vscode-text-field';

/** Arrows go through a menu and Tab leaves it; in a dialog Tab goes round. Escape closes both. */
function keys(event: KeyboardEvent, popup: HTMLElement | null, close: () => void): void {
  const dialog = popup?.getAttribute('role') === 'dialog';
  if (event.key === 'Escape' || (event.key === 'Tab' && !dialog)) {
    event.preventDefault();
    event.stopPropagation();
    close();
    return;
  }
  const inControl = event.target instanceof HTMLElement && event.target.matches(controls);
  // Arrows are the control's own.
  if (inControl && event.key !== 'Tab') return;
  const items = [
    ...(popup?.querySelectorAll<HTMLElement>(dialog ? `button, vscode-button, ${controls}` : '.item') ?? []),
  ].filter((item) => !item.hidden);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const tab = event.shiftKey ? at - 1 : at + 1;
  const to = { Tab: tab, ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || items.length === 0) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}

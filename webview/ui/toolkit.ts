import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { h, type Child, type Props } from './dom.ts';

/** Registers the controls that the page uses; nothing else of the toolkit is named outside this file. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeTextField(),
  );
}

/** A control that holds a value, as far as the page uses it. */
export interface ValueControl extends HTMLElement {
  value: string;
}
export interface CheckControl extends HTMLElement {
  checked: boolean;
  /** Sets it without telling. */
  show(checked: boolean): void;
}

/** The toolkit's controls overwrite their name whenever they are put into the page: this puts it back. */
function keepName(element: HTMLElement, name: () => string): void {
  const put = (): void => {
    if (element.getAttribute('aria-label') !== name()) element.setAttribute('aria-label', name());
  };
  new MutationObserver(put).observe(element, {
    attributes: true,
    attributeFilter: ['aria-label'],
    childList: true,
    characterData: true,
    subtree: true,
  });
  put();
}

export type Appearance = 'primary' | 'secondary' | 'icon';

export function button(
  appearance: Appearance,
  label: string,
  press: () => void,
  props: Props = {},
): HTMLElement {
  return h(
    'vscode-button',
    {
      ...props,
      attrs: { appearance, ...props.attrs },
      on: { ...props.on, click: press },
    },
    label,
  );
}

export function textField(label: string, placeholder: string, typed: (value: string) => void): ValueControl {
  const field = h('vscode-text-field', { attrs: { placeholder, 'aria-label': label } }) as ValueControl;
  keepName(field, () => label);
  field.addEventListener('input', () => typed(field.value));
  return field;
}

/** `chosen` is called for what the user picks, never for what `setOptions` sets. */
export function dropdown(
  label: string,
  chosen: (value: string) => void,
  props: Props = {},
): {
  readonly element: ValueControl;
  setOptions(options: readonly [value: string, text: string][], value: string): void;
} {
  const element = h('vscode-dropdown', {
    ...props,
    attrs: { 'aria-label': label, ...props.attrs },
  }) as ValueControl;
  keepName(element, () => label);
  let shown = '';
  let expected = '';
  element.addEventListener('change', () => {
    if (element.value === expected) return;
    expected = element.value;
    chosen(element.value);
  });
  return {
    element,
    setOptions(options, value) {
      const key = JSON.stringify(options);
      expected = value;
      if (key !== shown) {
        shown = key;
        element.replaceChildren(
          ...options.map(([id, text]) =>
            h('vscode-option', { text, attrs: { value: id, selected: id === value } }),
          ),
        );
      }
      // The control reads its options a moment after they were put in.
      queueMicrotask(() => {
        if (element.value !== expected) element.value = expected;
      });
    },
  };
}

export function checkbox(label: Child, changed: (checked: boolean) => void, props: Props = {}): CheckControl {
  const box = h('vscode-checkbox', props, label) as HTMLElement & { checked: boolean };
  keepName(box, () => box.textContent.trim());
  let expected = false;
  box.addEventListener('change', () => {
    if (box.checked === expected) return;
    expected = box.checked;
    changed(box.checked);
  });
  return Object.assign(box, {
    show(checked: boolean): void {
      expected = checked;
      box.checked = checked;
    },
  });
}

import { h } from './dom.ts';

export interface Slider {
  readonly element: HTMLElement;
  /** Shows a value unless the user is moving the slider. Null: there is nothing to set. */
  show(value: number | null, words: string): void;
}

/**
 * A native range input, since the toolkit has none, named and in the theme's colours.
 * `moved` is called while it moves (`lasting` false) and once when it is let go.
 */
export function slider(options: {
  /** The accessible name. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** One press of an arrow; with Shift, `large`. */
  readonly step: number;
  readonly large: number;
  readonly short?: boolean;
  words(value: number): string;
  moved(value: number, lasting: boolean): void;
}): Slider {
  const { name, least, most, step, large } = options;
  const input = h('input', {
    attrs: { type: 'range', min: least, max: most, step, 'aria-label': name },
  });
  const value = h('span', { class: 'value', attrs: { 'aria-hidden': 'true' } });
  const element = h(
    'label',
    { class: options.short === true ? 'slider short' : 'slider' },
    h('span', { text: name.toLowerCase(), attrs: { 'aria-hidden': 'true' } }),
    input,
    value,
  );
  let moving = false;
  const tell = (lasting: boolean): void => {
    const at = Number(input.value);
    value.textContent = options.words(at);
    input.setAttribute('aria-valuetext', options.words(at));
    options.moved(at, lasting);
  };
  input.addEventListener('input', () => {
    moving = true;
    tell(false);
  });
  input.addEventListener('change', () => {
    moving = false;
    tell(true);
  });
  input.addEventListener('keydown', (event) => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (direction === undefined || !event.shiftKey) return;
    event.preventDefault();
    input.value = (Number(input.value) + direction * large).toString();
    tell(false);
    tell(true);
  });
  return {
    element,
    show(at, words) {
      input.disabled = at === null;
      if (moving) return;
      if (at !== null) input.value = at.toString();
      value.textContent = words;
      input.setAttribute('aria-valuetext', words);
    },
  };
}

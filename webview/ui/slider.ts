import { h } from './dom.ts';
import { gesture } from './gesture.ts';

export interface Slider {
  readonly element: HTMLElement;
  /**
   * Shows the reported value, or what the user set as long as the newest run has not answered. Null: there is
   * nothing to set. `of` tells what the value is of: another one ends the gesture.
   */
  show(value: number | null, words: string, of: number, answered: boolean): void;
}

/**
 * A native range input, since the toolkit has none, named and in the theme's colours.
 * `moved` is called while it moves; `ended` once a gesture, which is a drag or a burst of keys.
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
  moved(value: number): void;
  ended(): void;
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
  let reported: { readonly at: number; readonly words: string; readonly answered: boolean } | null = null;
  let shownOf: number | null = null;
  let dragging = false;
  const write = (at: number, words: string): void => {
    input.value = at.toString();
    value.textContent = words;
    input.setAttribute('aria-valuetext', words);
  };
  const held = gesture(() => {
    options.ended();
    if (reported !== null && held.value(reported.answered) === null) write(reported.at, reported.words);
  });
  const tell = (by: 'key' | 'pointer'): void => {
    const at = Number(input.value);
    held.set(at, by);
    // Whatever answered before this is of an older run.
    if (reported !== null) reported = { ...reported, answered: false };
    write(at, options.words(at));
    options.moved(at);
  };
  input.addEventListener('pointerdown', () => {
    held.end();
    dragging = true;
  });
  input.addEventListener('input', () => tell(dragging ? 'pointer' : 'key'));
  input.addEventListener('change', () => {
    if (dragging) held.end();
  });
  for (const done of ['pointerup', 'pointercancel'])
    input.addEventListener(done, () => {
      // The last input and its change come first.
      setTimeout(() => {
        dragging = false;
        held.end();
      });
    });
  input.addEventListener('blur', () => held.end());
  input.addEventListener('keydown', (event) => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (direction === undefined || !event.shiftKey) return;
    event.preventDefault();
    input.value = (Number(input.value) + direction * large).toString();
    tell('key');
  });
  return {
    element,
    show(at, words, of, answered) {
      input.disabled = at === null;
      if (shownOf !== of) {
        // A gesture of the one before does not write over this one.
        reported = null;
        held.drop();
        shownOf = of;
      }
      reported = at === null ? null : { at, words, answered };
      if (at === null) value.textContent = words;
      else if (held.value(answered) === null) write(at, words);
    },
  };
}

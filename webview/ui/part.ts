import type { State } from '../store.ts';

/** A part of the page: made once, brought up to date by every state. It looks for itself at what changed. */
export interface Part {
  readonly element: HTMLElement;
  readonly update: (state: State) => void;
}

/** Runs `draw` only when one of the values that it depends on is another than before. */
export function whenChanged(draw: () => void): (...values: readonly unknown[]) => void {
  let before: readonly unknown[] | null = null;
  return (...values) => {
    if (before?.length === values.length && values.every((value, i) => Object.is(value, before?.[i]))) return;
    before = values;
    draw();
  };
}

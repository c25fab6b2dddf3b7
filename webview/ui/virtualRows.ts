import { sliceOf } from '../layers/virtual.ts';
import { fill, h } from './dom.ts';

export interface VirtualRows {
  readonly element: HTMLElement;
  /** Draws `count` rows anew, those in sight only. */
  show(count: number, row: (at: number) => HTMLElement): void;
}

/** A scrolled stack of rows of one height, of which only those in sight exist. */
export function virtualRows(rowHeight: number, className: string): VirtualRows {
  const space = h('div', { attrs: { role: 'presentation' } });
  const element = h('div', { class: `virtual ${className}`, attrs: { role: 'rowgroup' } }, space);
  let rows = 0;
  let make: ((at: number) => HTMLElement) | null = null;
  let drawn = new Map<number, HTMLElement>();
  const draw = (): void => {
    if (make === null || !element.isConnected) return;
    const slice = sliceOf({
      rows,
      rowHeight,
      scrollTop: element.scrollTop,
      viewHeight: element.clientHeight || window.innerHeight,
      spare: 2,
    });
    space.style.height = `${slice.height.toString()}px`;
    const next = new Map<number, HTMLElement>();
    for (let at = slice.from; at < slice.from + slice.count; at += 1) {
      const row = drawn.get(at) ?? make(at);
      row.style.top = `${(at * rowHeight).toString()}px`;
      next.set(at, row);
    }
    const same = next.size === drawn.size && [...next.keys()].every((at) => drawn.has(at));
    drawn = next;
    if (!same || element.childElementCount !== next.size + 1) fill(element, space, ...next.values());
  };
  element.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(element);
  return {
    element,
    show(count, row) {
      rows = count;
      make = row;
      drawn = new Map();
      draw();
      // An element that was only just put in place has no height yet.
      requestAnimationFrame(draw);
    },
  };
}

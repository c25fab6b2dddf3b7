import { numberText } from '../../analyzers/report/units.ts';
import type { ChartArea } from '../charts/chart.ts';
import { placeOf, type HistogramScene } from '../charts/histogramScene.ts';
import { h } from '../ui/dom.ts';
import { gesture } from '../ui/gesture.ts';

/** Moves within this many milliseconds are one run. */
const settleMs = 40;

/**
 * Two handles over the histogram, at plus and minus the threshold; dragging one moves both.
 * Each is a slider for the keyboard: arrows move by a hundredth of the axis, Shift by a twentieth.
 */
export function thresholdHandles(
  frame: HTMLElement,
  options: {
    area(): ChartArea | null;
    scene(): HistogramScene | null;
    /** The newest run has answered: the scene is of what was set last. */
    answered(): boolean;
    moved(threshold: number): void;
    ended(): void;
  },
): { place(): void } {
  let dragging = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: number | null = null;
  const flush = (): void => {
    clearTimeout(timer);
    if (pending !== null) options.moved(pending);
    pending = null;
  };
  const held = gesture(() => {
    flush();
    options.ended();
    place();
  });
  const tell = (threshold: number, by: 'key' | 'pointer'): void => {
    held.set(threshold, by);
    place();
    clearTimeout(timer);
    pending = threshold;
    timer = setTimeout(flush, settleMs);
  };
  const threshold = (): number =>
    held.value(options.answered() && pending === null) ?? options.scene()?.threshold ?? 0;

  const make = (side: -1 | 1): HTMLElement => {
    const handle = h('button', {
      class: 'handle',
      attrs: { type: 'button', role: 'slider', 'aria-label': 'Threshold', tabindex: side === 1 ? 0 : -1 },
    });
    handle.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      held.end();
      dragging = true;
    });
    handle.addEventListener('pointermove', (event) => {
      const [area, scene] = [options.area(), options.scene()];
      if (!dragging || area === null || scene === null) return;
      const x = event.clientX - frame.getBoundingClientRect().left;
      const value = ((x - area.left) / (area.right - area.left)) * 2 * scene.limit - scene.limit;
      tell(Math.min(scene.limit, Math.max(0, side * value)), 'pointer');
    });
    handle.addEventListener('lostpointercapture', () => {
      dragging = false;
      held.end();
    });
    handle.addEventListener('keydown', (event) => {
      const scene = options.scene();
      const by = { ArrowRight: side, ArrowUp: 1, ArrowLeft: -side, ArrowDown: -1 }[event.key];
      if (by === undefined || scene === null) return;
      event.preventDefault();
      event.stopPropagation();
      const step = scene.limit / (event.shiftKey ? 20 : 100);
      tell(Math.min(scene.limit, Math.max(0, threshold() + by * step)), 'key');
    });
    handle.addEventListener('blur', () => held.end());
    return handle;
  };
  const handles = [
    { side: -1, element: make(-1) },
    { side: 1, element: make(1) },
  ] as const;
  frame.append(...handles.map(({ element }) => element));

  const place = (): void => {
    const [area, scene] = [options.area(), options.scene()];
    for (const { side, element } of handles) {
      element.hidden = area === null || scene === null;
      if (area === null || scene === null) continue;
      const at = placeOf(side * threshold(), scene.limit);
      element.style.left = `${(area.left + at * (area.right - area.left)).toString()}px`;
      element.style.top = `${(area.top - 12).toString()}px`;
      element.setAttribute('aria-valuemin', '0');
      element.setAttribute('aria-valuemax', scene.limit.toString());
      element.setAttribute('aria-valuenow', threshold().toString());
      element.setAttribute('aria-valuetext', numberText(threshold()));
    }
  };
  return { place };
}

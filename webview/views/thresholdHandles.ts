import { numberText } from '../../analyzers/report/units.ts';
import type { ChartArea } from '../charts/chart.ts';
import { placeOf, type HistogramScene } from '../charts/histogramScene.ts';
import { h } from '../ui/dom.ts';

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
    moved(threshold: number, lasting: boolean): void;
  },
): { place(): void } {
  let dragged: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (threshold: number, lasting: boolean): void => {
    clearTimeout(timer);
    if (lasting) options.moved(threshold, true);
    else timer = setTimeout(() => options.moved(threshold, false), settleMs);
  };
  const threshold = (): number => dragged ?? options.scene()?.threshold ?? 0;

  const make = (side: -1 | 1): HTMLElement => {
    const handle = h('button', {
      class: 'handle',
      attrs: { type: 'button', role: 'slider', 'aria-label': 'Threshold', tabindex: side === 1 ? 0 : -1 },
    });
    handle.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      dragged = threshold();
    });
    handle.addEventListener('pointermove', (event) => {
      const [area, scene] = [options.area(), options.scene()];
      if (dragged === null || area === null || scene === null) return;
      const x = event.clientX - frame.getBoundingClientRect().left;
      const value = ((x - area.left) / (area.right - area.left)) * 2 * scene.limit - scene.limit;
      dragged = Math.min(scene.limit, Math.max(0, side * value));
      place();
      tell(dragged, false);
    });
    handle.addEventListener('lostpointercapture', () => {
      if (dragged === null) return;
      tell(dragged, true);
      dragged = null;
    });
    handle.addEventListener('keydown', (event) => {
      const scene = options.scene();
      const by = { ArrowRight: side, ArrowUp: 1, ArrowLeft: -side, ArrowDown: -1 }[event.key];
      if (by === undefined || scene === null) return;
      event.preventDefault();
      event.stopPropagation();
      const step = scene.limit / (event.shiftKey ? 20 : 100);
      tell(Math.min(scene.limit, Math.max(0, threshold() + by * step)), true);
    });
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

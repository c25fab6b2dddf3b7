import { inks } from '../theme.ts';
import { h } from '../ui/dom.ts';
import { prepare } from './canvas.ts';
import { paintPlot, plotRoom, type PlotArea } from './plotPaint.ts';
import { nearestPoint, type Picked, type Plot } from './plotScene.ts';

/** Px within which a point is pointed at. */
const reach = 24;

export interface Plots {
  readonly element: HTMLElement;
  /** Draws again what `describe` says now. */
  draw(): void;
}

/**
 * Plots under each other on one canvas. The pointer picks the nearest point; with the focus on it, arrows go along a
 * line, and up and down to the next one. `picked` says where: the plot and the point, or null for none.
 */
export function plots(
  options: {
    readonly label: () => string;
    /** Px of one plot's area. */
    readonly height: number;
    /** Px that it may take at most. */
    readonly width: number;
    /** The words of the horizontal axis stand under the last plot alone. */
    readonly shared: boolean;
  },
  describe: () => readonly Plot[],
  picked: (at: (Picked & { readonly plot: number }) | null) => void,
): Plots {
  const canvas = h('canvas', { attrs: { role: 'img', tabindex: 0 } });
  const element = h('div', { class: 'plots' }, canvas);
  let areas: readonly PlotArea[] = [];
  let shown: readonly Plot[] = [];
  let at: (Picked & { readonly plot: number }) | null = null;

  const paint = (): void => {
    const all = Math.max(160, Math.min(options.width, element.clientWidth));
    const gap = plotRoom.top + (options.shared ? 8 : plotRoom.bottom);
    areas = shown.map((_, i) => ({
      left: plotRoom.left,
      top: plotRoom.top + i * (options.height + gap),
      width: all - plotRoom.left - plotRoom.right,
      height: options.height,
    }));
    const end = areas.at(-1);
    const context = prepare(canvas, all, (end === undefined ? 0 : end.top + end.height) + plotRoom.bottom);
    if (context === null) return;
    const ink = inks();
    context.font = ink.font;
    shown.forEach((plot, i) => {
      const area = areas[i];
      const isLast = i === shown.length - 1;
      if (area !== undefined)
        paintPlot(context, area, plot, ink, at?.plot === i ? at : null, isLast || !options.shared);
    });
  };
  const pick = (next: typeof at): void => {
    at = next;
    paint();
    picked(next);
  };
  canvas.addEventListener('pointermove', (event) => {
    for (const [i, area] of areas.entries()) {
      const plot = shown[i];
      if (plot === undefined || event.offsetY > area.top + area.height + 12) continue;
      const found = nearestPoint(plot, area, [event.offsetX - area.left, event.offsetY - area.top], reach);
      pick(found === null ? null : { ...found, plot: i });
      return;
    }
  });
  canvas.addEventListener('pointerleave', () => pick(null));
  canvas.addEventListener('blur', () => pick(null));
  canvas.addEventListener('keydown', (event) => {
    const next = stepped(shown, at, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    pick(next);
  });
  new ResizeObserver(() => requestAnimationFrame(paint)).observe(element);

  return {
    element,
    draw() {
      shown = describe();
      at = null;
      canvas.setAttribute('aria-label', options.label());
      paint();
    },
  };
}

/** Left and right along the line; up and down through all lines of all plots. Null: not a key of this. */
function stepped(
  shown: readonly Plot[],
  at: (Picked & { readonly plot: number }) | null,
  key: string,
): (Picked & { readonly plot: number }) | null {
  const all = shown.flatMap(({ lines }, plot) =>
    lines.flatMap(({ points }, line) => (points.length > 0 ? [{ plot, line, last: points.length - 1 }] : [])),
  );
  const now = Math.max(
    0,
    at === null ? 0 : all.findIndex(({ plot, line }) => plot === at.plot && line === at.line),
  );
  const here = all[now];
  if (here === undefined) return null;
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (along !== undefined) {
    const from = at === null ? (along > 0 ? -1 : here.last + 1) : at.point;
    return { ...here, point: Math.max(0, Math.min(here.last, from + along)) };
  }
  const across = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (across === undefined) return null;
  const next = all[Math.max(0, Math.min(all.length - 1, now + (at === null ? 0 : across)))] ?? here;
  return { ...next, point: Math.min(next.last, at?.point ?? 0) };
}

import type { EiePes } from '../../analyzers/report/eieStudy.ts';
import { rampStep } from '../color.ts';
import { inks, type Inks } from '../theme.ts';
import { h } from '../ui/dom.ts';
import { prepare } from './canvas.ts';
import { peCell, peGrid, steppedCell, type PeCell, type PeGrid } from './eiePesScene.ts';

/** Px: all at most, the grid's height, the bars beside it. */
const most = { width: 620, height: 256 } as const;
const bars = { width: 132, gap: 12 } as const;

interface Place {
  readonly pe: number;
  readonly bin: number | null;
}

/** Every PE a line: its cycles over time as a grid, and over the whole run as a bar of work, padding and waiting. */
export function eiePesPicture(picked: (cell: PeCell | null) => void): {
  readonly element: HTMLElement;
  draw(pes: EiePes | null, of: 'work' | 'starved', label: string): void;
} {
  const canvas = h('canvas', { attrs: { role: 'img', tabindex: 0 } });
  const element = h('div', { class: 'eie-pes' }, canvas);
  let shown: { readonly pes: EiePes; readonly grid: PeGrid } | null = null;
  let at: Place | null = null;
  let box = { width: 0, height: 0, grid: 0 };

  const paint = (): void => {
    if (shown === null) return;
    const { grid } = shown;
    const width = Math.max(160, Math.min(most.width, element.clientWidth));
    // Whole lines of px, so that all PEs are equally high.
    const line = Math.max(1, Math.floor(most.height / Math.max(1, grid.pes)));
    const height = Math.min(most.height, line * grid.pes);
    box = { width, height, grid: grid.bins === 0 ? 0 : width - bars.width - bars.gap };
    const context = prepare(canvas, width, height);
    if (context !== null) paintPes(context, grid, box, inks(), at);
  };
  const pick = (next: Place | null): void => {
    at = next;
    paint();
    picked(shown === null || next === null ? null : peCell(shown.pes, next.pe, next.bin));
  };
  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    if (shown === null || box.height === 0) return;
    const { pes, bins } = shown.grid;
    const pe = Math.max(0, Math.min(pes - 1, Math.floor((offsetY / box.height) * pes)));
    const bin = offsetX < box.grid ? Math.floor((offsetX / box.grid) * bins) : null;
    pick({ pe, bin: bin === null ? null : Math.max(0, Math.min(bins - 1, bin)) });
  });
  canvas.addEventListener('pointerleave', () => pick(null));
  canvas.addEventListener('blur', () => pick(null));
  canvas.addEventListener('keydown', (event) => {
    const next = shown === null ? null : steppedCell(shown.grid, at, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    pick(next);
  });
  new ResizeObserver(() => requestAnimationFrame(paint)).observe(element);

  return {
    element,
    draw(pes, of, label) {
      shown = pes === null ? null : { pes, grid: peGrid(pes, of) };
      at = null;
      element.hidden = shown === null;
      canvas.setAttribute('aria-label', label);
      paint();
    },
  };
}

function paintPes(
  context: CanvasRenderingContext2D,
  { pes, bins, shares, bars: lines }: PeGrid,
  box: { readonly width: number; readonly height: number; readonly grid: number },
  ink: Inks,
  at: Place | null,
): void {
  const y = (pe: number): number => (pe * box.height) / pes;
  const x = (bin: number): number => (bin * box.grid) / Math.max(1, bins);
  for (let bin = 0; bin < bins; bin += 1)
    for (let pe = 0; pe < pes; pe += 1) {
      const [r, g, b] = ink.ramp.steps[rampStep(ink.ramp, shares[bin * pes + pe] ?? 0)] ?? [0, 0, 0];
      context.fillStyle = `rgb(${r.toString()} ${g.toString()} ${b.toString()})`;
      const [left, top] = [Math.round(x(bin)), Math.round(y(pe))];
      context.fillRect(left, top, Math.round(x(bin + 1)) - left, Math.round(y(pe + 1)) - top);
    }
  if (bins > 0) {
    context.strokeStyle = ink.rule;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, box.grid - 1, box.height - 1);
  }
  const start = bins > 0 ? box.grid + bars.gap : 0;
  const long = box.width - start;
  lines.forEach(({ work, padding, starved }, pe) => {
    const high = y(pe + 1) - y(pe);
    const thick = Math.max(1, high - (high > 3 ? 1 : 0));
    let left = start;
    for (const [share, color] of [
      [work, ink.mark],
      [padding, ink.reference],
      [starved, ink.rest],
    ] as const) {
      context.fillStyle = color;
      context.fillRect(left, y(pe), share * long, thick);
      left += share * long;
    }
  });
  if (at === null) return;
  context.strokeStyle = ink.text;
  context.lineWidth = ink.highContrast ? 2 : 1.5;
  const high = y(at.pe + 1) - y(at.pe);
  if (at.bin === null) context.strokeRect(start - 1, y(at.pe) - 1, long, high + 2);
  else context.strokeRect(x(at.bin) - 1, y(at.pe) - 1, x(at.bin + 1) - x(at.bin) + 2, high + 2);
}

import { numberText, shortPercentText } from '../../analyzers/report/units.ts';
import { rampPlace } from '../color.ts';
import type { Inks } from '../theme.ts';
import { hairline, write } from './canvas.ts';
import { showsValues, type AxisTick, type HeatView } from './heatmapScene.ts';
import { blockCounts, type Sight } from './tilePicture.ts';

/** Room for the parts around the picture, in CSS pixels. */
export const heatRoom = {
  left: 54,
  top: 58,
  profile: 40,
  gap: 6,
  bottom: 22,
  rowProfile: 58,
  scale: 112,
  narrowScale: 92,
  leastScale: 150,
  /** Width of the whole from which the distribution of the blocks has room. */
  wideFrom: 700,
} as const;

/** Width of everything beside the picture. */
export const heatSides = (all: number): number =>
  heatRoom.left +
  heatRoom.gap +
  heatRoom.rowProfile +
  22 +
  (all >= heatRoom.wideFrom ? heatRoom.scale - 20 : heatRoom.narrowScale);

export interface HeatDrawing {
  readonly view: HeatView;
  readonly sight: Sight | null;
  /** What stands for the picture: the tile's canvas and where it lies. */
  readonly picture: {
    readonly canvas: HTMLCanvasElement;
    readonly rect: {
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
  } | null;
  readonly rowTicks: readonly AxisTick[];
  readonly colTicks: { readonly labels: readonly AxisTick[]; readonly minor: readonly number[] };
  readonly colNote: string;
  readonly density: number;
  readonly cursor: { readonly row: number; readonly col: number } | null;
  /** Rows and columns without a kept weight are marked only where all of them is in sight. */
  readonly dead: { readonly rows: boolean; readonly cols: boolean };
  readonly wide: boolean;
}

export function paintHeatmap(context: CanvasRenderingContext2D, drawing: HeatDrawing, ink: Inks): void {
  const { view, picture } = drawing;
  const width = view.cols.cells * view.cols.px;
  const height = view.rows.cells * view.rows.px;
  context.font = ink.font;
  context.save();
  context.translate(heatRoom.left, heatRoom.top);
  context.fillStyle = ink.page;
  context.fillRect(0, 0, width, height);
  if (picture !== null) {
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    context.imageSmoothingEnabled = false;
    const { x, y, width: w, height: h } = picture.rect;
    context.drawImage(picture.canvas, x, y, w, h);
    context.restore();
  }
  context.strokeStyle = ink.rule;
  context.strokeRect(-0.5, -0.5, width + 1, height + 1);
  paintValues(context, drawing, ink);
  paintTicks(context, drawing, ink, width, height);
  if (drawing.sight !== null) paintProfiles(context, drawing, drawing.sight, ink, width, height);
  paintScale(context, drawing, ink, width, height);
  paintCursor(context, drawing, ink, width, height);
  context.restore();
}

function paintValues(context: CanvasRenderingContext2D, { view, sight }: HeatDrawing, ink: Inks): void {
  if (sight?.values === null || sight === null || !showsValues(view)) return;
  for (let r = 0; r < view.rows.cells; r += 1) {
    for (let c = 0; c < view.cols.cells; c += 1) {
      const at = r * view.cols.cells + c;
      const kept = (sight.density[at] ?? 0) > 0;
      write(context, shortValue(sight.values[at] ?? 0), (c + 0.5) * view.cols.px, (r + 0.5) * view.rows.px, {
        color: kept ? ink.page : ink.quiet,
        align: 'center',
      });
    }
  }
}

/** A weight in a cell of 64 pixels. */
const shortValue = (value: number): string => {
  const text = numberText(value);
  return text.length > 8 ? text.replace(/\u202f×\u202f10/, 'e') : text;
};

function paintTicks(
  context: CanvasRenderingContext2D,
  { rowTicks, colTicks, colNote }: HeatDrawing,
  ink: Inks,
  width: number,
  height: number,
): void {
  for (const { at, text } of rowTicks) {
    if (at > height + 1) continue;
    hairline(context, [-5, Math.min(at, height)], [-2, Math.min(at, height)], ink.rest);
    write(context, text, -8, Math.min(Math.max(at, 4), height - 2), { color: ink.quiet, align: 'right' });
  }
  for (const at of colTicks.minor) hairline(context, [at, height + 1], [at, height + 3], ink.rest);
  const noteWidth = colNote === '' ? 0 : context.measureText(colNote).width + 12;
  let free = -4;
  for (const { at, text } of colTicks.labels) {
    hairline(context, [at, height + 1], [at, height + 6], ink.rest);
    const textWidth = context.measureText(text).width;
    if (at + 4 < free || at + 4 + textWidth > width - noteWidth) continue;
    write(context, text, at + 4, height + 12, { color: ink.quiet });
    free = at + 12 + textWidth;
  }
  if (colNote !== '' && noteWidth < width)
    write(context, colNote, width, height + 12, { color: ink.quiet, align: 'right' });
}

function paintProfiles(
  context: CanvasRenderingContext2D,
  { view, density, dead }: HeatDrawing,
  sight: Sight,
  ink: Inks,
  width: number,
  height: number,
): void {
  const { profile, gap, rowProfile } = heatRoom;
  const across = Math.max(density, ...sight.colDensity);
  const down = Math.max(density, ...sight.rowDensity);
  const base = -gap + 4;
  context.fillStyle = ink.mark;
  for (let c = 0; c < view.cols.cells; c += 1) {
    const share = sight.colDensity[c] ?? 0;
    const length = across > 0 ? (profile * share) / across : 0;
    context.fillRect(c * view.cols.px, base - length, view.cols.px, length);
  }
  for (let r = 0; r < view.rows.cells; r += 1) {
    const length = down > 0 ? ((rowProfile - 4) * (sight.rowDensity[r] ?? 0)) / down : 0;
    context.fillRect(width + gap, r * view.rows.px, length, view.rows.px);
  }
  // The layer's own density, across both profiles.
  if (across > 0 && density > 0) {
    const y = base - (profile * density) / across;
    hairline(context, [0, y], [width, y], ink.text, [1, 2]);
  }
  if (down > 0 && density > 0) {
    const x = width + gap + ((rowProfile - 4) * density) / down;
    hairline(context, [x, 0], [x, height], ink.text, [1, 2]);
  }
  context.fillStyle = ink.loss;
  for (let c = 0; dead.cols && c < view.cols.cells; c += 1)
    if ((sight.colDensity[c] ?? 0) === 0) context.fillRect(c * view.cols.px, height + 1, view.cols.px, 3);
  for (let r = 0; dead.rows && r < view.rows.cells; r += 1)
    if ((sight.rowDensity[r] ?? 0) === 0) context.fillRect(-4, r * view.rows.px, 3, view.rows.px);
  const look = { color: ink.quiet, halo: ink.page } as const;
  write(context, shortPercentText(across), width, base - profile - 7, { ...look, align: 'right' });
  write(context, 'column', -8, base - profile + 6, { ...look, align: 'right' });
  write(context, 'density', -8, base - profile + 20, { ...look, align: 'right' });
  write(context, 'row density', width + gap, -9, look);
  write(context, shortPercentText(down), width + gap + rowProfile - 4, height + 12, {
    ...look,
    align: 'right',
  });
}

const scaleTicks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1] as const;
const tickWords = ['0', '0.01', '0.05', '0.1', '0.25', '0.5', '1'] as const;

/** The legend: a square-root axis from 0 to 1 and, beside it, how the blocks in sight are distributed on it. */
function paintScale(
  context: CanvasRenderingContext2D,
  { sight, density, wide }: HeatDrawing,
  ink: Inks,
  width: number,
  picture: number,
): void {
  const height = Math.max(heatRoom.leastScale, Math.min(360, picture));
  const x = width + heatRoom.gap + heatRoom.rowProfile + 22;
  const bar = height - 34;
  const yOf = (share: number): number => bar * (1 - Math.sqrt(share));
  const { ramp } = ink;
  for (let y = 0; y < bar; y += 1) {
    const share = ((bar - y) / bar) ** 2;
    const step = ramp.steps[Math.round(255 * rampPlace(ramp.first, share))] ?? [0, 0, 0];
    context.fillStyle = `rgb(${step.join(' ')})`;
    context.fillRect(x, y, 10, 1.5);
  }
  context.lineWidth = 1;
  context.strokeStyle = ink.rest;
  context.strokeRect(x + 0.5, bar + 4.5, 9, 9);
  let last = Number.NEGATIVE_INFINITY;
  scaleTicks.forEach((share, i) => {
    const y = share === 0 ? bar + 9 : yOf(share);
    if (share > 0 && Math.abs(y - last) < 11 && last > Number.NEGATIVE_INFINITY) return;
    if (share > 0) {
      last = y;
      hairline(context, [x + 10, Math.min(y, bar - 1)], [x + 13, Math.min(y, bar - 1)], ink.rest);
    }
    write(context, tickWords[i] ?? '', x + 16, Math.max(4, y), { color: ink.quiet });
  });
  const at = density > 0 ? yOf(density) : bar + 9;
  pointer(context, x - 9, at, ink.text);
  pointer(context, x, bar + 26, ink.text);
  write(context, `layer ${numberText(density)}`, x + 9, bar + 26, { color: ink.text });
  if (!wide || sight === null) return;
  const bins = 32;
  const { zero, counts } = blockCounts(sight.density, bins);
  const most = Math.max(1, zero, ...counts);
  const left = x + 52;
  write(context, 'blocks', left, -9, { color: ink.quiet });
  context.fillStyle = ink.mark;
  counts.forEach((count, i) => {
    if (count === 0) return;
    const y = bar * (1 - (i + 1) / bins);
    context.fillRect(left, y + 1, Math.max(1, (36 * count) / most), Math.max(1, bar / bins - 2));
  });
  if (zero > 0) context.fillRect(left, bar + 6, Math.max(1, (36 * zero) / most), 6);
}

function pointer(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(x, y - 4);
  context.lineTo(x + 6, y);
  context.lineTo(x, y + 4);
  context.fill();
}

/** A crosshair that leaves the block and a little around it free. */
function paintCursor(
  context: CanvasRenderingContext2D,
  { view, cursor }: HeatDrawing,
  ink: Inks,
  width: number,
  height: number,
): void {
  if (cursor === null) return;
  // Lines would run through the values.
  const crossed = !showsValues(view);
  const { px: w } = view.cols;
  const { px: h } = view.rows;
  const [x, y] = [cursor.col * w, cursor.row * h];
  const [mx, my] = [x + w / 2 - 0.5, y + h / 2 - 0.5];
  const free = 4;
  const lines: readonly (readonly [number, number, number, number])[] = [
    [mx, -heatRoom.profile - 2, mx, y - free],
    [mx, y + h + free, mx, height],
    [0, my, x - free, my],
    [x + w + free, my, width + heatRoom.gap + heatRoom.rowProfile, my],
  ];
  for (const [x1, y1, x2, y2] of crossed ? lines : [])
    if (x2 > x1 || y2 > y1) hairline(context, [x1, y1], [x2, y2], ink.reference);
  context.lineWidth = 3;
  context.strokeStyle = ink.page;
  context.strokeRect(x - 3.5, y - 3.5, w + 7, h + 7);
  context.lineWidth = 1;
  context.strokeStyle = ink.text;
  context.strokeRect(x - 3.5, y - 3.5, w + 7, h + 7);
}

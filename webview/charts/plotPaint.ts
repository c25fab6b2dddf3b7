import type { Inks } from '../theme.ts';
import { hairline, write } from './canvas.ts';
import { placeOn, type Picked, type Plot, type PlotMark, type Point } from './plotScene.ts';

/** Of one plot, in px: where lines are drawn, without its title and the words of its axes. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Space around the area for words. */
export const plotRoom = { left: 52, right: 12, top: 22, bottom: 22 } as const;

const dashes = { solid: [], dashed: [5, 3], dotted: [1.5, 3] } as const;
const lineHeight = 14;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Axes, lines, the marks with their words where there is room, and a ring around what is pointed at. */
export function paintPlot(
  context: CanvasRenderingContext2D,
  area: PlotArea,
  plot: Plot,
  ink: Inks,
  picked: Picked | null,
  xWords: boolean,
): void {
  const { left, top, width, height } = area;
  const bottom = top + height;
  const xy = ([x, y]: Point): Point | null => {
    const [px, py] = [placeOn(plot.x, x), placeOn(plot.y, y)];
    return px === null || py === null ? null : [left + px * width, bottom - py * height];
  };
  write(context, plot.title, left, top - 12, { color: ink.quiet });
  for (const { at, text } of plot.y.ticks) {
    const y = bottom - (placeOn(plot.y, at) ?? 0) * height;
    hairline(context, [left, y], [left + width, y], ink.rule);
    write(context, text, left - 6, y, { color: ink.quiet, align: 'right' });
  }
  let free = left - 4;
  for (const { at, text } of plot.x.ticks) {
    const x = left + (placeOn(plot.x, at) ?? 0) * width;
    hairline(context, [x, top], [x, bottom], ink.rule);
    const half = context.measureText(text).width / 2;
    if (!xWords || x - half < free) continue;
    write(context, text, Math.min(x, left + width + plotRoom.right - half), bottom + 12, {
      color: ink.quiet,
      align: 'center',
    });
    free = x + half + 8;
  }
  hairline(context, [left, bottom], [left + width, bottom], ink.rest);

  context.save();
  context.beginPath();
  context.rect(left - 1, top - 2, width + 2, height + 4);
  context.clip();
  for (const { points, dash, ink: color } of plot.lines) {
    context.strokeStyle = ink[color];
    context.lineWidth = 1.5;
    context.setLineDash([...dashes[dash]]);
    context.beginPath();
    let open = false;
    for (const point of points) {
      const at = xy(point);
      if (at === null) open = false;
      else if (open) context.lineTo(at[0], at[1]);
      else context.moveTo(at[0], at[1]);
      open = at !== null;
    }
    context.stroke();
  }
  context.restore();

  // Words keep clear of every mark, and of each other.
  const taken: Box[] = plot.marks.flatMap((mark) => {
    const at = xy(mark.at);
    return at === null ? [] : [{ left: at[0] - 4, right: at[0] + 4, y: at[1] }];
  });
  // What is set has its words first.
  const ordered = plot.marks.toSorted((a, b) => Number(b.look === 'now') - Number(a.look === 'now'));
  for (const mark of ordered) {
    const at = xy(mark.at);
    if (at === null) continue;
    paintMark(context, at, mark, ink);
    const words = context.measureText(mark.text).width;
    const start = at[0] + 9 + words > left + width ? at[0] - 9 - words : at[0] + 9;
    const box = [0, -1, 1, -2, 2]
      .map((line) => ({ left: start, right: start + words, y: at[1] - 1 + line * lineHeight }))
      .find(
        ({ left: from, right, y }) =>
          y > top + 4 &&
          y < bottom - 4 &&
          taken.every(
            (other) =>
              from > other.right + 4 || right < other.left - 4 || Math.abs(y - other.y) >= lineHeight,
          ),
      );
    if (mark.text === '' || box === undefined) continue;
    taken.push(box);
    write(context, mark.text, box.left, box.y, {
      color: mark.look === 'now' ? ink.text : ink.quiet,
      halo: ink.page,
    });
  }
  const at = picked === null ? null : (plot.lines[picked.line]?.points[picked.point] ?? null);
  const spot = at === null ? null : xy(at);
  if (spot === null) return;
  context.strokeStyle = ink.text;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(spot[0], spot[1], 5, 0, 2 * Math.PI);
  context.stroke();
}

function paintMark(context: CanvasRenderingContext2D, [x, y]: Point, { look }: PlotMark, ink: Inks): void {
  context.save();
  context.lineWidth = 1.5;
  context.strokeStyle = look === 'now' ? ink.mark : ink.reference;
  context.fillStyle = look === 'now' ? ink.mark : ink.page;
  context.beginPath();
  if (look === 'square') context.rect(x - 3, y - 3, 6, 6);
  else if (look === 'offer') {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 5);
    context.lineTo(x - 5, y);
    context.closePath();
  } else context.arc(x, y, look === 'now' ? 4.5 : 3, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.restore();
}

import { niceStep, ticksBetween } from './ticks.ts';

/** Where a value stands along an axis, and the lines across it. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

export type Point = readonly [x: number, y: number];

/** The line's dash is its sign: data-free and estimated lines are dashed. */
export interface PlotLine {
  readonly points: readonly Point[];
  readonly dash: 'solid' | 'dashed' | 'dotted';
  readonly ink: 'mark' | 'reference';
}

/** now: what is set; offer: what is proposed; the others are single choices beside the lines. */
export interface PlotMark {
  readonly at: Point;
  readonly look: 'now' | 'offer' | 'ring' | 'square';
  readonly text: string;
}

export interface Plot {
  /** Over the plot: what its height means. */
  readonly title: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
}

/** From the least to the largest value, or from `floor`; whole steps of 1, 2 or 5. */
export function linearScale(
  values: readonly number[],
  most: number,
  text: (value: number, step: number) => string,
  floor: number | null = null,
): Scale {
  const finite = values.filter(Number.isFinite);
  const low = floor ?? Math.min(...finite, Number.POSITIVE_INFINITY);
  const high = Math.max(...finite, Number.NEGATIVE_INFINITY);
  const from = Number.isFinite(low) ? low : 0;
  const to = Number.isFinite(high) && high > from ? high : from + 1;
  const step = niceStep(to - from, most);
  const ticks = ticksBetween(from, to, step).map((at) => ({ at, text: text(at, step) }));
  return { from, to, log: false, ticks };
}

/** Times of a power of ten that have a line, from few to many. */
const densities = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 6, 8]] as const;

/** Over powers of ten, or times of them when there are few. Values of 0 have no place on it. */
export function logScale(values: readonly number[], most: number, text: (value: number) => string): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const low = positive.length > 0 ? Math.min(...positive) : 1;
  const high = positive.length > 0 ? Math.max(...positive) : 10;
  // A single value still has an axis around it.
  const [from, to] = high > low ? [low, high] : [low / 2, low * 2];
  const inside = (times: readonly number[], every = 1): number[] => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1)
      for (const n of times) {
        const at = n * 10 ** power;
        if (power % every === 0 && at >= from * (1 - 1e-9) && at <= to * (1 + 1e-9)) found.push(at);
      }
    return found;
  };
  const every = Math.max(1, Math.ceil(Math.log10(to / from) / most));
  const places = densities.map((times) => inside(times)).findLast(({ length }) => length <= most);
  const ticks = (places ?? inside([1], every)).map((at) => ({ at, text: text(at) }));
  return { from, to, log: true, ticks };
}

/** Share of the axis from its beginning, beyond 0 and 1 for values outside; null for what has no place on it. */
export function placeOn({ from, to, log }: Scale, value: number): number | null {
  if (!Number.isFinite(value) || (log && value <= 0)) return null;
  return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
}

/** A point of a line, by the line's place among all lines of the plot. */
export interface Picked {
  readonly line: number;
  readonly point: number;
}

/**
 * The point nearest to a place in the plot's rectangle, `size` px large, `at` px from its left and top; null when none
 * is within `reach` px.
 */
export function nearestPoint(
  { lines, x, y }: Plot,
  size: { readonly width: number; readonly height: number },
  at: Point,
  reach: number,
): Picked | null {
  let best: Picked | null = null;
  let least = reach;
  lines.forEach(({ points }, line) => {
    points.forEach((point, i) => {
      const [px, py] = [placeOn(x, point[0]), placeOn(y, point[1])];
      if (px === null || py === null) return;
      const distance = Math.hypot(px * size.width - at[0], (1 - py) * size.height - at[1]);
      if (distance > least) return;
      least = distance;
      best = { line, point: i };
    });
  });
  return best;
}

/** Power of ten as text: '10⁻⁶'. */
export function powerText(value: number): string {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const times = Math.round(value / 10 ** power);
  const raised = power
    .toString()
    .replaceAll(/[-\d]/g, (sign) => (sign === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)] ?? '')));
  return `${times === 1 ? '' : `${times.toString()}·`}10${raised}`;
}

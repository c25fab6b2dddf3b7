import type { Sensitivity, SensitivityPoint } from '../../analyzers/report/studies.ts';
import {
  bitsAsBytesText,
  countText,
  numberText,
  percentText,
  tickText,
} from '../../analyzers/report/units.ts';
import {
  linearScale,
  logScale,
  type Picked,
  type Plot,
  type PlotMark,
  type Point,
  type Scale,
} from './plotScene.ts';

/** The three measures of one axis under each other, and the points that they are of. */
export interface SensitivityScene {
  readonly plots: readonly Plot[];
  readonly points: readonly SensitivityPoint[];
}

/** Points below this density need an axis of powers. */
const fewKept = 0.06;

interface Measure {
  readonly title: string;
  readonly of: (point: SensitivityPoint) => number | null;
  readonly scale: (values: readonly number[]) => Scale;
}

const measures: readonly Measure[] = [
  {
    title: 'kept L2 norm',
    of: ({ keptL2 }) => keptL2,
    scale: () => linearScale([1], 2, (value) => percentText(value), 0),
  },
  {
    title: 'SQNR, dB',
    of: ({ sqnrDb }) => sqnrDb,
    scale: (values) => linearScale(values, 3, tickText, Math.min(0, ...values)),
  },
  {
    title: 'coded bytes',
    of: ({ codedBits }) => codedBits / 8,
    scale: (values) => linearScale(values, 3, (value) => bitsAsBytesText(8 * value), 0),
  },
];

/** Dashed: nothing was measured but the weights. What is set is filled, what is proposed hollow. */
export function sensitivityScene(study: Sensitivity, against: 'density' | 'bits'): SensitivityScene {
  const isDensity = against === 'density';
  const points = (isDensity ? study.byDensity : study.byBits.filter(({ bits }) => bits !== null)).toSorted(
    (a, b) => xOf(a, against) - xOf(b, against),
  );
  const xs = points.map((point) => xOf(point, against));
  const x = isDensity
    ? Math.min(...xs) < fewKept
      ? logScale(xs, 5, percentText)
      : linearScale([...xs, 1], 5, (value) => percentText(value), 0)
    : linearScale(xs, 8, (value) => countText(value));
  const now = isDensity ? study.at.density : study.at.bits;
  const words = isDensity ? percentText : countText;
  const offer = isDensity ? study.suggestedDensity : null;
  const plots = measures.map(({ title, of, scale }): Plot => {
    const line = points.flatMap((point): Point[] => {
      const y = of(point);
      return y === null ? [] : [[xOf(point, against), y]];
    });
    const mark = (at: number | null, look: PlotMark['look'], text: string): PlotMark[] => {
      const y = at === null ? null : heightAt(line, at);
      return at === null || y === null ? [] : [{ at: [at, y], look, text }];
    };
    return {
      title,
      x,
      y: scale(line.map(([, y]) => y)),
      lines: [{ points: line, dash: 'dashed', ink: 'mark' }],
      marks: [
        ...mark(now, 'now', now === null ? '' : `now ${words(now)}`),
        ...mark(offer, 'offer', offer === null ? '' : `suggested ${words(offer)}`),
      ],
    };
  });
  return { plots, points };
}

export const xOf = ({ density, bits }: SensitivityPoint, against: 'density' | 'bits'): number =>
  against === 'density' ? density : (bits ?? 0);

/** The study's point behind a point of a plot. */
export function studiedPoint(
  { plots, points }: SensitivityScene,
  against: 'density' | 'bits',
  at: Picked & { readonly plot: number },
): SensitivityPoint | null {
  const x = plots[at.plot]?.lines[at.line]?.points[at.point]?.[0];
  return points.find((point) => xOf(point, against) === x) ?? null;
}

/** Between two points on the straight line between them; null outside of all. */
export function heightAt(line: readonly Point[], x: number): number | null {
  for (let i = 0; i < line.length; i += 1) {
    const [x1, y1] = line[i] ?? [0, 0];
    if (x1 === x) return y1;
    const [x0, y0] = line[i - 1] ?? [x1, y1];
    if (i > 0 && x0 < x && x < x1) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  }
  return null;
}

/** One point in words, for the line under the picture. */
export const pointParts = (point: SensitivityPoint): readonly (readonly [string, string])[] => [
  ['density', percentText(point.density)],
  ['bits', point.bits === null ? 'as stored' : countText(point.bits)],
  ['kept L2 norm', point.keptL2 === null ? 'none' : percentText(point.keptL2)],
  ['SQNR', point.sqnrDb === null ? 'exact' : `${numberText(point.sqnrDb)} dB`],
  ['coded', bitsAsBytesText(point.codedBits)],
];

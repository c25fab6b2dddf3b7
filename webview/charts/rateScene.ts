import type { CodebookPoint, CodebookStudy } from '../../analyzers/report/studies.ts';
import { bitsAsBytesText } from '../../analyzers/report/units.ts';
import { logScale, powerText, type Plot, type PlotMark, type Point } from './plotScene.ts';

/** Error against bytes, both logarithmic, and the codebooks behind the points of its lines. */
export interface RateScene {
  readonly plot: Plot;
  /** By line, as in the plot. */
  readonly points: readonly (readonly CodebookPoint[])[];
}

const bytesOf = ({ codedBits }: CodebookPoint): number => codedBits / 8;
const placeOf = (point: CodebookPoint): Point => [bytesOf(point), point.mse];

/** 'linear', 'fp8-e4m3, per row'. */
export const codebookName = ({ method, per }: CodebookPoint): string =>
  per === 'row' ? `${method}, per row` : method;

/** In the picture the most usual grids alone have words: 'int8', 'int4 rows', 'fp8'. */
function gridName({ method, bits, per }: CodebookPoint): string {
  if (method === 'uniform-asymmetric' || method === 'fp8-e5m2') return '';
  return `${method === 'uniform-symmetric' ? `int${bits.toString()}` : 'fp8'}${per === 'row' ? ' rows' : ''}`;
}

/** The optimum of every size and the rate codebooks as lines; published starts and uniform grids as points; what is set. */
export function rateScene({ optimal, rate, published, uniform, current }: CodebookStudy): RateScene {
  const lines = [optimal, rate].map((points) =>
    // An exact codebook has no error to draw.
    points.filter(({ mse }) => mse > 0).toSorted((a, b) => bytesOf(a) - bytesOf(b)),
  );
  const now = current === null ? [] : [current];
  const all = [...lines.flat(), ...published, ...uniform, ...now].filter(({ mse }) => mse > 0);
  const mark =
    (look: PlotMark['look'], text: (point: CodebookPoint) => string) => (point: CodebookPoint) => ({
      at: placeOf(point),
      look,
      text: text(point),
    });
  return {
    points: lines,
    plot: {
      title: 'mean squared error of kept weights',
      x: logScale(all.map(bytesOf), 6, (bytes) => bitsAsBytesText(8 * bytes)),
      y: logScale(
        all.map(({ mse }) => mse),
        6,
        powerText,
      ),
      lines: [
        { points: (lines[0] ?? []).map(placeOf), dash: 'solid', ink: 'mark' },
        { points: (lines[1] ?? []).map(placeOf), dash: 'dashed', ink: 'mark' },
      ],
      marks: [
        ...now.map(mark('now', ({ k }) => `now: ${k.toString()} values`)),
        ...published.map(mark('ring', ({ method }) => method)),
        ...uniform.map(mark('square', gridName)),
      ],
    },
  };
}

/** One line of the table of codebooks beside the current one. */
export interface RateRow {
  readonly group: 'codebook' | 'uniform';
  readonly name: string;
  readonly point: CodebookPoint;
  readonly isNow: boolean;
}

/**
 * At the current number of values: the optimum, the published starts, and the smallest rate codebook at no more error
 * than the linear start; then the uniform grids.
 */
export function rateRows({ optimal, rate, published, uniform, current }: CodebookStudy): readonly RateRow[] {
  const k = current?.k ?? published[0]?.k ?? null;
  const linear = published.find(({ method }) => method === 'linear');
  const cheap = rate
    .filter(({ mse }) => linear === undefined || mse <= linear.mse)
    .toSorted((a, b) => a.codedBits - b.codedBits)[0];
  const best = optimal.find((point) => point.k === k);
  const codebooks = [
    ...(cheap === undefined ? [] : [cheap]),
    ...(best === undefined ? [] : [best]),
    ...published,
  ];
  const isCurrent = (point: CodebookPoint): boolean =>
    current !== null &&
    point.method === current.method &&
    point.per === current.per &&
    point.bits === current.bits &&
    Math.abs(point.mse - current.mse) <= 1e-9 * current.mse;
  const row =
    (group: RateRow['group']) =>
    (point: CodebookPoint): RateRow => ({ group, name: codebookName(point), point, isNow: isCurrent(point) });
  const rows = [...codebooks.map(row('codebook')), ...uniform.map(row('uniform'))];
  return current === null || rows.some(({ isNow }) => isNow)
    ? rows
    : [{ group: 'codebook', name: codebookName(current), point: current, isNow: true }, ...rows];
}

import type { EieMachine } from '../../analyzers/report/eie.ts';
import type { EieAxis, EiePoint, EieSweep } from '../../analyzers/report/eieStudy.ts';
import type { PlatformTime } from '../../analyzers/report/platforms.ts';
import type { Saving, Waterfall } from '../../analyzers/report/waterfall.ts';
import {
  countText,
  energyText,
  numberText,
  percentText,
  shortCountText,
  thin,
} from '../../analyzers/report/units.ts';
import { linearScale, logScale, placeOn, type Plot, type Scale } from './plotScene.ts';

export const microseconds = (us: number): string => `${numberText(us)}${thin}µs`;

/** What each axis is called, and which part of the machine it changes. */
export const axisNames = {
  fifo: { title: 'Queue', unit: 'entries of the ring', key: 'fifo' },
  pes: { title: 'PEs', unit: 'processing elements', key: 'pes' },
  width: { title: 'Matrix SRAM', unit: 'bits a read', key: 'sramBits' },
  index: { title: 'Index', unit: 'bits of a run', key: 'indexBits' },
  code: { title: 'Code', unit: 'bits of a value', key: 'codeBits' },
} as const satisfies Readonly<
  Record<EieAxis, { readonly title: string; readonly unit: string; readonly key: keyof EieMachine }>
>;

interface Measure {
  readonly title: string;
  readonly of: (point: EiePoint) => number;
  readonly scale: (values: readonly number[]) => Scale;
  readonly text: (value: number) => string;
  readonly assumed?: true;
}

const time: Measure = {
  title: 'time, simulated',
  of: ({ timeUs }) => timeUs,
  scale: (values) => linearScale(values, 3, microseconds, 0),
  text: microseconds,
};
const balance: Measure = {
  title: 'load balance, simulated',
  of: ({ loadBalance }) => loadBalance,
  scale: () => linearScale([1], 2, (value) => percentText(value), 0),
  text: percentText,
};
const reads: Measure = {
  title: 'reads of the matrix, simulated',
  of: ({ spmatReads }) => spmatReads,
  scale: (values) => linearScale(values, 3, shortCountText, 0),
  text: countText,
};
const entries: Measure = {
  title: 'entries with padding',
  of: (point) => point.entries,
  scale: (values) => linearScale(values, 3, shortCountText, 0),
  text: countText,
};
const energy: Measure = {
  title: 'energy, assumed',
  of: ({ energyUj }) => energyUj,
  scale: (values) => linearScale(values, 3, energyText, 0),
  text: energyText,
  assumed: true,
};

const measuresOf: Readonly<Record<EieAxis, readonly [Measure, Measure]>> = {
  fifo: [time, balance],
  pes: [{ ...time, scale: (values) => logScale(values, 3, microseconds) }, balance],
  width: [reads, energy],
  index: [entries, energy],
  code: [reads, energy],
};

/** Two measures of one sweep under each other; what is assumed is dashed, and the machine as it is is marked. */
export function sweepPlots({ axis, points }: EieSweep, machine: EieMachine): readonly Plot[] {
  const values = points.map(({ value }) => value);
  const now = points.find(({ value }) => value === machine[axisNames[axis].key]);
  return measuresOf[axis].map(({ title, of, scale, text, assumed }): Plot => ({
    title,
    x: valueScale(axis, values),
    y: scale(points.map(of)),
    lines: [
      {
        points: points.map((point) => [point.value, of(point)]),
        dash: assumed === true ? 'dashed' : 'solid',
        ink: 'mark',
      },
    ],
    marks: now === undefined ? [] : [{ at: [now.value, of(now)], look: 'now', text: text(of(now)) }],
  }));
}

/** Every value has its tick: powers of two on a logarithmic axis, widths one by one. */
function valueScale(axis: EieAxis, values: readonly number[]): Scale {
  const isWidth = axis === 'index' || axis === 'code';
  const from = values[0] ?? 1;
  const to = values.at(-1) ?? from;
  return {
    from: to > from ? from : from / 2,
    to: to > from ? to : to * 2,
    log: !isWidth,
    ticks: values
      .filter((value) => isWidth || Number.isInteger(Math.log2(value)))
      .map((at) => ({ at, text: countText(at) })),
  };
}

/** One bar on a logarithmic axis, its ends as shares of the axis. */
export interface LogBar {
  readonly from: number;
  readonly to: number;
}

export interface PlatformBar {
  readonly label: string;
  readonly basis: PlatformTime['basis'];
  readonly timeUs: number;
  readonly value: number;
  readonly bar: LogBar;
}

export interface LogBars<T> {
  readonly rows: readonly T[];
  /** Powers of ten, as shares of the axis. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

const runNames = {
  denseBatch1: 'dense',
  sparseBatch1: 'sparse',
  denseBatch64: 'dense, batch 64',
  sparseBatch64: 'sparse, batch 64',
} as const;

/** 'CPU, sparse' */
export const platformLabel = ({ platform, name, run }: PlatformTime): string =>
  run === 'eie' ? name : `${platform}, ${runNames[run]}`;

/** Speed-up or energy efficiency against the CPU on the dense layer; rows without a figure are left out. */
export function platformBars(
  rows: readonly PlatformTime[],
  of: 'speedup' | 'energyEfficiency',
): LogBars<PlatformBar> {
  const told = rows.flatMap((row) => {
    const value = row[of];
    return value === null || value <= 0 ? [] : [{ row, value }];
  });
  const axis = decades(told.map(({ value }) => value));
  return {
    ticks: ticksOf(
      axis,
      (value) => `${value < 1 ? numberText(value).replace(/0+$/, '') : countText(value)}x`,
    ),
    rows: told.map(({ row, value }) => ({
      label: platformLabel(row),
      basis: row.basis,
      timeUs: row.timeUs,
      value,
      bar: between(placeOn(axis, 1) ?? 0, placeOn(axis, value) ?? 0),
    })),
  };
}

export interface SavingBar {
  readonly saving: Saving;
  /** From what was left before this step to what is left after it. */
  readonly bar: LogBar;
  /** Where the step would end with the paper's factor; null where the paper gives none. */
  readonly paper: LogBar | null;
  readonly isCost: boolean;
}

/** What is left to read after each step, on a logarithmic axis of energy. */
export function waterfallBars({
  denseUj,
  steps,
}: Waterfall): LogBars<SavingBar> & { readonly dense: LogBar } {
  const before = steps.map((_, i) => steps[i - 1]?.uj ?? denseUj);
  const ends = steps.map(({ paper }, i) => (paper === null ? null : (before[i] ?? 0) / paper));
  const axis = decades([denseUj, ...steps.map(({ uj }) => uj), ...ends.flatMap((end) => end ?? [])], false);
  const at = (uj: number): number => placeOn(axis, uj) ?? 0;
  const bar = (a: number, b: number): LogBar => between(at(a), at(b));
  return {
    dense: { from: 0, to: at(denseUj) },
    ticks: ticksOf(axis, shortEnergy),
    rows: steps.map((saving, i) => {
      const end = ends[i] ?? null;
      return {
        saving,
        bar: bar(before[i] ?? 0, saving.uj),
        paper: end === null ? null : bar(before[i] ?? 0, end),
        isCost: saving.uj > (before[i] ?? 0),
      };
    }),
  };
}

const between = (a: number, b: number): LogBar => ({ from: Math.min(a, b), to: Math.max(a, b) });

/** A power of ten without decimals: '10 nJ'. */
const shortEnergy = (uj: number): string => energyText(uj).replace(/[.]0+(?=\D)/, '');

/** From a whole power of ten to a whole power of ten; from 1 when `one` and all are above it. */
function decades(values: readonly number[], one = true): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const least = Math.min(...positive, one ? 1 : Number.POSITIVE_INFINITY);
  const most = Math.max(...positive, one ? 10 : Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(least) || !Number.isFinite(most)) return { from: 1, to: 10, log: true, ticks: [] };
  const from = 10 ** Math.floor(Math.log10(least) + 1e-9);
  const to = 10 ** Math.ceil(Math.log10(most) - 1e-9);
  return { from, to: to > from ? to : from * 10, log: true, ticks: [] };
}

/** At most five powers of ten. */
function ticksOf(axis: Scale, text: (value: number) => string): LogBars<never>['ticks'] {
  const count = Math.round(Math.log10(axis.to / axis.from));
  const every = Math.max(1, Math.ceil(count / 4));
  const ticks = [];
  for (let power = 0; power <= count; power += every)
    ticks.push({ at: power / count, text: text(axis.from * 10 ** power) });
  return ticks;
}

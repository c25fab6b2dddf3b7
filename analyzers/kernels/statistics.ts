import type { AxisMap } from './axes.ts';
import { bands } from './bands.ts';
import { histogram } from './histogram.ts';
import { moments } from './moments.ts';
import type { Statistic } from './monoid.ts';
import { nmPatterns, nmStatistic, type NmState, type ReductionAxis } from './nm.ts';

/** How a layer's elements lie in its rows x cols view. */
export interface LayerForm {
  readonly map: AxisMap;
  /** The axis that N:M runs along, and what the report calls it; null: there is none. */
  readonly reduction: (ReductionAxis & { readonly axis: number }) | null;
}

/** A pass through every statistic of a table; its state is theirs, by name. */
export type States<T> = { readonly [K in keyof T]: T[K] extends Statistic<infer S> ? S : never };

/** Elements that go through all statistics in turn: few enough to stay in the second cache. */
const strip = 1 << 15;

export function combined<T extends Readonly<Record<string, Statistic<unknown>>>>(
  table: T,
): Statistic<States<T>> {
  type All = Record<string, unknown>;
  const each = (state: (name: string, statistic: Statistic<unknown>) => unknown): States<T> =>
    Object.fromEntries(Object.entries(table).map(([name, one]) => [name, state(name, one)])) as States<T>;
  return {
    empty: (shape) => each((_, one) => one.empty(shape)),
    add(into, values, firstIndex) {
      for (let from = 0; from < values.length; from += strip) {
        const some = values.subarray(from, from + strip);
        for (const [name, one] of Object.entries(table))
          one.add((into as All)[name], some, firstIndex + from);
      }
    },
    merge: (a, b) => each((name, one) => one.merge((a as All)[name], (b as All)[name])),
  };
}

/**
 * Every statistic of a layer's profile. To add one: a kernel with `empty`, `add` and `merge`, and a line here;
 * the property "split anywhere, merged, is the whole" is tested for all of them.
 */
export const layerStatistics = (form: LayerForm) => ({
  moments,
  histogram,
  bands: bands(form.map),
  nm: nmTable(form.reduction),
});

/** One statistic for each N:M pattern; none without a reduction axis. */
const nmTable = (axis: ReductionAxis | null): Statistic<Readonly<Record<string, NmState>>> =>
  combined(
    Object.fromEntries(
      axis === null
        ? []
        : Object.entries(nmPatterns).map(([name, pattern]) => [name, nmStatistic(pattern, axis)]),
    ),
  );

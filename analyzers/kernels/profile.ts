import { deadBands } from './bands.ts';
import { shownHistogram } from './histogram.ts';
import { momentFigures } from './moments.ts';
import type { Statistic } from './monoid.ts';
import { nmPatterns } from './nm.ts';
import { combined, layerStatistics, type LayerForm, type States } from './statistics.ts';

export type ProfileState = States<ReturnType<typeof layerStatistics>>;

/** Everything that one pass over a layer's weights tells. */
export const profileStatistic = (form: LayerForm): Statistic<ProfileState> => combined(layerStatistics(form));

/** What the state says, as the report's fields: figures of finite values, null where there are none. */
export function profileFigures(state: ProfileState, form: LayerForm) {
  const { moments, bands } = state;
  return {
    zeros: moments.zeros,
    nonFinite: moments.nonFinite,
    ...momentFigures(moments),
    deadRows: deadBands(bands.rowNonZeros),
    deadCols: deadBands(bands.colNonZeros),
    nm: nmFigures(state, form),
    histogram: shownHistogram(state.histogram, moments.zeros + moments.nonFinite),
  };
}

/** Violations by pattern, null without an axis; `remainder` places at the end of the axis fill no group. */
function nmFigures({ nm, moments }: ProfileState, { reduction }: LayerForm) {
  if (reduction === null) return Object.fromEntries(Object.keys(nmPatterns).map((name) => [name, null]));
  const { size, axis } = reduction;
  const lines = size === 0 ? 0 : (moments.finite + moments.nonFinite) / size;
  return Object.fromEntries(
    Object.entries(nmPatterns).map(([name, { m }]) => [
      name,
      {
        violations: nm[name]?.violations ?? 0,
        groups: lines * Math.floor(size / m),
        axis,
        remainder: size % m,
      },
    ]),
  );
}

/** Bars that are shown of weights which take any value: 80 of each sign and one about zero. */
const usualBars = 161;
/** Bars of each sign at most, where the weights lie on a grid: one for each level of an 8-bit integer. */
const mostOnGrid = 127;
/** A grid that is finer than this, in fine bins, does not show in bars of some hundred fine bins. */
const leastStep = 32;

/** Levels that have to share a power of two. */
const enoughLevels = 8;

/**
 * How wide the bars of a histogram are, in fine bins, and how many stand on each side of the middle one.
 * `levels`: places of the fine bins that hold something, by distance from zero, ascending, without zero; `top`: the
 * place that the upper half of the range begins at.
 *
 * Weights of few bits lie on a grid. Bars that hold now one of its levels and now two would look like structure,
 * so there a bar holds an odd number of levels, the same for all, with borders midway between two of them.
 */
export function barsFor(
  levels: readonly number[],
  top: number,
): { readonly width: number; readonly side: number } {
  const outermost = levels.at(-1) ?? 0;
  const sideFor = (width: number): number => Math.max(1, Math.ceil((outermost + 1) / width - 0.5));
  const step = evenStep(levels) ?? floatStep(levels, top);
  if (step === null) return { width: 2 * (Math.floor(outermost / usualBars) + 1), side: (usualBars - 1) / 2 };
  let each = 1;
  while (sideFor(each * step) > mostOnGrid) each += 2;
  return { width: each * step, side: sideFor(each * step) };
}

/** The step of integers times one scale: every level is a whole number of steps. Null when there is no such step. */
function evenStep(levels: readonly number[]): number | null {
  if (levels.length === 0 || levels.length > 2 * mostOnGrid + 1) return null;
  let step = Number.POSITIVE_INFINITY;
  for (const [i, level] of levels.entries()) step = Math.min(step, level - (levels[i - 1] ?? 0));
  if (step < leastStep) return null;
  // A level's place is known to half a fine bin, so each further one tells the step more exactly.
  for (const level of levels) {
    const steps = Math.round((level + 0.5) / step);
    if (Math.abs(level + 0.5 - steps * step) > step / 8) return null;
    step = (level + 0.5) / steps;
  }
  return step;
}

/**
 * The step of a narrow float, a power of two, where it is widest: among the largest levels, taken an octave at a
 * time until there are enough of them to tell a grid from chance. Null when it is too fine to show.
 */
function floatStep(levels: readonly number[], top: number): number | null {
  for (let from = top; from >= leastStep; from /= 2) {
    const largest = levels.filter((level) => level >= from);
    if (largest.length < enoughLevels) continue;
    const bits = largest.reduce((all, level) => all | level, 0);
    const step = bits & -bits;
    return step >= leastStep ? step : null;
  }
  return null;
}

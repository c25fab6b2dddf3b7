/** One way to code a layer: what it costs and what it loses. */
export interface Choice {
  /** Coded bits, >= 0. */
  readonly bits: number;
  /** >= 0; of any unit that may be summed over layers. */
  readonly distortion: number;
}

/**
 * Places of the choices that no other one beats: fewest bits first, less distortion with every further bit. Of equal
 * ones the first is taken; those that are not finite are left out.
 */
export function undominated(choices: readonly Choice[]): number[] {
  const places = choices.flatMap(({ bits, distortion }, at) =>
    Number.isFinite(bits) && Number.isFinite(distortion) ? [at] : [],
  );
  places.sort(
    (a, b) => choices[a]!.bits - choices[b]!.bits || choices[a]!.distortion - choices[b]!.distortion || a - b,
  );
  const best: number[] = [];
  for (const at of places) {
    const last = best.at(-1);
    if (last === undefined || choices[at]!.distortion < choices[last]!.distortion) best.push(at);
  }
  return best;
}

/** Distortion saved per further bit on the way from one choice to a larger one. */
export const slope = (from: Choice, to: Choice): number =>
  (from.distortion - to.distortion) / (to.bits - from.bits);

/**
 * Those of the undominated places that lie on the lower convex hull, fewest bits first: the only ones that a price on
 * bits can choose. Slopes fall strictly from one to the next.
 */
export function lowerHull(choices: readonly Choice[], places: readonly number[]): number[] {
  const hull: number[] = [];
  for (const at of places) {
    while (hull.length > 1) {
      const [before, last] = [choices[hull.at(-2)!]!, choices[hull.at(-1)!]!];
      if (slope(last, choices[at]!) < slope(before, last)) break;
      hull.pop();
    }
    hull.push(at);
  }
  return hull;
}

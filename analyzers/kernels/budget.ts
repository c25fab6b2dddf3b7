import { lowerHull, slope, undominated, type Choice } from './hull.ts';
import { knapsack } from './knapsack.ts';

/** One choice for each layer, together within a target. */
export interface Allocation {
  /** [layers] place in the layer's list. */
  readonly places: readonly number[];
  readonly bits: number;
  readonly distortion: number;
  /** target - bits */
  readonly gap: number;
  /** Most bits between two neighbouring undominated choices of one layer. */
  readonly largestJump: number;
  /** The fewest bits that the choices allow, and those at which no layer can be better. */
  readonly least: number;
  readonly most: number;
  /** Distortion per bit at which the layers were traded; null when each could have its best. */
  readonly multiplier: number | null;
}

/** No choice of all layers is within the target. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  /** Bits. */
  readonly least: number;
  constructor(target: number, least: number) {
    super(`${target.toString()} bits cannot be met: the choices take ${least.toString()} at least`);
    this.least = least;
  }
}

interface Options {
  readonly choices: readonly Choice[];
  readonly places: readonly number[];
  readonly hull: readonly number[];
}

/**
 * Chooses for each layer so that the bits are at most `target` and the summed distortion is small: a price on bits is
 * lowered until the next step down the layers' convex hulls would be too much (Shoham and Gersho 1988), what is left is
 * filled by any choice that fits, best gain a bit first, and a knapsack looks for what is better still. That is the
 * best of all for some thousands of undominated sums, and near to it for more. Equal factors on all distortions change
 * nothing.
 *
 * layers   [layers] at least one finite choice each
 * throws   BudgetError with the fewest bits possible
 */
export function allocate(layers: readonly (readonly Choice[])[], target: number): Allocation {
  const options = layers.map(optionsOf);
  const least = bitsOf(options.map(({ choices, places }) => choices[places[0]!]!));
  const most = bitsOf(options.map(({ choices, places }) => choices[places.at(-1)!]!));
  if (least > target) throw new BudgetError(target, least);
  const { places: traded, multiplier } = tradedPlaces(options, target);
  let places = traded;
  if (multiplier !== null) {
    fill(options, places, target);
    const { distortion } = sumsOf(options, places);
    places = knapsack(options, target, multiplier, distortion) ?? places;
  }
  const sums = sumsOf(options, places);
  return {
    ...sums,
    places,
    gap: target - sums.bits,
    largestJump: Math.max(0, ...options.map(largestStep)),
    least,
    most,
    multiplier,
  };
}

function optionsOf(choices: readonly Choice[]): Options {
  const places = undominated(choices);
  if (places.length === 0) throw new RangeError('a layer has no choice');
  return { choices, places, hull: lowerHull(choices, places) };
}

const bitsOf = (choices: readonly Choice[]): number => choices.reduce((sum, { bits }) => sum + bits, 0);

function sumsOf(
  options: readonly Options[],
  places: readonly number[],
): { bits: number; distortion: number } {
  const chosen = options.map(({ choices }, layer) => choices[places[layer]!]!);
  return { bits: bitsOf(chosen), distortion: chosen.reduce((sum, { distortion }) => sum + distortion, 0) };
}

/** Steps along the hulls from the fewest bits, steepest first, until one does not fit: its slope is the multiplier. */
function tradedPlaces(
  options: readonly Options[],
  target: number,
): { places: number[]; multiplier: number | null } {
  const steps = options.flatMap(({ choices, hull }, layer) =>
    hull.slice(1).map((to, i) => {
      const from = hull[i]!;
      return { layer, to, gain: slope(choices[from]!, choices[to]!) };
    }),
  );
  steps.sort((a, b) => b.gain - a.gain || a.layer - b.layer);
  const places = options.map(({ hull }) => hull[0]!);
  let { bits } = sumsOf(options, places);
  for (const { layer, to, gain } of steps) {
    const { choices } = options[layer]!;
    const more = choices[to]!.bits - choices[places[layer]!]!.bits;
    if (bits + more > target) return { places, multiplier: gain };
    bits += more;
    places[layer] = to;
  }
  return { places, multiplier: null };
}

/** Moves one layer after another to a choice that fits and is better, hull or not: the best gain a bit first. */
function fill(options: readonly Options[], places: number[], target: number): void {
  let { bits } = sumsOf(options, places);
  for (;;) {
    let best: { layer: number; to: number; gain: number } | null = null;
    for (const [layer, { choices, places: all }] of options.entries()) {
      const now = choices[places[layer]!]!;
      for (const to of all) {
        const then = choices[to]!;
        if (then.bits <= now.bits || bits + then.bits - now.bits > target) continue;
        const gain = slope(now, then);
        if (best === null || gain > best.gain) best = { layer, to, gain };
      }
    }
    if (best === null) return;
    const { choices } = options[best.layer]!;
    bits += choices[best.to]!.bits - choices[places[best.layer]!]!.bits;
    places[best.layer] = best.to;
  }
}

function largestStep({ choices, places }: Options): number {
  let most = 0;
  for (let i = 1; i < places.length; i += 1)
    most = Math.max(most, choices[places[i]!]!.bits - choices[places[i - 1]!]!.bits);
  return most;
}

import type { Choice } from './hull.ts';

/** Partial sums that are kept after each layer; with fewer the answer is the best one, else a good one. */
const mostStates = 1 << 13;

/** Choices of some first layers: their sums, and how they came about. */
interface State {
  readonly bits: number;
  readonly distortion: number;
  /** Sum of what each choice costs more at the multiplier than the layer's cheapest one. */
  readonly excess: number;
  readonly place: number;
  readonly before: State | null;
}

const start: State = { bits: 0, distortion: 0, excess: 0, place: -1, before: null };

/**
 * The best sum of one choice from each layer within the target (multiple-choice knapsack), by a dynamic programme over
 * lists of undominated sums, each cut by the Lagrangian bound: at a multiplier m no completion of a sum is below its
 * excess + the sum over layers of min(distortion + m x bits) - m x target (Dyer, Kayal and Walker 1984; Pisinger 1995).
 *
 * layers      choices by layer; `places` the undominated ones, fewest bits first
 * known       distortion of a solution that is there already: only better ones are looked for
 * returns     a place for each layer; null when nothing better was found
 */
export function knapsack(
  layers: readonly { readonly choices: readonly Choice[]; readonly places: readonly number[] }[],
  target: number,
  multiplier: number,
  known: number,
): number[] | null {
  const priced = (choice: Choice): number => choice.distortion + multiplier * choice.bits;
  const cheapest = layers.map(({ choices, places }) => Math.min(...places.map((at) => priced(choices[at]!))));
  const least = layers.map(({ choices, places }) => choices[places[0]!]!.bits);
  let rest = least.reduce((sum, bits) => sum + bits, 0);
  // What an answer may cost above the bound.
  const room = known + multiplier * target - cheapest.reduce((sum, cost) => sum + cost, 0);
  let states: readonly State[] = [start];
  for (const [layer, { choices, places }] of layers.entries()) {
    rest -= least[layer]!;
    const next: State[] = [];
    for (const place of places) {
      const choice = choices[place]!;
      const excess = priced(choice) - cheapest[layer]!;
      if (excess > room) continue;
      for (const state of states) {
        if (state.excess + excess > room || state.bits + choice.bits + rest > target) continue;
        next.push({
          bits: state.bits + choice.bits,
          distortion: state.distortion + choice.distortion,
          excess: state.excess + excess,
          place,
          before: state,
        });
      }
    }
    states = thinned(next);
    if (states.length === 0) return null;
  }
  const best = states.at(-1)!;
  return best.distortion < known ? placesOf(best) : null;
}

/** Undominated sums, fewest bits first; of too many, those with the least excess. */
function thinned(states: State[]): State[] {
  states.sort((a, b) => a.bits - b.bits || a.distortion - b.distortion);
  const kept: State[] = [];
  for (const state of states)
    if (kept.length === 0 || state.distortion < kept.at(-1)!.distortion) kept.push(state);
  if (kept.length <= mostStates) return kept;
  const limit = kept.map(({ excess }) => excess).toSorted((a, b) => a - b)[mostStates - 1]!;
  return kept.filter(({ excess }) => excess <= limit).slice(0, mostStates);
}

function placesOf(last: State): number[] {
  const places: number[] = [];
  for (let state: State = last; state.before !== null; state = state.before) places.push(state.place);
  return places.toReversed();
}

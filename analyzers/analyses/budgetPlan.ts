import { allocate, BudgetError, type Allocation } from '../kernels/budget.ts';
import { lowerHull, slope, undominated, type Choice } from '../kernels/hull.ts';
import { finerGrids } from './budgetGrid.ts';
import type { BudgetChoice, BudgetJob, BudgetOffer, BudgetResult, BudgetStep } from '../report/budget.ts';
import { counted, factorText, percentText } from '../report/units.ts';

/** A layer as it was handed in, with the bits of each point by what is known so far. */
type Offer = BudgetOffer & { readonly bits: readonly number[] };

const mostRefinements = 2;
const leastGain = 0.001;

/** Encoded sizes where they are known; of other points of a layer, their estimate made larger as those turned out to be. */
function priced(offer: BudgetOffer): Offer {
  const { points, encoded } = offer;
  const off = points.map(({ codedBits }, place) => (encoded[place] ?? codedBits) / codedBits);
  const most = Math.max(1, ...off.filter((share) => Number.isFinite(share)));
  return { ...offer, bits: points.map(({ codedBits }, place) => encoded[place] ?? codedBits * most) };
}

const choicesOf = ({ points, bits }: Offer): Choice[] =>
  points.map(({ distortion }, place) => ({ bits: bits[place]!, distortion }));

/**
 * The next step on the way to a budget: points of all layers to encode, until the ones of the last step are encoded
 * and within the target. Where they are above it, a smaller choice of one layer makes up for it, or all are chosen
 * anew. Before any is encoded, choices about the best ones are asked for, twice while that gains something. Below what the choices allow, the smallest ones are encoded first, to tell what they take.
 */
export function planBudget({ layers, places, refined, target }: BudgetJob): BudgetStep {
  const offers = layers.map(priced);
  const targetBits = 8 * target.bytes;
  const over = places === null ? 0 : bitsAt(offers, places) - targetBits;
  const isEncoded = (all: readonly number[]): boolean =>
    offers.every(({ encoded }, at) => encoded[all[at]!] !== null);
  const plan = planWithin(offers, targetBits);
  if (places !== null && plan !== null && over <= 0 && isEncoded(places))
    return { kind: 'done', result: resultOf(offers, places, plan, target) };
  if (places === null && plan !== null && plan.multiplier !== null && isWorth(refined, plan.distortion)) {
    const grids = finerGrids(offers, plan.places);
    if (grids.length > 0) return { kind: 'refine', places: plan.places, distortion: plan.distortion, grids };
  }
  const step = places === null || over <= 0 ? null : smallerStep(offers, places, over);
  if (places !== null && step !== null)
    return { kind: 'encode', places: places.with(step.at, step.place), chosen: true };
  if (plan !== null) return { kind: 'encode', places: plan.places, chosen: true };
  const least = offers.map((offer) => undominated(choicesOf(offer))[0]!);
  return isEncoded(least)
    ? { kind: 'refused', leastBytes: Math.ceil(bitsAt(offers, least) / 8) }
    : { kind: 'encode', places: least, chosen: false };
}

/** Whether one more refinement is: the first, and others while the last one took off enough. */
const isWorth = (refined: readonly number[], distortion: number): boolean => {
  const last = refined.at(-1);
  return last === undefined || (refined.length < mostRefinements && distortion < (1 - leastGain) * last);
};

/** A point of each layer within the target by the sizes that are known; null when there is none. */
function planWithin(offers: readonly Offer[], targetBits: number): Allocation | null {
  try {
    return allocate(offers.map(choicesOf), targetBits);
  } catch (error) {
    if (error instanceof BudgetError) return null;
    throw error;
  }
}

const bitsAt = (offers: readonly Offer[], places: readonly number[]): number =>
  offers.reduce((sum, { bits }, at) => sum + bits[places[at]!]!, 0);

/** The smaller choice of one layer that makes up for `over` bits at the least distortion; null when none does. */
function smallerStep(
  offers: readonly Offer[],
  places: readonly number[],
  over: number,
): { readonly at: number; readonly place: number } | null {
  let best: { at: number; place: number; cost: number } | null = null;
  for (const [at, offer] of offers.entries()) {
    const choices = choicesOf(offer);
    const now = choices[places[at]!]!;
    for (const place of undominated(choices)) {
      const cost = choices[place]!.distortion - now.distortion;
      if (now.bits - choices[place]!.bits < over || (best !== null && cost >= best.cost)) continue;
      best = { at, place, cost };
    }
  }
  return best;
}

/** What is told of points that are all encoded. */
function resultOf(
  offers: readonly Offer[],
  places: readonly number[],
  plan: Allocation,
  target: { readonly text: string; readonly bytes: number },
): BudgetResult {
  const codedBytes = Math.ceil(bitsAt(offers, places) / 8);
  return {
    target: target.text,
    targetBytes: target.bytes,
    codedBytes,
    gapBytes: target.bytes - codedBytes,
    largestJumpBytes: Math.ceil(plan.largestJump / 8),
    leastBytes: Math.ceil(plan.least / 8),
    mostBytes: Math.ceil(plan.most / 8),
    distortion: offers.reduce((sum, { points }, at) => sum + points[places[at]!]!.distortion, 0),
    distortionBasis: 'data-free',
    multiplier: plan.multiplier === null ? null : plan.multiplier * 8,
    choices: offers.map((offer, at) => choiceOf(offer, places[at]!, plan.multiplier)),
  };
}

function choiceOf(offer: Offer, place: number, multiplier: number | null): BudgetChoice {
  const { density, bits, distortion } = offer.points[place]!;
  return {
    layer: offer.layer,
    name: offer.name,
    density: offer.mask === 'open' ? density : null,
    bits,
    codedBytes: Math.ceil(offer.bits[place]! / 8),
    distortion,
    why: whyOf(offer, place, multiplier),
  };
}

/**
 * Why not the next smaller or larger choice that a price can reach: what it would save or take, and for how many times
 * the price of a byte (the multiplier) it trades distortion.
 */
function whyOf(offer: Offer, place: number, multiplier: number | null): string {
  const choices = choicesOf(offer);
  const hull = lowerHull(choices, undominated(choices));
  const now = choices[place]!;
  const parts: string[] = [];
  if (offer.mask === 'carried') return 'carried as it is: nothing of it can be chosen';
  if (offer.tried !== null)
    parts.push(
      `codes tried: one ${offer.tried.method} codebook for the layer, not ${offer.tried.instead} as the recipe says`,
    );
  if (offer.mask === 'none') parts.push('not pruned by the recipe');
  if (offer.mask === 'fixed') parts.push('mask as the recipe says');
  const smaller = hull.findLast((at) => choices[at]!.bits < now.bits);
  const larger = hull.find((at) => choices[at]!.bits > now.bits && choices[at]!.distortion < now.distortion);
  const step = (at: number, from: Choice, to: Choice, more: 'more' | 'less'): string => {
    const bytes = counted(Math.ceil(Math.abs(choices[at]!.bits - now.bits) / 8), 'byte');
    const price =
      multiplier === null || !(multiplier > 0)
        ? ''
        : ` at ${factorText(slope(from, to) / multiplier)} the price`;
    return `(${pointText(offer, at)}): ${bytes} ${more}${price}`;
  };
  if (larger === undefined) parts.push('no larger choice loses less');
  else parts.push(`larger ${step(larger, now, choices[larger]!, 'more')}`);
  if (smaller === undefined) parts.push('no choice is smaller');
  else parts.push(`smaller ${step(smaller, choices[smaller]!, now, 'less')}`);
  if (multiplier === null) parts.unshift('the target asks for no trade');
  return parts.join('; ');
}

/** '25 % kept, 5 bits' */
function pointText({ points, mask }: Offer, place: number): string {
  const { density, bits } = points[place]!;
  const kept =
    mask !== 'open' || density === null
      ? []
      : [density === 1 ? 'not pruned' : `${percentText(density)} kept`];
  return [...kept, bits === null ? 'values as stored' : counted(bits, 'bit')].join(', ');
}

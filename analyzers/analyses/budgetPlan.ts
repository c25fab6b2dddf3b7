import { allocate, BudgetError, type Allocation } from '../kernels/budget.ts';
import { lowerHull, slope, undominated, type Choice } from '../kernels/hull.ts';
import type { BudgetChoice, BudgetResult } from '../report/budget.ts';
import type { CurvePoint, LayerCurves } from '../report/curves.ts';
import { counted, factorText, percentText } from '../report/units.ts';

/** One layer as a budget sees it. Sizes become exact as choices are settled. */
export interface Offer {
  /** LayerReport.index */
  readonly layer: number;
  readonly name: string;
  readonly mask: LayerCurves['mask'];
  readonly points: readonly CurvePoint[];
  /** Coded bits of each point by what is known so far. */
  readonly bits: Float64Array;
  /** Places of points whose size is that of their encoding. */
  readonly settled: Set<number>;
}

export const offerOf = (layer: number, name: string, { points, mask }: LayerCurves): Offer => ({
  layer,
  name,
  mask,
  points,
  bits: Float64Array.from(points, ({ codedBits }) => codedBits),
  settled: new Set(),
});

const choicesOf = ({ points, bits }: Offer): Choice[] =>
  points.map(({ distortion }, place) => ({ bits: bits[place]!, distortion }));

/** A point of each layer within the target by the sizes that are known; null when there is none. */
export function planWithin(offers: readonly Offer[], targetBits: number): Allocation | null {
  try {
    return allocate(offers.map(choicesOf), targetBits);
  } catch (error) {
    if (error instanceof BudgetError) return null;
    throw error;
  }
}

/** The place of each layer's fewest bits. */
export const leastPlaces = (offers: readonly Offer[]): number[] =>
  offers.map((offer) => undominated(choicesOf(offer))[0]!);

export const bitsAt = (offers: readonly Offer[], places: readonly number[]): number =>
  offers.reduce((sum, { bits }, at) => sum + bits[places[at]!]!, 0);

/** The size that a point has when it is encoded. Points of the layer that are not settled may be off as much. */
export function settlePoint({ points, bits, settled }: Offer, place: number, encodedBits: number): void {
  const off = Math.max(1, encodedBits / points[place]!.codedBits);
  bits[place] = encodedBits;
  settled.add(place);
  for (const [other, { codedBits }] of points.entries())
    if (!settled.has(other)) bits[other] = Math.max(bits[other]!, codedBits * off);
}

/** The smaller choice of one layer that makes up for `over` bits at the least distortion; null when none does. */
export function smallerStep(
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

/** What is told of a plan whose chosen points are all settled. */
export function resultOf(
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

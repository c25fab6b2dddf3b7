import {
  bitsAt,
  leastPlaces,
  offerOf,
  planWithin,
  resultOf,
  settlePoint,
  smallerStep,
  type Offer,
} from '../analyses/budgetPlan.ts';
import { triedMethod } from '../analyses/openLayer.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import { budgetRuleText, parseBudget, targetBytes } from '../report/budgetRule.ts';
import { noContext } from '../report/context.ts';
import type { LayerCurves } from '../report/curves.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { setLayerRule, type RuleKeys } from '../report/recipeEdit.ts';
import { RecipeError } from '../report/recipeError.ts';
import { resolveRule } from '../report/rules.ts';
import { failureOf } from '../rpc/failure.ts';
import { dealingOrder } from './plan.ts';
import type { Prepared, PrepareOptions } from './prepare.ts';

/** A layer that takes part: what can be chosen, and its chosen points as they were settled. */
interface Entrant {
  readonly layer: Layer;
  readonly profile: LayerProfile;
  readonly offer: Offer;
  /** By place. */
  readonly reports: Map<number, LayerReport>;
}

/**
 * Spends a budget: asks every layer for its curves, chooses density and bits of each so that the data-free distortion
 * is least within the target, and settles the chosen ones. Where encoding takes more than was estimated, the next
 * smaller choice makes up for it, until the encoded layers are within the target. Layers that cannot be read take no
 * part. Throws RecipeError with the least bytes that the choices allow.
 */
export async function solveBudget(asked: Recipe, budget: string, options: PrepareOptions): Promise<Prepared> {
  const target = parseBudget(budget);
  const recipe: Recipe = { ...asked, budget: null };
  const of = 2 * options.layers.length;
  let done = 0;
  const told: PrepareOptions['progress'] = () => {
    done = Math.min(of, done + 1);
    options.progress(done, of);
  };
  const entrants = await enter(recipe, { ...options, progress: told });
  const offers = entrants.map(({ offer }) => offer);
  const most = targetBytes(
    target,
    entrants.reduce((sum, { layer }) => sum + denseBits(layer), 0),
  );
  const settle = (places: readonly number[]): Promise<void> =>
    settlePlaces(entrants, places, recipe, { ...options, progress: told });
  for (;;) {
    const plan = planWithin(offers, 8 * most);
    const places = [...(plan?.places ?? leastPlaces(offers))];
    if (plan === null && isSettled(offers, places)) {
      const least = Math.ceil(bitsAt(offers, places) / 8);
      throw new RecipeError(
        `budget ${budgetRuleText(target)}: that is ${most.toString()} bytes of coded weights, and the choices that the recipe leaves take ${least.toString()} at least`,
      );
    }
    await settle(places);
    if (plan === null || !(await repaired(offers, places, 8 * most, settle))) continue;
    return {
      recipe: recipeFor(recipe, entrants, places),
      context: noContext,
      budget: resultOf(offers, places, plan, { text: budgetRuleText(target), bytes: most }),
      reports: new Map(entrants.map(({ layer, reports }, at) => [layer.index, reports.get(places[at]!)!])),
    };
  }
}

const denseBits = ({ weight }: Layer): number => elementsOf(weight.shape) * dtypeBits[weight.dtype];

const isSettled = (offers: readonly Offer[], places: readonly number[]): boolean =>
  offers.every(({ settled }, at) => settled.has(places[at]!));

/** The layers that can be read, with their curves, in their order. */
async function enter(
  recipe: Recipe,
  { layers, dealer, profileOf, signal, progress }: PrepareOptions,
): Promise<Entrant[]> {
  const found: Entrant[] = [];
  const ask = async (layer: Layer): Promise<void> => {
    let curves: LayerCurves | null = null;
    try {
      curves = await dealer.call('curves', layer, { recipe, profile: profileOf(layer.index) });
    } catch (error) {
      signal.throwIfAborted();
      // Any other failure is told when the layer itself is asked for.
      if (failureOf(error).code === 'closed') throw error;
    }
    progress(0, 0);
    if (curves === null || curves.profile === null || curves.points.length === 0) return;
    const offer = offerOf(layer.index, layer.name, curves);
    found.push({ layer, profile: curves.profile, offer, reports: new Map() });
  };
  await Promise.all(dealingOrder(layers).map(ask));
  return found.toSorted((a, b) => a.layer.index - b.layer.index);
}

/** Encodes the layers at these points, where that has not been done, and notes the bits that they take. */
async function settlePlaces(
  entrants: readonly Entrant[],
  places: readonly number[],
  recipe: Recipe,
  { dealer, progress }: PrepareOptions,
): Promise<void> {
  const order = dealingOrder(entrants.map(({ layer }) => layer)).map(({ index }) =>
    entrants.findIndex(({ layer }) => layer.index === index),
  );
  await Promise.all(
    order.map(async (at) => {
      const { layer, profile, offer, reports } = entrants[at]!;
      const place = places[at]!;
      if (offer.settled.has(place)) return;
      const report = await dealer.call('layer', layer, {
        recipe: setLayerRule(recipe, layer.name, keysOf(recipe, entrants[at]!, place)),
        context: noContext,
        profile,
      });
      reports.set(place, report);
      settlePoint(offer, place, report.encode?.bits.coded ?? offer.bits[place]!);
      progress(0, 0);
    }),
  );
}

/** Takes smaller choices, one after another, until the encoded layers are within the target; false where no single one is enough. */
async function repaired(
  offers: readonly Offer[],
  places: number[],
  targetBits: number,
  settle: (places: readonly number[]) => Promise<void>,
): Promise<boolean> {
  for (;;) {
    const over = bitsAt(offers, places) - targetBits;
    if (over <= 0) return true;
    const step = smallerStep(offers, places, over);
    if (step === null) return false;
    places[step.at] = step.place;
    await settle(places);
  }
}

const ruleOf = (recipe: Recipe, { layer, profile }: Entrant): LayerRule =>
  resolveRule(recipe, {
    name: layer.name,
    tensor: layer.tensorIndex === null ? null : layer.weight.name,
    op: layer.op,
    first: layer.first,
    weights: elementsOf(layer.weight.shape),
    zeros: profile.zeros,
  });

/** The point as rules of the layer: what the recipe does not leave open stays as it says. */
function keysOf(recipe: Recipe, entrant: Entrant, place: number): RuleKeys {
  const { density, bits } = entrant.offer.points[place]!;
  const rule = ruleOf(recipe, entrant);
  return {
    ...(entrant.offer.mask === 'open' && density !== null
      ? { prune: density === 1 ? 'none' : `density=${density.toString()}` }
      : {}),
    ...(rule.share.kind === 'none'
      ? {}
      : { share: bits === null ? 'none' : `${bits.toString()}:${triedMethod(rule)}` }),
  };
}

/** Rounds in which rules are put last until none of them changes another layer too. */
const mostRounds = 8;

/** The recipe with a rule for each layer. A rule for a name may match a tensor of another layer: that one's comes later. */
function recipeFor(recipe: Recipe, entrants: readonly Entrant[], places: readonly number[]): Recipe {
  const alone = entrants.map((entrant, at) => {
    const keys = keysOf(recipe, entrant, places[at]!);
    return {
      entrant,
      keys,
      rule: JSON.stringify(ruleOf(setLayerRule(recipe, entrant.layer.name, keys), entrant)),
    };
  });
  let all = recipe;
  let wrong = alone;
  for (let round = 0; round < mostRounds && wrong.length > 0; round += 1) {
    for (const { entrant, keys } of wrong) all = setLayerRule(all, entrant.layer.name, keys);
    wrong = alone.filter(({ entrant, rule }) => JSON.stringify(ruleOf(all, entrant)) !== rule);
  }
  const [first] = wrong;
  if (first === undefined) return all;
  throw new RecipeError(
    `the budget has no rule for ${JSON.stringify(first.entrant.layer.name)} alone: other layers' tensors have that name`,
  );
}

import { triedMethod } from '../analyses/openLayer.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { BudgetOffer, BudgetStep } from '../report/budget.ts';
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

/** A layer that takes part: what can be chosen, and how chosen points were encoded. */
interface Entrant {
  readonly layer: Layer;
  readonly profile: LayerProfile;
  readonly curves: LayerCurves;
  /** By place. */
  readonly reports: Map<number, LayerReport>;
}

/**
 * Spends a budget: asks every layer for its curves, has density and bits of each chosen so that the data-free
 * distortion is least within the target (analyses/budgetPlan.ts), and encodes the chosen ones, until they are within
 * the target. Layers that cannot be read take no part. Throws RecipeError with the least bytes that the choices allow.
 */
export async function solveBudget(asked: Recipe, budget: string, options: PrepareOptions): Promise<Prepared> {
  const target = parseBudget(budget);
  const recipe: Recipe = { ...asked, budget: null };
  const of = 2 * options.layers.length;
  let done = 0;
  const told: PrepareOptions = {
    ...options,
    progress: () => {
      done = Math.min(of, done + 1);
      options.progress(done, of);
    },
  };
  const entrants = await enter(recipe, told);
  const bytes = targetBytes(
    target,
    entrants.reduce((sum, { layer }) => sum + denseBits(layer), 0),
  );
  const text = budgetRuleText(target);
  let places: readonly number[] | null = null;
  for (;;) {
    const step: BudgetStep = await options.dealer.ask('plan', {
      layers: entrants.map(offerOf),
      places,
      target: { text, bytes },
    });
    if (step.kind === 'refused')
      throw new RecipeError(
        `budget ${text}: that is ${bytes.toString()} bytes of coded weights, and the choices that the recipe leaves take ${step.leastBytes.toString()} at least`,
      );
    if (step.kind === 'done') {
      const chosen = places ?? [];
      return {
        recipe: recipeFor(recipe, entrants, chosen),
        context: noContext,
        budget: step.result,
        reports: new Map(entrants.map(({ layer, reports }, at) => [layer.index, reports.get(chosen[at]!)!])),
      };
    }
    await encode(entrants, step.places, recipe, told);
    places = step.chosen ? step.places : null;
  }
}

const offerOf = ({ layer, curves, reports }: Entrant): BudgetOffer => ({
  layer: layer.index,
  name: layer.name,
  mask: curves.mask,
  points: curves.points,
  // A layer that could not be read again is told of in its report.
  encoded: curves.points.map(({ codedBits }, place) => {
    const report = reports.get(place);
    return report === undefined ? null : (report.encode?.bits.coded ?? codedBits);
  }),
});

const denseBits = ({ weight }: Layer): number => elementsOf(weight.shape) * dtypeBits[weight.dtype];

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
    found.push({ layer, profile: curves.profile, curves, reports: new Map() });
  };
  await Promise.all(dealingOrder(layers).map(ask));
  return found.toSorted((a, b) => a.layer.index - b.layer.index);
}

/** Encodes the layers at these points, where that has not been done. */
async function encode(
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
      const entrant = entrants[at]!;
      const { layer, profile, reports } = entrant;
      const place = places[at]!;
      if (reports.has(place)) return;
      const keys = keysOf(recipe, entrant, place);
      reports.set(
        place,
        await dealer.call('layer', layer, {
          recipe: setLayerRule(recipe, layer.name, keys),
          context: noContext,
          profile,
        }),
      );
      progress(0, 0);
    }),
  );
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
  const { density, bits } = entrant.curves.points[place]!;
  const rule = ruleOf(recipe, entrant);
  return {
    ...(entrant.curves.mask === 'open' && density !== null
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

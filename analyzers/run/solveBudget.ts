import { triedMethod } from '../analyses/openLayer.ts';
import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { BudgetJob, BudgetOffer, BudgetResult, BudgetStep, FinerGrid } from '../report/budget.ts';
import { budgetRuleText, parseBudget, targetBytes } from '../report/budgetRule.ts';
import { noContext } from '../report/context.ts';
import type { LayerCurves } from '../report/curves.ts';
import type { LayerProfile, LayerReport } from '../report/layerReport.ts';
import type { LayerRule, Recipe } from '../report/recipe.ts';
import { setLayerRule, type RuleKeys } from '../report/recipeEdit.ts';
import { RecipeError } from '../report/recipeError.ts';
import { resolveRule, shareText } from '../report/rules.ts';
import { counted } from '../report/units.ts';
import { failureOf } from '../rpc/failure.ts';
import { dealingOrder } from './plan.ts';
import type { Prepared, PrepareOptions } from './prepare.ts';

/** A layer that takes part: what can be chosen, and how chosen points were encoded. */
interface Entrant {
  readonly layer: Layer;
  readonly profile: LayerProfile;
  /** Those that were asked for so far. */
  curves: LayerCurves;
  /** By place. */
  readonly reports: Map<number, LayerReport>;
}

/**
 * Spends a budget: asks every layer for its curves, and those that matter most for finer ones, has density and bits of each chosen so that the data-free
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
  const solver: Solver = { entrants, recipe, target: { text, bytes }, refined: [], options: told };
  let best = await solved(solver, null);
  // Where the encoded sizes of the finer choices turned out worse than what the usual ones promised, those are tried too.
  const [first] = solver.refined;
  if (first !== undefined && best.result.distortion > first.distortion) {
    await encode(entrants, first.places, recipe, told);
    const usual = await solved(solver, first.places);
    if (usual.result.distortion < best.result.distortion) best = usual;
  }
  const { places, result } = best;
  return {
    recipe: recipeFor(recipe, entrants, places),
    context: noContext,
    budget: result,
    reports: new Map(entrants.map(({ layer, reports }, at) => [layer.index, reports.get(places[at]!)!])),
  };
}

interface Solver {
  readonly entrants: readonly Entrant[];
  readonly recipe: Recipe;
  readonly target: BudgetJob['target'];
  /** The plans that more choices were asked for about. */
  readonly refined: { readonly places: readonly number[]; readonly distortion: number }[];
  readonly options: PrepareOptions;
}

/** Step by step to points that are within the target, from none or from ones that are encoded. */
async function solved(
  { entrants, recipe, target, refined, options }: Solver,
  from: readonly number[] | null,
): Promise<{ places: readonly number[]; result: BudgetResult }> {
  let places = from;
  for (;;) {
    const step: BudgetStep = await options.dealer.ask('plan', {
      layers: entrants.map(offerOf(recipe)),
      places,
      refined: refined.map(({ distortion }) => distortion),
      target,
    });
    switch (step.kind) {
      case 'refused':
        throw new RecipeError(
          `budget ${target.text}: that is ${counted(target.bytes, 'byte')} of coded weights, and the choices that the recipe leaves take ${counted(step.leastBytes, 'byte')} at least`,
        );
      case 'done':
        return { places: places ?? [], result: step.result };
      case 'refine':
        refined.push(step);
        await refine(entrants, step.grids, recipe, options);
        break;
      case 'encode':
        await encode(entrants, step.places, recipe, options);
        places = step.chosen ? step.places : null;
    }
  }
}

const offerOf =
  (recipe: Recipe) =>
  (entrant: Entrant): BudgetOffer => {
    const { layer, curves, reports } = entrant;
    return {
      layer: layer.index,
      name: layer.name,
      mask: curves.mask,
      points: curves.points,
      // A layer that could not be read again is told of in its report.
      encoded: curves.points.map(({ codedBits }, place) => {
        const report = reports.get(place);
        return report === undefined ? null : (report.encode?.bits.coded ?? codedBits);
      }),
      tried: triedFor(ruleOf(recipe, entrant)),
    };
  };

/** The codebooks that the choices have; null where they are of the kind that the rule asks for. */
function triedFor(rule: LayerRule): BudgetOffer['tried'] {
  const { share } = rule;
  if (share.kind === 'none') return null;
  const method = triedMethod(rule);
  const same = share.method === method && share.k === null && share.per.kind === 'layer';
  return same ? null : { method, instead: shareText(share) };
}

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
  // The bytes of a layer that follows another are counted, and spent, there.
  await Promise.all(dealingOrder(layers.filter(({ follows }) => follows === undefined)).map(ask));
  return found.toSorted((a, b) => a.layer.index - b.layer.index);
}

/** Adds the choices of finer grids to the layers' curves. */
async function refine(
  entrants: readonly Entrant[],
  grids: readonly FinerGrid[],
  recipe: Recipe,
  { dealer, signal }: PrepareOptions,
): Promise<void> {
  await Promise.all(
    grids.map(async ({ at, ...grid }) => {
      const entrant = entrants[at]!;
      const { layer, profile, curves } = entrant;
      try {
        const finer = await dealer.call('curves', layer, { recipe, profile, grid });
        entrant.curves = { ...curves, points: [...curves.points, ...finer.points] };
      } catch (error) {
        // The usual choices are enough to go on with; what fails again is told when the layer is encoded.
        signal.throwIfAborted();
        if (failureOf(error).code === 'closed') throw error;
      }
    }),
  );
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

import { addLayer, globalSearch, narrowSearch, type GlobalSearch } from '../analyses/globalSearch.ts';
import { layerRuleOf } from '../analyses/layerRule.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerProfile } from '../report/layerReport.ts';
import { pruneText } from '../report/pruneRules.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Magnitudes } from '../rpc/contracts.ts';
import { failureOf } from '../rpc/failure.ts';
import { dealingOrder } from './plan.ts';
import type { PrepareOptions } from './prepare.ts';

/** Layers that one rule over all layers applies to, and the search for its threshold. */
interface Members {
  readonly search: GlobalSearch;
  readonly parts: { readonly layer: Layer; readonly profile: LayerProfile }[];
}

/**
 * The threshold that each rule `global=D` of the recipe comes to, by the rule's text: the K-th largest score over all
 * layers that it applies to, K = round(D * n) of their n weights, zeros included; what ties with it is kept. 0 where
 * fewer than K are not zero, and for K = 0 just above the largest. Found exactly by counting, 16 bits of each score a
 * pass, in three passes over single precision and four over others. Layers that cannot be read take no part.
 */
export async function globalThresholds(
  recipe: Recipe,
  options: PrepareOptions,
): Promise<Readonly<Record<string, number>>> {
  const layers = options.layers.filter((layer) => mayBeGlobal(layer, recipe));
  const of = 4 * layers.length;
  let done = 0;
  const progress = (): void => {
    done = Math.min(of, done + 1);
    options.progress(done, of);
  };
  const groups = await gather(layers, recipe, { ...options, progress });
  const found = await Promise.all(
    [...groups].map(
      async ([text, members]) => [text, await narrowed(members, recipe, { ...options, progress })] as const,
    ),
  );
  return Object.fromEntries(found);
}

/** Whether a rule over all layers applies, whatever zeros the layer turns out to have. */
function mayBeGlobal(layer: Layer, recipe: Recipe): boolean {
  if (layer.weight.data.kind === 'none') return false;
  return [0, elementsOf(layer.weight.shape)].some(
    (zeros) => layerRuleOf(layer, recipe, { zeros, nonFinite: 0 }).prune.kind === 'global',
  );
}

async function gather(
  layers: readonly Layer[],
  recipe: Recipe,
  { dealer, profileOf, signal, progress }: PrepareOptions,
): Promise<Map<string, Members>> {
  const groups = new Map<string, Members>();
  await Promise.all(
    dealingOrder(layers).map(async (layer) => {
      let first: Magnitudes | null = null;
      try {
        first = await dealer.call('magnitudes', layer, {
          recipe,
          profile: profileOf(layer.index),
          digits: [],
        });
      } catch (error) {
        signal.throwIfAborted();
        // Any other failure is told when the layer itself is asked for.
        if (failureOf(error).code === 'closed') throw error;
      }
      progress(0, 0);
      if (first === null) return;
      const { profile } = first;
      const { prune } = layerRuleOf(layer, recipe, profile);
      // A layer that is carried as it is has no counts.
      if (prune.kind !== 'global' || first.counts === null) return;
      const text = pruneText(prune);
      const members = groups.get(text) ?? { search: globalSearch(prune.density), parts: [] };
      groups.set(text, members);
      members.parts.push({ layer, profile });
      addLayer(members.search, first);
    }),
  );
  return groups;
}

async function narrowed(
  { search, parts }: Members,
  recipe: Recipe,
  { dealer, progress }: PrepareOptions,
): Promise<number> {
  for (;;) {
    const step = narrowSearch(search);
    if ('threshold' in step) return step.threshold;
    await Promise.all(
      parts.map(async ({ layer, profile }) => {
        addLayer(search, await dealer.call('magnitudes', layer, { recipe, profile, digits: step.digits }));
        progress(0, 0);
      }),
    );
  }
}

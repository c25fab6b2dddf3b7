import { countUnits } from '../analyses/deadUnits/countUnits.ts';
import { newWeights } from '../analyses/newWeights.ts';
import { settleLayer } from '../analyses/settleLayer.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import type { UnitCounts, UnitQuery } from '../model/units/query.ts';
import type { UnitGraph } from '../model/units/unitGraph.ts';
import { unitGraphOf } from '../model/units/unitGraphOf.ts';
import type { Recipe } from '../report/recipe.ts';
import { passOver, rawPass, settlingOf, type Bench, type LayerJob } from './layerJob.ts';
import { readModel } from './openModel.ts';

/** Counts of a layer's units after pruning and sharing. Throws as the layer's readers do. */
export async function runUnits(
  sources: Sources,
  { query, ...job }: LayerJob & { readonly query: UnitQuery },
  bench: Bench,
  options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
): Promise<UnitCounts> {
  const { layer } = job;
  const pass = passOver(sources, layer, bench);
  const recipe = needsValues(query) ? job.recipe : withoutSharing(job.recipe);
  const settled = await settleLayer(layer, recipe, pass, { ...options, ...settlingOf(sources, job, bench) });
  const raw = rawPass(sources, layer, bench);
  if (raw === null) throw new RangeError(`${layer.name} does not lie in its file element by element`);
  return countUnits(layer, query, (signal) => newWeights(settled, pass, raw, signal), options.signal);
}

/** What constants come to depends on centroids; which weights are kept does not. */
const needsValues = ({ constants, edges }: UnitQuery): boolean =>
  edges !== null || constants?.some((x) => x !== 0 && !Number.isNaN(x)) === true;

const withoutSharing = (recipe: Recipe): Recipe => ({
  ...recipe,
  layers: [...recipe.layers, { match: '*', share: 'none' }],
});

/** Opens a model for its units. Throws as openModel does. */
export async function openUnitGraph(
  ref: SourceRef,
  open: OpenSource,
  signal: AbortSignal,
): Promise<UnitGraph> {
  const { model, opened } = await readModel(ref, open, signal);
  const sources = openSources(model.sources, open);
  try {
    return await unitGraphOf(model, opened.layers, sources, signal);
  } finally {
    await sources.close();
  }
}

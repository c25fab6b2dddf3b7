import { countUnits, type UnitCounts, type UnitQuery } from '../analyses/deadUnits/countUnits.ts';
import { newWeights } from '../analyses/newWeights.ts';
import { settleLayer } from '../analyses/settleLayer.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Recipe } from '../report/recipe.ts';
import { passOver, rawPass, settlingOf, type Bench, type LayerJob } from './layerJob.ts';

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

/** The answer for a layer of which nothing is known. */
export const allAlive = (rows: number, { channels, constants, edges, positions }: UnitQuery): UnitCounts => ({
  rowWeights: new Uint32Array(rows).fill(1),
  rowKept: new Uint32Array(rows).fill(1),
  channelWeights: new Uint32Array(channels).fill(1),
  channelKept: new Uint32Array(channels).fill(1),
  folded: constants === null ? null : new Float64Array(rows),
  edges: edges === null ? null : new Float64Array(rows * positions).fill(Number.NaN),
});

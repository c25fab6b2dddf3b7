import { countUnits, type UnitCounts, type UnitQuery } from '../analyses/deadUnits/countUnits.ts';
import { emptyHeld } from '../analyses/heldValues.ts';
import { newWeights } from '../analyses/newWeights.ts';
import { settleLayer, type Settled } from '../analyses/settleLayer.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Recipe } from '../report/recipe.ts';
import { passOver, rawPass, settlingOf, type Bench, type LayerJob } from './layerJob.ts';

export type CountUnits = (job: LayerJob, query: UnitQuery) => Promise<UnitCounts>;

/** Counts units after pruning and sharing. A layer is settled once for all that is asked of it. Throws as its readers do. */
export function unitCounter(sources: Sources, bench: Bench, signal: AbortSignal): CountUnits {
  const masked = new Map<number, Settled>();
  const shared = new Map<number, Settled>();
  return async (job, query) => {
    const { layer } = job;
    const pass = passOver(sources, layer, bench);
    const raw = rawPass(sources, layer, bench);
    if (raw === null) throw new RangeError(`${layer.name} does not lie in its file element by element`);
    const count = async (values: boolean): Promise<UnitCounts> => {
      const known = values ? shared : masked;
      const recipe = values ? job.recipe : withoutSharing(job.recipe);
      const settled =
        known.get(layer.index) ??
        withoutValues(
          await settleLayer(layer, recipe, pass, {
            signal,
            progress: () => {},
            ...settlingOf(sources, job, bench),
          }),
        );
      known.set(layer.index, settled);
      return countUnits(layer, query, (stop) => newWeights(settled, pass, raw, stop), signal);
    };
    if (query.edges !== null || query.moves !== null) return count(true);
    // Which weights are kept does not depend on centroids: only what constants come to in rows that read nothing else.
    const counts = await count(false);
    const summed = counts.rowKept.some((kept, row) => kept === 0 && counts.folded?.[row] !== 0);
    return query.constants !== null && summed ? count(true) : counts;
  };
}

/** Without what only settling needs: there can be much of it. */
const withoutValues = (settled: Settled): Settled => ({
  ...settled,
  survey: { ...settled.survey, distinct: null, held: emptyHeld() },
});

const withoutSharing = (recipe: Recipe): Recipe => ({
  ...recipe,
  layers: [...recipe.layers, { match: '*', share: 'none' }],
});

/** The answer for a layer of which nothing is known. */
export const allAlive = (
  rows: number,
  { channels, constants, edges, moves, positions }: UnitQuery,
): UnitCounts => ({
  rowWeights: new Uint32Array(rows).fill(1),
  rowKept: new Uint32Array(rows).fill(1),
  channelWeights: new Uint32Array(channels).fill(1),
  channelKept: new Uint32Array(channels).fill(1),
  folded: constants === null ? null : new Float64Array(rows),
  edges: edges === null ? null : new Float64Array(rows * positions).fill(Number.NaN),
  moved: moves === null ? null : new Float64Array(rows).fill(Number.NaN),
});

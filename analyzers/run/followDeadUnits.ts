import { deadLines } from '../analyses/analyzeLayer.ts';
import { classify } from '../analyses/deadUnits/classify.ts';
import { followDead, type AskLayer } from '../analyses/deadUnits/follow.ts';
import { deadOf, deadUnitsProblem } from '../analyses/deadUnits/tellDead.ts';
import type { Layer } from '../model/layer.ts';
import type { UnitCounts, UnitQuery } from '../model/units/query.ts';
import type { UnitGraph } from '../model/units/unitGraph.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerDead } from '../report/deadUnits.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import { failureOf } from '../rpc/failure.ts';
import type { Dealer } from './dealer.ts';

export interface DeadOptions {
  readonly layers: readonly Layer[];
  readonly recipe: Recipe;
  readonly context: LayerContext;
  readonly dealer: Dealer;
  /** Asked for only when a layer has dead rows or columns. */
  readonly graph: () => Promise<UnitGraph>;
  readonly signal: AbortSignal;
}

/**
 * The reports with what goes with dead units, once all layers are settled; without it where no layer has any, or the
 * graph could not be followed. `reports` by the layers' index.
 */
export async function followDeadUnits(
  reports: readonly LayerReport[],
  options: DeadOptions,
): Promise<readonly LayerReport[]> {
  const found = reports.some(isSuspect) ? await foundDead(reports, options) : null;
  return reports.map((report, index) => toldWith(report, options.layers[index]!, found?.get(index) ?? null));
}

/** It has rows, or as many columns as a channel has, that keep no weight. */
const isSuspect = ({ prune, positions }: LayerReport): boolean =>
  prune !== null && (prune.deadRows > 0 || prune.deadCols >= positions);

async function foundDead(
  reports: readonly LayerReport[],
  { layers, recipe, context, dealer, graph, signal }: DeadOptions,
): Promise<ReadonlyMap<number, LayerDead> | null> {
  const ask: AskLayer = (index, query) => {
    const { prune, profile } = reports[index]!;
    // Nothing is known of a weight that could not be read.
    if (prune === null) return Promise.resolve(allAlive(layers[index]!.rows, query));
    return dealer.call('units', layers[index]!, { recipe, context, profile, query });
  };
  try {
    const dead = await followDead(await graph(), (index) => isSuspect(reports[index]!), ask);
    const classified = await classify(dead, ask);
    return new Map(classified.map((one) => [one.layer.step.layer, deadOf(one, layers, reports)]));
  } catch (error) {
    // All other figures stand: only these are missing.
    signal.throwIfAborted();
    if (failureOf(error).code === 'closed') throw error;
    return null;
  }
}

const allAlive = (rows: number, { channels, constants, edges, positions }: UnitQuery): UnitCounts => ({
  rowWeights: new Uint32Array(rows).fill(1),
  rowKept: new Uint32Array(rows).fill(1),
  channelWeights: new Uint32Array(channels).fill(1),
  channelKept: new Uint32Array(channels).fill(1),
  folded: constants === null ? null : new Float64Array(rows),
  edges: edges === null ? null : new Float64Array(rows * positions).fill(Number.NaN),
});

/** Of an earlier run the report may tell of dead units already: what is found now stands in their place. */
function toldWith(report: LayerReport, layer: Layer, dead: LayerDead | null): LayerReport {
  const { profile, prune } = report;
  const problem =
    (dead === null ? null : deadUnitsProblem(layer, dead)) ??
    (profile === null || prune === null ? null : deadLines(layer, profile, prune));
  const others = report.problems.filter(({ code }) => code !== 'analysis/dead-units');
  return { ...report, dead, problems: problem === null ? others : [...others, problem] };
}

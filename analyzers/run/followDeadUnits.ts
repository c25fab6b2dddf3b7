import { deadLines } from '../analyses/analyzeLayer.ts';
import { classify } from '../analyses/deadUnits/classify.ts';
import { followDead, type AskLayer } from '../analyses/deadUnits/follow.ts';
import { deadOf, deadUnitsProblem } from '../analyses/deadUnits/tellDead.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import { unitGraphOf } from '../model/units/unitGraphOf.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerDead } from '../report/deadUnits.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { DeadFound } from '../rpc/contracts.ts';
import type { Bench } from './layerJob.ts';
import { readModel } from './openModel.ts';
import { allAlive, unitCounter } from './unitsJob.ts';

export interface DeadJob {
  readonly recipe: Recipe;
  readonly context: LayerContext;
  /** By the layers' index. */
  readonly reports: readonly LayerReport[];
}

/**
 * What goes with dead units of a model whose layers are settled, by the layers' index. Layers that have dead rows or
 * columns are streamed again, those without only where constants reach them. Throws as the model's readers do.
 */
export async function followDeadUnits(
  ref: SourceRef,
  job: DeadJob,
  tools: { readonly open: OpenSource; readonly bench: Bench; readonly signal: AbortSignal },
): Promise<readonly DeadFound[]> {
  const { open, signal } = tools;
  const { reports } = job;
  const { model, opened } = await readModel(ref, open, signal);
  const { layers } = opened;
  const sources = openSources(model.sources, open);
  try {
    const found = reports.some(isSuspect) ? await foundDead({ model, layers, sources }, job, tools) : null;
    return layers.map((layer, index) => toldOf(layer, reports[index]!, found?.get(index) ?? null));
  } finally {
    await sources.close();
  }
}

/** It has rows, or as many columns as a channel has, that keep no weight. */
const isSuspect = ({ prune, positions }: LayerReport): boolean =>
  prune !== null && (prune.deadRows > 0 || prune.deadCols >= positions);

async function foundDead(
  { model, layers, sources }: { model: Model; layers: readonly Layer[]; sources: Sources },
  { recipe, context, reports }: DeadJob,
  { bench, signal }: { readonly bench: Bench; readonly signal: AbortSignal },
): Promise<ReadonlyMap<number, LayerDead>> {
  const count = unitCounter(sources, bench, signal);
  const ask: AskLayer = (index, query) => {
    const { prune, profile } = reports[index]!;
    const layer = layers[index]!;
    // Nothing is known of a weight that could not be read.
    if (prune === null) return Promise.resolve(allAlive(layer.rows, query));
    return count({ layer, recipe, context, profile }, query);
  };
  const graph = await unitGraphOf(model, layers, sources, signal);
  const dead = await followDead(graph, (index) => isSuspect(reports[index]!), ask);
  const classified = await classify(dead, ask);
  return new Map(classified.map((one) => [one.layer.step.layer, deadOf(one, layers, reports)]));
}

/** Of layers that the graph says nothing of, what settling told. */
function toldOf(layer: Layer, { profile, prune }: LayerReport, dead: LayerDead | null): DeadFound {
  const problem =
    (dead === null ? null : deadUnitsProblem(layer, dead)) ??
    (profile === null || prune === null ? null : deadLines(layer, profile, prune));
  return { dead, problem };
}

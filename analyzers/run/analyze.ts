import { openSources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Report } from '../report/report.ts';
import { takeCensus, type Digest } from './census.ts';
import { runLayer, type Bench } from './layerJob.ts';
import { openModel } from './openModel.ts';
import { checkRecipe } from './plan.ts';
import { reportOf } from './report.ts';

/** The straight line on one thread: open, every layer in its order, the census. run/pool.ts gives the same report. */
export async function analyze(
  source: SourceRef,
  recipe: Recipe,
  options: { readonly open: OpenSource; readonly digest: () => Digest; readonly signal: AbortSignal },
): Promise<Report> {
  const { open, digest, signal } = options;
  checkRecipe(recipe);
  const opened = await openModel(source, open, signal);
  const sources = openSources(opened.sources, open);
  const layers: LayerReport[] = [];
  try {
    for (const layer of opened.layers)
      layers.push(
        await runLayer(sources, { layer, recipe, profile: null }, alone, { signal, progress: () => {} }),
      );
  } finally {
    await sources.close();
  }
  const census = await takeCensus(source, open, digest, {
    signal,
    progress: () => {},
    breathe: alone.breathe,
  });
  return reportOf({ opened, recipe, layers, census });
}

/** Nobody else on this thread waits, and nothing is kept. */
const alone: Bench = { breathe: () => Promise.resolve(), remember: (_layer, pass) => pass };

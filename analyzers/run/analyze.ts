import { openSources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Recipe } from '../report/recipe.ts';
import type { Report } from '../report/report.ts';
import type { Dealer } from './dealer.ts';
import { takeCensus, type Digest } from './census.ts';
import { followDeadUnits } from './followDeadUnits.ts';
import { takeFrame } from './frame.ts';
import { layerMethods } from './layerMethods.ts';
import type { Bench } from './layerJob.ts';
import { modelMethods } from './modelMethods.ts';
import { openModel } from './openModel.ts';
import { checkRecipe } from './plan.ts';
import { prepare } from './prepare.ts';
import { reportOf } from './report.ts';
import { withDeadUnits } from './withDeadUnits.ts';

/** The straight line on one thread: open, every layer in its order, the census. run/pool.ts gives the same report. */
export async function analyze(
  source: SourceRef,
  asked: Recipe,
  options: { readonly open: OpenSource; readonly digest: () => Digest; readonly signal: AbortSignal },
): Promise<Report> {
  const { open, digest, signal } = options;
  checkRecipe(asked);
  const opened = await openModel(source, open, signal);
  const sources = openSources(opened.sources, open);
  const dealer: Dealer = {
    call: (method, layer, args) =>
      layerMethods[method](sources, { ...args, layer }, alone, { signal, progress: () => {} }),
    ask: (method, args) => Promise.resolve(modelMethods[method](args)),
  };
  const layers: LayerReport[] = [];
  try {
    const { recipe, context, budget, reports } = await prepare(asked, {
      layers: opened.layers,
      dealer,
      profileOf: () => null,
      signal,
      progress: () => {},
    });
    for (const layer of opened.layers)
      layers.push(
        reports.get(layer.index) ?? (await dealer.call('layer', layer, { recipe, context, profile: null })),
      );
    const told = await withDeadUnits(
      layers,
      (all) => followDeadUnits(source, { recipe, context, reports: all }, { open, bench: alone, signal }),
      signal,
    );
    const census = await takeCensus(source, open, digest, {
      signal,
      progress: () => {},
      breathe: alone.breathe,
    });
    const frame = await takeFrame(source, open, signal);
    return reportOf({ opened, recipe, budget, layers: told, census, frame });
  } finally {
    await sources.close();
  }
}

/** Nobody else on this thread waits, and nothing is kept. */
const alone: Bench = { breathe: () => Promise.resolve(), remember: (_layer, pass) => pass };

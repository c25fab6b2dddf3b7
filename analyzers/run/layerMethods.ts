import type { Sources } from '../bytes/sources.ts';
import type { Layer } from '../model/layer.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';
import type { LayerArgs, LayerMethod } from './dealer.ts';
import { runStudy } from './layerStudy.ts';
import { runCurves, runLayer, runMagnitudes, type Bench } from './layerJob.ts';

/** How one method about one layer is answered, on whatever thread it runs. */
export type LayerMethods = {
  readonly [M in LayerMethod]: (
    sources: Sources,
    args: LayerArgs<M> & { readonly layer: Layer },
    bench: Bench,
    options: { readonly signal: AbortSignal; readonly progress: (share: number) => void },
  ) => Promise<AnalyzerContract[M]['result']>;
};

/** To add a method: a line here and in rpc/contracts.ts. */
export const layerMethods: LayerMethods = {
  layer: runLayer,
  magnitudes: runMagnitudes,
  curves: runCurves,
  study: runStudy,
};

import type { Layer } from '../model/layer.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';

export type LayerMethod = 'layer' | 'magnitudes' | 'curves' | 'study';
export type LayerArgs<M extends LayerMethod> = Omit<
  AnalyzerContract[M]['args'],
  'model' | 'sources' | 'layer'
>;

/** What is asked about all layers at once, without their weights. */
export type ModelMethod = 'plan' | 'suggest';

/** How a run asks for work on layers: from a thread of the pool, or from this one. Follows the run's signal. */
export interface Dealer {
  call<M extends LayerMethod>(
    method: M,
    layer: Layer,
    args: LayerArgs<M>,
  ): Promise<AnalyzerContract[M]['result']>;
  ask<M extends ModelMethod>(
    method: M,
    args: AnalyzerContract[M]['args'],
  ): Promise<AnalyzerContract[M]['result']>;
}

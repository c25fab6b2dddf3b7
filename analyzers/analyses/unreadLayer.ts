import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { elementsOf, toldType } from '../model/tensor.ts';
import type { LayerReport } from '../report/layerReport.ts';

/** What is known of a layer without its weights. */
export type LayerHead = Omit<
  LayerReport,
  'profile' | 'prune' | 'share' | 'sqnrDb' | 'exact' | 'encode' | 'problems'
>;

export function layerHead(layer: Layer): LayerHead {
  const { weight } = layer;
  return {
    index: layer.index,
    name: layer.name,
    tensor: layer.tensorIndex === null ? null : weight.name,
    usedBy: layer.usedBy,
    operator: layer.operator,
    op: layer.op,
    dtype: toldType(weight),
    shape: weight.shape,
    rows: layer.rows,
    cols: layer.cols,
    positions: layer.view.positions,
    weights: elementsOf(weight.shape),
    macs: layer.macs,
    first: layer.first,
    follows: layer.follows ?? null,
    dead: null,
    activation: null,
    eie: null,
  };
}

/** A layer whose weights cannot be read: listed with its shape, without figures; the problems say why. */
export const unreadLayer = (layer: Layer, problems: readonly Problem[]): LayerReport => ({
  ...layerHead(layer),
  profile: null,
  prune: null,
  share: null,
  sqnrDb: null,
  exact: false,
  encode: null,
  problems,
});

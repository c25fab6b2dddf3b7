import type { SourceRef } from '../bytes/source.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { OpenedModel } from '../rpc/contracts.ts';

/** A model that was opened, and the number under which workers keep its weights. */
export interface Known {
  readonly opened: OpenedModel;
  readonly model: number;
}

/** Reports of layers in the order of the layers. */
export const inOrder = (reports: ReadonlyMap<number, LayerReport>): readonly LayerReport[] =>
  [...reports.values()].toSorted((a, b) => a.index - b.index);

/** Names a layer of a model in the state in which it was opened. */
export const layerKey = (model: number, layer: Layer): string =>
  `${model.toString()} ${layer.index.toString()}`;

/** Bytes in memory are sent as the caller holds them, and are not kept here. */
export const sourcesFor = (source: SourceRef, { opened }: Known): readonly SourceRef[] => [
  source,
  ...opened.sources.slice(1),
];

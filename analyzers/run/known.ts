import type { SourceRef } from '../bytes/source.ts';
import type { Frame } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerContext } from '../report/context.ts';
import type { LayerReport } from '../report/layerReport.ts';
import type { Report } from '../report/report.ts';
import type { OpenedModel, RunProgress } from '../rpc/contracts.ts';

/** A model that was opened, and the number under which workers keep its weights. */
export interface Known {
  readonly opened: OpenedModel;
  readonly model: number;
}

/** A finished run, and what a later one over the same bytes may take from it. */
export interface Analysed {
  readonly report: Report;
  readonly opened: OpenedModel;
  readonly context: LayerContext;
  /** Where new weights go; null when no container can be written of the model. */
  readonly frame: Frame | null;
  /** Names the model in the state in which it was opened; workers keep weights under it. */
  readonly model: number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** An earlier run over the same bytes: what its recipe and this one treat alike is taken over. */
  readonly reuse?: Analysed | undefined;
  readonly progress?: (step: RunProgress) => void;
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

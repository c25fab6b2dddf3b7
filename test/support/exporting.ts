import assert from 'node:assert/strict';
import { exportModel, type Exported } from '../../analyzers/container/exportModel.ts';
import { frameOf } from '../../analyzers/container/frame.ts';
import { slimBytesOf } from '../../analyzers/container/slimHeader.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { Pass } from '../../analyzers/model/chunk.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import type { Extent, Tensor } from '../../analyzers/model/tensor.ts';
import { noContext } from '../../analyzers/report/context.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { runLayer } from '../../analyzers/run/layerJob.ts';
import {
  filesOf,
  memorySink,
  opened,
  quiet,
  slimOf,
  slimTool,
  type MemorySink,
  type Opened,
} from './slim.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** The files of a model with new weights, by name. */
export async function exportOf(
  model: Opened,
  recipe: Recipe,
  by: typeof exportModel = exportModel,
): Promise<Exported & { readonly written: Files }> {
  const sinks = new Map<string, MemorySink>();
  const answer = await by(
    { ...model, recipe },
    async (name) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return sink;
    },
    quiet,
  );
  const written = new Map(
    Array.from(sinks, ([name, sink]) => {
      if (sink.state !== 'committed') throw new Error(`${name} is ${sink.state}`);
      return [name, sink.bytes.slice()];
    }),
  );
  return { ...answer, written };
}

/** A model from its bytes and those beside it, exported and compressed and decompressed. */
export async function bothWays(
  bytes: Uint8Array,
  recipe: Recipe,
  beside: Files = new Map(),
): Promise<{
  readonly before: Opened;
  readonly after: Opened;
  readonly inside: Opened;
  readonly exported: Files;
  readonly decompressed: Files;
  readonly notes: readonly string[];
}> {
  const before = await opened(memorySource('net.onnx', bytes, beside));
  const { written: exported, notes } = await exportOf(before, recipe);
  const { slim } = await slimOf(before, recipe);
  assert.equal(await slimBytes(before, recipe), slim.length, 'the size is known before anything is written');
  const own = exported.get('net.onnx')!;
  return {
    before,
    after: await opened(memorySource('net.onnx', own, exported)),
    inside: await opened(memorySource('net.slim', slim)),
    exported,
    decompressed: await filesOf(slim),
    notes,
  };
}

/** The size of the container by the reports on its layers, as the report tells it. */
export async function slimBytes({ model, layers, sources }: Opened, recipe: Recipe): Promise<number | null> {
  const reports: LayerReport[] = [];
  const bench = { breathe: quiet.breathe, remember: (_: Layer, pass: Pass) => pass };
  for (const layer of layers)
    reports.push(await runLayer(sources, { layer, recipe, context: noContext, profile: null }, bench, quiet));
  return slimBytesOf(await frameOf(model, layers, sources, quiet.signal), reports, slimTool);
}

/** Where a tensor's numbers stand; of a sparse one its values. */
export function placesIn({ data }: Tensor): readonly Extent[] {
  if (data.kind === 'sparse') return placesIn(data.values);
  return 'extents' in data ? data.extents : [];
}

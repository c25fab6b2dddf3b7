import assert from 'node:assert/strict';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { noEffect } from '../../analyzers/model/context.ts';
import type { Layer, LayerList } from '../../analyzers/model/layer.ts';
import { layersOf } from '../../analyzers/model/layers.ts';
import type { Model } from '../../analyzers/model/model.ts';
import type { Shape } from '../../analyzers/model/shapes/known.ts';
import { walkModel } from '../../analyzers/model/walk.ts';
import type { ModelSpec } from './onnxFixture.ts';
import { readModel } from './readOnnx.ts';

const never = new AbortController().signal;

const sourcesOf = (model: Model) =>
  openSources(model.sources, async (ref) => {
    if (ref.kind !== 'bytes') throw new Error('only bytes in memory are read here');
    return memorySource(ref.name, new Uint8Array(ref.bytes));
  });

/** The layers of a model that a test describes. */
export async function layersIn(spec: ModelSpec): Promise<LayerList> {
  const model = await readModel(spec);
  const sources = sourcesOf(model);
  const list = await layersOf(model, sources, never);
  await sources.close();
  return list;
}

/** Its only layer. */
export async function layerIn(spec: ModelSpec): Promise<Layer> {
  const { layers } = await layersIn(spec);
  const [layer] = layers;
  assert.equal(layers.length, 1, layers.map((l) => l.name).join(', '));
  return layer!;
}

/** The inferred shape of every value that a node of the model gives; the last run of a node wins. */
export async function shapesIn(spec: ModelSpec): Promise<Readonly<Record<string, Shape | null>>> {
  const model = await readModel(spec);
  const sources = sourcesOf(model);
  const shapes: Record<string, Shape | null> = {};
  await walkModel(
    model,
    sources,
    ({ node, outputs }) => {
      for (const [i, name] of node.outputs.entries()) shapes[name] = outputs[i]?.shape ?? null;
      return noEffect;
    },
    never,
  );
  await sources.close();
  return shapes;
}

/** Row and column of every element of the stored tensor, in storage order, counted digit by digit. */
export function placesOf({ view }: Pick<Layer, 'view'>): readonly (readonly [row: number, col: number])[] {
  const count = view.shape.reduce((n, extent) => n * extent, 1);
  return Array.from({ length: count }, (_, flat) => {
    const digits: number[] = [];
    let rest = flat;
    for (const extent of view.shape.toReversed()) {
      digits.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const along = (axes: readonly number[]) =>
      axes.reduce((at, axis) => at * view.shape[axis]! + digits[axis]!, 0);
    return [along(view.rowAxes), along(view.colAxes)] as const;
  });
}

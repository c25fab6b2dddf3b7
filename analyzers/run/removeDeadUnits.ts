import { countUnits } from '../analyses/deadUnits/countUnits.ts';
import { followDead, type AskLayer, type DeadUnits } from '../analyses/deadUnits/follow.ts';
import { removalOf } from '../analyses/deadUnits/removal.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import { rewriteOnnx } from '../formats/onnx/rewrite.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import { unitGraphOf } from '../model/units/unitGraphOf.ts';
import { readRaw } from '../model/weights.ts';
import { readModel } from './openModel.ts';

export interface Removed {
  /** The model without them, external data files apart: these stay as they are. */
  readonly bytes: Uint8Array;
  /** Units that went, by layer. */
  readonly layers: readonly { readonly name: string; readonly units: number }[];
}

/**
 * Writes a model anew without the units that its stored zeros leave dead: the same outputs from a smaller graph.
 * `ref` is the model with its new weights; it is held in memory. Throws ReadError as its reader does, and
 * 'limits/rewrite' when it is too large.
 */
export async function removeDeadUnits(
  ref: SourceRef,
  open: OpenSource,
  signal: AbortSignal,
): Promise<Removed> {
  const { model, opened } = await readModel(ref, open, signal);
  const sources = openSources(model.sources, open);
  try {
    const ask = asStored(opened.layers, sources, signal);
    const dead = await deadUnitsOf(model, opened.layers, sources, ask, signal);
    const bytes = await wholeFile(ref, open, signal);
    if (!dead.removed.includes(1)) return { bytes, layers: [] };
    const edits = await removalOf(dead, { model, layers: opened.layers, sources }, ask, signal);
    return { bytes: rewriteOnnx(model.name, bytes, edits), layers: unitsByLayer(dead, opened.layers) };
  } finally {
    await sources.close();
  }
}

/** Dead units of a model as it stands: every layer is looked at, since nothing is known of its zeros. */
const deadUnitsOf = async (
  model: Model,
  layers: readonly Layer[],
  sources: Sources,
  ask: AskLayer,
  signal: AbortSignal,
): Promise<DeadUnits> => followDead(await unitGraphOf(model, layers, sources, signal), () => true, ask);

/** Counts of a layer's units from the file. */
const asStored =
  (layers: readonly Layer[], sources: Sources, signal: AbortSignal): AskLayer =>
  (index, query) => {
    const layer = layers[index]!;
    return countUnits(layer, query, (stop) => readRaw(sources, layer.weight, stop), signal);
  };

function unitsByLayer({ graph, layers, removed }: DeadUnits, all: readonly Layer[]): Removed['layers'] {
  return layers.flatMap(({ step }) => {
    const gone = graph.values[step.to]!.groups.filter((group) => removed[group] === 1);
    // Of a layer with state a unit is several rows.
    const units = step.hidden === null ? gone.length : new Set(gone).size;
    return units === 0 ? [] : [{ name: all[step.layer]!.name, units }];
  });
}

async function wholeFile(ref: SourceRef, open: OpenSource, signal: AbortSignal): Promise<Uint8Array> {
  const source = await open(ref);
  try {
    if (source.size > limits.rewrite)
      throw new ReadError(
        'limits/rewrite',
        source.name,
        `${source.name} has ${source.size.toString()} bytes, and models of at most ${limits.rewrite.toString()} are written without dead units; export without removing them`,
      );
    const bytes = new Uint8Array(source.size);
    if (source.size > 0) await source.read(0, bytes, signal);
    return bytes;
  } finally {
    await source.close();
  }
}

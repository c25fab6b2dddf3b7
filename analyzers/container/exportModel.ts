import { ReadError } from '../bytes/errors.ts';
import type { ByteSink, OpenSink } from '../bytes/sink.ts';
import { sparsePositions } from '../model/sparse.ts';
import { readTensor } from '../model/weights.ts';
import { passesOf, type TaskOptions } from './layerSource.ts';
import { unwritable } from './frame.ts';
import { planWriting, type ModelJob } from './plan.ts';
import { renderFiles, withSinks, type Contents, type RenderedFile } from './render.ts';

export interface Exported {
  /** The model's own file first, under the names that the model has for them. */
  readonly files: readonly RenderedFile[];
  /** Layers that were carried unchanged, and lengths that were rewritten. */
  readonly notes: readonly string[];
}

/** Share of the work that settling takes. */
const settling = 0.7;

/**
 * Writes the model's files with pruned and shared weights in place: every other byte is copied, so what no reader here
 * knows stays, and sizes stay but where varints need more room. What a `.slim` of the same job gives back is the same
 * bytes. All files get their names when all are whole; on any error all are discarded.
 * Throws ReadError 'slim/twice' of a container, as planWriting and renderFiles, 'file/changed' when the model is not
 * what it was, and the signal's reason.
 */
export async function exportModel(
  job: ModelJob,
  openSink: OpenSink,
  options: TaskOptions,
): Promise<Exported> {
  const { model } = job;
  const refused = unwritable(model);
  if (refused !== null) throw refused;
  const names = model.files.map(({ name }) => name);
  return withSinks(names, openSink, (sinks) => writeAll(job, sinks, options));
}

async function writeAll(job: ModelJob, sinks: readonly ByteSink[], options: TaskOptions): Promise<Exported> {
  const { model, sources } = job;
  const { settled, layout, notes } = await planWriting(job, {
    ...options,
    progress: (share) => options.progress(settling * share),
  });
  const contents: Contents = {
    sources,
    dtypeOf: (layer) => settled[layer]!.layer.weight.dtype,
    elementsOf: (layer, signal) => passesOf(settled[layer]!, sources, options.breathe).newWeights(signal),
    positionsOf(layer, signal) {
      const { data, shape } = settled[layer]!.layer.weight;
      if (data.kind !== 'sparse') throw new RangeError(`the layer ${layer.toString()} is not sparse`);
      return sparsePositions({ shape }, data, readTensor(sources, data.indices, signal));
    },
    wrong: (layer, what) =>
      new ReadError(
        'file/changed',
        model.name,
        `${model.name} is not as it was when it was opened: of the weights of ${settled[layer]!.layer.name}, ${what}; run again`,
      ),
  };
  const files = await renderFiles(layout.files, contents, sinks, {
    ...options,
    progress: (share) => options.progress(settling + (1 - settling) * share),
  });
  return { files, notes };
}

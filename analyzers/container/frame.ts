import { ReadError } from '../bytes/errors.ts';
import type { Sources } from '../bytes/sources.ts';
import { enclosingLengths } from '../formats/onnx/enclosing.ts';
import type { Frame, FramedLayer, LengthPlace, Run } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import { codable } from './layout.ts';
import { runsOf } from './runs.ts';
import { ascends } from './sparseValues.ts';

/**
 * Where new weights of the layers would stand. Reads no weight but those that are written as varints in several runs.
 * Throws 'file/changed' when the model is not what it was, and the signal's reason.
 */
export async function frameOf(
  model: Model,
  layers: readonly Layer[],
  sources: Sources,
  signal: AbortSignal,
): Promise<Frame> {
  const { name, format, files } = model;
  const chosen = codable(layers);
  const notes = [...chosen.notes];
  const framed: Omit<FramedLayer, 'around'>[] = [];
  for (const layer of chosen.layers) {
    try {
      if (await ascends(layer.weight, sources, signal))
        framed.push({ layer: layer.index, runs: await runsOf(layer.weight, sources, signal) });
      else notes.push(`${layer.name} is carried as it is: the positions of its values do not ascend`);
    } catch (error) {
      if (!(error instanceof ReadError) || error.code !== 'weights/malformed') throw error;
      notes.push(`${layer.name} is carried as it is: ${error.message}`);
    }
  }
  const around = await lengthsAround(
    framed.flatMap(({ runs }) => runs),
    sources,
    signal,
  );
  return {
    name,
    format,
    files,
    layers: framed.map((one) => ({ ...one, around: one.runs.map((run) => around.get(run) ?? []) })),
    notes,
  };
}

/** The lengths around each run that may grow: varints in the model's own file, those beside it are raw. */
async function lengthsAround(
  runs: readonly Run[],
  sources: Sources,
  signal: AbortSignal,
): Promise<ReadonlyMap<Run, readonly LengthPlace[]>> {
  const growing = runs
    .filter(({ written, extent }) => written.numbers === 'varint' && extent.source === 0)
    .toSorted((a, b) => a.extent.offset - b.extent.offset);
  if (growing.length === 0) return new Map();
  const found = await enclosingLengths(
    await sources.at(0),
    growing.map(({ extent }) => extent),
    signal,
  );
  return new Map(growing.map((run, i) => [run, found[i]!]));
}

/** Why nothing can be written of a model, or null. */
export function unwritable({ format, name, tensors, problems }: Model): ReadError | null {
  if (format === 'slim')
    return new ReadError(
      'slim/twice',
      name,
      `${name} is compressed already: decompress it, or take the model that it was made from`,
    );
  const cut = problems.find(({ code }) => code === 'file/truncated');
  if (cut !== undefined)
    return new ReadError('file/truncated', name, cut.message, cut.at.offset ?? undefined);
  for (const { data } of tensors)
    if (data.kind === 'none' && data.code.startsWith('onnx/external-data-'))
      return new ReadError(
        'onnx/external-data-missing',
        name,
        `${data.reason}. Nothing is written without it`,
      );
  return null;
}

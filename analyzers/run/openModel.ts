import { ReadError } from '../bytes/errors.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import { ascends } from '../container/sparseValues.ts';
import { notAModel } from '../formats/guess.ts';
import { detect } from '../formats/index.ts';
import type { Layer, LayerList } from '../model/layer.ts';
import { layersOf } from '../model/layers.ts';
import type { Model } from '../model/model.ts';
import { elementsOf, type Place, type Tensor } from '../model/tensor.ts';
import type { ModelSummary } from '../report/report.ts';
import type { OpenedModel } from '../rpc/contracts.ts';
import { extentsOf, unionBytes } from './extents.ts';

/** Bytes of a file by which it is recognised: formats need 64, saying what else it is takes more. */
const headBytes = 512;
/** Longest text from the file's metadata in the header line. */
const detailLength = 60;

/** A model's structure beside what the host keeps of it. */
export interface ReadModel {
  readonly model: Model;
  readonly opened: OpenedModel;
}

/**
 * Recognises the file, lists its tensors and finds its layers; reads no weight.
 * Throws ReadError when no list can be made; what can be told besides is in `problems`.
 */
export async function openModel(ref: SourceRef, open: OpenSource, signal: AbortSignal): Promise<OpenedModel> {
  return (await readModel(ref, open, signal)).opened;
}

/** As openModel, with every tensor. */
export async function readModel(ref: SourceRef, open: OpenSource, signal: AbortSignal): Promise<ReadModel> {
  const model = await listTensors(ref, open, signal);
  // The caller's own ref: bytes in memory stay the ones that the threads share.
  const refs = [ref, ...model.sources.slice(1)];
  const sources = openSources(refs, open);
  try {
    const found = await layersOf(model, sources, signal);
    const list = { ...found, layers: await withOrder(found.layers, sources, signal) };
    return {
      model: { ...model, sources: refs },
      opened: {
        summary: summaryOf(model, list),
        layers: list.layers,
        sources: refs,
        problems: [...model.problems, ...list.problems],
      },
    };
  } finally {
    await sources.close();
  }
}

/** Tells of sparse weights whether their values can be written in one pass; reads their positions. */
async function withOrder(
  layers: readonly Layer[],
  sources: Sources,
  signal: AbortSignal,
): Promise<readonly Layer[]> {
  const told: Layer[] = [];
  for (const layer of layers)
    told.push((await isOrdered(layer, sources, signal)) ? layer : { ...layer, carried: unordered });
  return told;
}

const unordered = 'the positions of its values do not ascend';

async function isOrdered(
  { weight, carried }: Layer,
  sources: Sources,
  signal: AbortSignal,
): Promise<boolean> {
  if (carried !== undefined || weight.data.kind !== 'sparse') return true;
  try {
    return await ascends(weight, sources, signal);
  } catch (error) {
    // Whoever reads the weights tells of it.
    if (!(error instanceof ReadError)) throw error;
    return true;
  }
}

async function listTensors(ref: SourceRef, open: OpenSource, signal: AbortSignal): Promise<Model> {
  const source = await open(ref);
  try {
    signal.throwIfAborted();
    const { name, size } = source;
    const head = new Uint8Array(Math.min(headBytes, size));
    if (size > 0) await source.read(0, head, signal);
    const format = size > 0 ? detect(head, name) : null;
    if (format === null) throw notAModel(name, size, head);
    return await format.read(source, signal);
  } finally {
    await source.close();
  }
}

function summaryOf(model: Model, list: LayerList): ModelSummary {
  const byPlace: Record<Place, number> = {
    initializer: 0,
    constant: 0,
    subgraphInitializer: 0,
    subgraphConstant: 0,
    sparse: 0,
    function: 0,
  };
  let elements = 0;
  for (const { place, shape } of model.tensors) {
    const count = elementsOf(shape);
    byPlace[place] += count;
    elements += count;
  }
  const weights: readonly Tensor[] = list.layers.map((layer) => layer.weight);
  return {
    name: model.name,
    format: model.format,
    bytes: model.files.reduce((sum, file) => sum + file.bytes, 0),
    files: model.files.map((file) => file.name),
    weightBytes: weightBytesOf(model, weights),
    fingerprint: null,
    tensors: { count: model.tensors.length, elements, zeros: null, byPlace },
    detail: detailOf(model.metadata),
    parameters: list.parameters,
    symbolicBatch: list.symbolicBatch,
  };
}

/** Weights in their files; of a container also what describes them, which no other file would carry. */
function weightBytesOf({ files, carriedBytes }: Model, weights: readonly Tensor[]): number {
  if (carriedBytes === undefined) return unionBytes(weights.flatMap(extentsOf));
  const [container] = files;
  const carried = weights.filter(({ data }) => data.kind !== 'coded');
  return (container?.bytes ?? 0) - carriedBytes + unionBytes(carried.flatMap(extentsOf));
}

function detailOf(metadata: ReadonlyMap<string, string>): readonly string[] {
  const opset = metadata.get('opset');
  const producer = metadata.get('producer')?.trim();
  return [
    ...(opset === undefined || opset === '' ? [] : [short(`opset ${opset}`)]),
    ...(producer === undefined || producer === '' ? [] : [short(producer)]),
  ];
}

const short = (text: string): string =>
  text.length > detailLength ? `${text.slice(0, detailLength - 1)}…` : text;

import { compress, type Compressed } from '../../analyzers/container/compress.ts';
import { decompress } from '../../analyzers/container/decompress.ts';
import { passesOf, settleForWriting } from '../../analyzers/container/layerSource.ts';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { ByteSink } from '../../analyzers/bytes/sink.ts';
import type { ByteSource } from '../../analyzers/bytes/source.ts';
import type { Sources } from '../../analyzers/bytes/sources.ts';
import { detect } from '../../analyzers/formats/index.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { layersOf } from '../../analyzers/model/layers.ts';
import type { Model } from '../../analyzers/model/model.ts';
import { readTensor } from '../../analyzers/model/weights.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';

const { signal } = new AbortController();
export const quiet = { signal, progress: () => {}, breathe: () => Promise.resolve() };

export const slimTool = 'slimscope@test';

export interface MemorySink extends ByteSink {
  readonly bytes: Uint8Array;
  readonly state: 'open' | 'committed' | 'discarded';
}

/** A file that is written in memory. */
export function memorySink(): MemorySink {
  let buffer = new Uint8Array(1024);
  let size = 0;
  let state: MemorySink['state'] = 'open';
  const put = (offset: number, bytes: Uint8Array): void => {
    const end = offset + bytes.length;
    if (end > buffer.length) {
      const grown = new Uint8Array(Math.max(end, 2 * buffer.length));
      grown.set(buffer);
      buffer = grown;
    }
    buffer.set(bytes, offset);
    size = Math.max(size, end);
  };
  return {
    get bytes() {
      return buffer.subarray(0, size);
    },
    get state() {
      return state;
    },
    get size() {
      return size;
    },
    async append(bytes) {
      put(size, bytes);
    },
    async writeAt(offset, bytes) {
      put(offset, bytes);
    },
    async readBack(offset, into) {
      if (offset + into.length > size) throw new RangeError('read back past the end');
      into.set(buffer.subarray(offset, offset + into.length));
    },
    async commit() {
      state = 'committed';
    },
    async discard() {
      state = 'discarded';
    },
  };
}

export interface Opened {
  readonly model: Model;
  readonly layers: readonly Layer[];
  readonly sources: Sources;
}

/** Opens a model as the product does, with its files from anywhere. */
export async function opened(source: ByteSource): Promise<Opened> {
  const head = new Uint8Array(Math.min(64, source.size));
  await source.read(0, head);
  const format = detect(head, source.name);
  if (format === null) throw new Error(`${source.name} is of no format`);
  const model = await format.read(source, signal);
  const files = await Promise.all(
    model.files.map(({ name }, i) => (i === 0 ? Promise.resolve(source) : source.sibling(name))),
  );
  const sources: Sources = {
    at: (i) => Promise.resolve(files[i]!),
    close: () => Promise.resolve(),
  };
  return { model, layers: (await layersOf(model, sources, signal)).layers, sources };
}

/** The container of a model as bytes. */
export async function slimOf(
  { model, layers, sources }: Opened,
  recipe: Recipe,
): Promise<Compressed & { readonly slim: Uint8Array }> {
  const sink = memorySink();
  const answer = await compress({ model, layers, sources, recipe, tool: slimTool }, sink, quiet);
  if (sink.state !== 'committed') throw new Error(`the sink is ${sink.state}`);
  return { ...answer, slim: sink.bytes.slice() };
}

/** The files that a container gives back, by name. */
export async function filesOf(slim: Uint8Array): Promise<Map<string, Uint8Array>> {
  const sinks = new Map<string, MemorySink>();
  await decompress(
    memorySource('model.slim', slim),
    async (name) => {
      const sink = memorySink();
      sinks.set(name, sink);
      return sink;
    },
    quiet,
  );
  return new Map(
    Array.from(sinks, ([name, sink]) => {
      if (sink.state !== 'committed') throw new Error(`${name} is ${sink.state}`);
      return [name, sink.bytes.slice()];
    }),
  );
}

/** What a recipe makes of a layer's weights, as they are stored. */
export async function wanted(layer: Layer, recipe: Recipe, sources: Sources): Promise<number[]> {
  const settled = await settleForWriting(layer, recipe, sources, quiet);
  const bytes: number[] = [];
  for await (const part of passesOf(settled, sources, quiet.breathe).newWeights(signal))
    bytes.push(...part.bytes);
  return bytes;
}

/** All stored numbers of a tensor. */
export async function numbersIn(layer: Layer, sources: Sources): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { values } of readTensor(sources, layer.weight, signal))
    for (const value of values) numbers.push(value);
  return numbers;
}

/** Reads everything of a container: its structure and each layer's weights. The error that it may throw is answered. */
export async function readAll(slim: Uint8Array): Promise<ReadError | readonly (readonly number[])[]> {
  try {
    const { layers, sources } = await opened(memorySource('model.slim', slim));
    const all: number[][] = [];
    for (const layer of layers) all.push(await numbersIn(layer, sources));
    return all;
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}

import { crc32 } from '../bytes/crc32.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { ByteSink, OpenSink } from '../bytes/sink.ts';
import type { ByteSource } from '../bytes/source.ts';
import { openSources } from '../bytes/sources.ts';
import { readContainer, type SlimContainer } from '../formats/slim/container.ts';
import { codedData } from '../formats/slim/translate.ts';
import { placeParts } from '../formats/slim/places.ts';
import { codedElements } from '../model/codedElements.ts';
import type { WeightBytes } from '../model/chunk.ts';
import type { Tensor } from '../model/tensor.ts';
import type { TaskOptions } from './layerSource.ts';

/** Bytes that are copied at once. */
const blockBytes = 1 << 20;

/**
 * Writes the model's files out of a container: carried bytes as they were, weights decoded. All files are committed
 * when the last one is whole; on any error all are discarded. Throws as readContainer, 'slim/damaged' when a layer's
 * elements are not those that its checksum is of, and the signal's reason.
 */
export async function decompress(
  source: ByteSource,
  openSink: OpenSink,
  options: TaskOptions,
): Promise<readonly { readonly name: string; readonly bytes: number }[]> {
  const container = await readContainer(source, options.signal);
  const { files } = container.header;
  const places = placeParts(container);
  const sinks: ByteSink[] = [];
  const taken = openLayers(container, source, options.signal);
  const total = Math.max(
    1,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  let done = 0;
  try {
    for (const [i, { name }] of files.entries()) {
      const sink = await openSink(name);
      sinks.push(sink);
      for (const { start, end, from, part } of places[i]!) {
        await options.breathe();
        options.signal.throwIfAborted();
        if (from !== null) await copy(source, from, end - start, sink, options);
        else if (!('copy' in part)) await taken(part, sink);
        done += end - start;
        options.progress(done / total);
      }
    }
    for (const sink of sinks) await sink.commit();
    return files.map(({ name, bytes }) => ({ name, bytes }));
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()));
    throw error;
  }
}

async function copy(
  source: ByteSource,
  from: number,
  bytes: number,
  sink: ByteSink,
  { signal, breathe }: TaskOptions,
): Promise<void> {
  const block = new Uint8Array(Math.min(blockBytes, bytes));
  for (let done = 0; done < bytes; done += block.length) {
    await breathe();
    const piece = block.subarray(0, Math.min(block.length, bytes - done));
    await source.read(from + done, piece, signal);
    await sink.append(piece);
  }
}

/** Hands out the elements of layers part by part: a layer whose parts lie apart is decoded once. */
function openLayers(
  container: SlimContainer,
  source: ByteSource,
  signal: AbortSignal,
): (
  part: { readonly layer: number; readonly first: number; readonly bytes: number },
  sink: ByteSink,
) => Promise<void> {
  const open = new Map<
    number,
    { readonly runs: AsyncGenerator<WeightBytes>; rest: Uint8Array; crc: number }
  >();
  const sources = openSources([source.ref], () => Promise.resolve(source));
  return async ({ layer: at, first, bytes }, sink) => {
    const layer = container.header.layers[at]!;
    const data = codedData(layer, container.base);
    let state = open.get(at);
    if (state === undefined || first === 0) {
      const tensor: Tensor = { ...layer, name: layer.tensor, place: 'initializer', data };
      const runs = codedElements(sources, tensor, data, signal, limits.chunkElements);
      state = { runs, rest: new Uint8Array(0), crc: 0 };
      open.set(at, state);
    }
    for (let left = bytes; left > 0;) {
      if (state.rest.length === 0) {
        const next = await state.runs.next();
        if (next.done === true) throw new RangeError(`${layer.name} has fewer elements than its parts`);
        state.rest = next.value.bytes;
        state.crc = crc32(state.rest, state.crc);
      }
      const piece = state.rest.subarray(0, left);
      await sink.append(piece);
      state.rest = state.rest.subarray(piece.length);
      left -= piece.length;
      const { coded } = layer;
      const last = first + Math.floor(((bytes - left) * 8) / coded.elementBits) >= coded.weights;
      if (left === 0 && last && state.crc !== layer.checksum)
        throw new ReadError(
          'slim/damaged',
          source.name,
          `${source.name} is damaged: the weights of ${layer.name} are not those that were compressed; compress the model again`,
          container.base + (layer.streams[0]?.offset ?? 0),
        );
    }
  };
}

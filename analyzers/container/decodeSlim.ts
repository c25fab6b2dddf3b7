import { crc32 } from '../bytes/crc32.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Sources } from '../bytes/sources.ts';
import { readContainer, type SlimContainer } from '../formats/slim/container.ts';
import type { SlimLayer } from '../formats/slim/header.ts';
import { codedData } from '../formats/slim/translate.ts';
import type { WeightBytes } from '../model/chunk.ts';
import { codedElements } from '../model/codedElements.ts';
import type { Tensor } from '../model/tensor.ts';

/** An opened container, whose layers can be read one by one, each as often as it is wanted. */
export interface OpenSlim {
  /** Names, types, shapes and streams; the place in this list is a layer's number. */
  readonly layers: readonly SlimLayer[];
  /**
   * A layer's stored elements in C order, little-endian and packed as ONNX packs `raw_data`, in pieces of at most
   * `chunk` elements (a multiple of 8). A piece is valid until the next one is asked for. Throws ReadError
   * 'slim/damaged' before the first piece when a stream differs from its checksum, and instead of the last one when
   * the elements differ from theirs.
   */
  readonly elements: (
    layer: number,
    signal: AbortSignal,
    chunk?: number,
  ) => AsyncGenerator<WeightBytes, void, undefined>;
}

/**
 * Opens a container to stream its weights. Memory holds its header, and of each layer that is read a chunk, a window
 * for each stream and the tables. `source` stays open for as long as layers are read; the caller closes it.
 * Throws ReadError 'file/not-a-model', 'slim/version', 'slim/truncated' or 'slim/damaged' with the part and its byte.
 */
export async function decodeSlim(source: ByteSource, signal: AbortSignal): Promise<OpenSlim> {
  const container = await readContainer(source, signal);
  return {
    layers: container.header.layers,
    elements: (layer, stop, chunk) => checkedElements(container, source, layer, stop, chunk),
  };
}

/** A layer's elements, of which the last ones are handed out when all together have the layer's checksum. */
export async function* checkedElements(
  container: SlimContainer,
  source: ByteSource,
  at: number,
  signal: AbortSignal,
  chunk: number = limits.chunkElements,
): AsyncGenerator<WeightBytes, void, undefined> {
  const layer = container.header.layers[at];
  if (layer === undefined) throw new RangeError(`${source.name} has no layer ${at.toString()}`);
  if (!(chunk >= 8 && chunk % 8 === 0)) throw new RangeError('a chunk is a multiple of 8 elements');
  const data = codedData(layer, container.base);
  const tensor: Tensor = { ...layer, name: layer.tensor, place: 'initializer', data };
  const sources: Sources = { at: () => Promise.resolve(source), close: () => Promise.resolve() };
  let crc = 0;
  for await (const piece of codedElements(sources, tensor, data, signal, chunk)) {
    crc = crc32(piece.bytes, crc);
    if (piece.first + piece.count >= layer.coded.weights && crc !== layer.checksum)
      throw damagedLayer(container, source, at, 'they are not those that were compressed');
    yield piece;
  }
}

export const damagedLayer = (
  { header, base }: SlimContainer,
  { name }: Pick<ByteSource, 'name'>,
  layer: number,
  what: string,
): ReadError =>
  new ReadError(
    'slim/damaged',
    name,
    `${name} is damaged: of the weights of ${header.layers[layer]!.name}, ${what}; compress the model again`,
    base + (header.layers[layer]!.streams[0]?.offset ?? 0),
  );

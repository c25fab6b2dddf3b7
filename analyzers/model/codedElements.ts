import { crc32 } from '../bytes/crc32.ts';
import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Sources } from '../bytes/sources.ts';
import { LayerDamage } from '../kernels/codedLayer.ts';
import { decodeLayer } from '../kernels/layerDecoder.ts';
import type { WeightBytes } from './chunk.ts';
import type { Extent, Tensor, TensorData } from './tensor.ts';

type CodedData = Extract<TensorData, { readonly kind: 'coded' }>;

/** Bytes of a container are checked in pieces of this size. */
const windowBytes = 1 << 18;

/** What a stream takes in a container: its end is filled with zeros up to a multiple of 8 bytes. */
export const paddedTo8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/**
 * The stored elements of a coded tensor in C order. Each of its streams is compared with its checksum before the
 * first element is handed out. Throws ReadError 'slim/damaged' that names the stream and its place.
 */
export async function* codedElements(
  sources: Sources,
  tensor: Tensor,
  data: CodedData,
  signal: AbortSignal,
  chunkElements: number,
): AsyncGenerator<WeightBytes, void, undefined> {
  const { coded, extents, checksums } = data;
  for (const [at, extent] of extents.entries()) {
    const source = await sources.at(extent.source);
    const found = await checksumOf(source, extent.offset, paddedTo8(extent.byteLength), signal);
    if (found !== checksums[at])
      throw damagedStream(source.name, tensor.name, data, at, 'its checksum differs');
  }
  const read = async (stream: number, offset: number, into: Uint8Array): Promise<void> => {
    const extent = extents[stream];
    if (extent === undefined || offset + into.length > extent.byteLength)
      throw new LayerDamage(stream, 'it ends early');
    const source = await sources.at(extent.source);
    await source.read(extent.offset + offset, into, signal);
  };
  try {
    yield* decodeLayer(coded, read, chunkElements, signal);
  } catch (error) {
    if (!(error instanceof LayerDamage)) throw error;
    const file = (await sources.at(extents[0]?.source ?? 0)).name;
    throw damagedStream(file, tensor.name, data, error.stream, error.message);
  }
}

/** CRC-32 of a run of bytes, read through a window. */
export async function checksumOf(
  source: Pick<ByteSource, 'read'>,
  offset: number,
  bytes: number,
  signal: AbortSignal,
): Promise<number> {
  const window = new Uint8Array(Math.min(windowBytes, bytes));
  let crc = 0;
  for (let at = 0; at < bytes; at += window.length) {
    signal.throwIfAborted();
    const part = window.subarray(0, Math.min(window.length, bytes - at));
    await source.read(offset + at, part, signal);
    crc = crc32(part, crc);
  }
  return crc;
}

function damagedStream(
  file: string,
  tensor: string,
  data: CodedData,
  stream: number,
  what: string,
): ReadError {
  const kind = data.coded.streams[stream]?.kind ?? 'of a kind that is not known';
  const extent: Extent | undefined = data.extents[stream];
  const at = extent === undefined ? '' : ` at byte ${extent.offset.toString()}`;
  return new ReadError(
    'slim/damaged',
    file,
    `${file} is damaged: in the stream "${kind}"${at} of ${tensor.slice(0, limits.name)}, ${what}; copy or compress it again`,
    extent?.offset,
  );
}

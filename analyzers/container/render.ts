import { crc32 } from '../bytes/crc32.ts';
import { ReadError } from '../bytes/errors.ts';
import type { ByteSink, OpenSink } from '../bytes/sink.ts';
import type { Sources } from '../bytes/sources.ts';
import type { WeightBytes } from '../model/chunk.ts';
import { checksumOf } from '../model/codedElements.ts';
import type { DType } from '../model/dtype.ts';
import { entryWriter } from '../model/entryWriter.ts';
import { entriesOf, entryWidth } from '../model/writtenAs.ts';
import type { TaskOptions } from './layerSource.ts';
import type { OutputFile, Part, WeightsPart } from './layout.ts';
import { picked } from './sparseValues.ts';

/** Bytes that are copied at once. */
const blockBytes = 1 << 20;
/** Share of the whole after which all that is left is to read a file back. */
const written = 0.9;

/** Where the bytes of files come from. */
export interface Contents {
  /** What copied parts are of. */
  readonly sources: Sources;
  readonly dtypeOf: (layer: number) => DType;
  /** The stored elements of a layer from the first to the last. */
  readonly elementsOf: (layer: number, signal: AbortSignal) => AsyncIterable<WeightBytes>;
  /** Of a sparse layer, where its values stand among its elements. */
  readonly positionsOf: (layer: number, signal: AbortSignal) => AsyncIterable<Float64Array>;
  /** The error of a layer whose elements do not fit their places. */
  readonly wrong: (layer: number, what: string) => ReadError;
}

export interface RenderedFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Opens a file for each name and hands the sinks over; on any error, in `use` too, all of them are discarded. Places
 * are found wanting here, before long work is done.
 */
export async function withSinks<T>(
  names: readonly string[],
  openSink: OpenSink,
  use: (sinks: readonly ByteSink[]) => Promise<T>,
): Promise<T> {
  const sinks: ByteSink[] = [];
  try {
    for (const name of names) sinks.push(await openSink(name));
    return await use(sinks);
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()));
    throw error;
  }
}

/**
 * Writes files part by part into their sinks and reads them back; they get their names when all are whole, the first
 * file last. Memory holds windows and chunks. Throws 'file/unwritable' when a file reads back differently, what
 * contents and sinks throw, and the signal's reason.
 */
export async function renderFiles(
  files: readonly OutputFile[],
  contents: Contents,
  sinks: readonly ByteSink[],
  options: TaskOptions,
): Promise<readonly RenderedFile[]> {
  const { signal, breathe, progress } = options;
  const layers = layerReaders(contents, signal);
  const total = Math.max(
    1,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  let done = 0;
  try {
    for (const [i, { name, bytes: size, parts }] of files.entries()) {
      const sink = sinks[i]!;
      let crc = 0;
      const write = async (bytes: Uint8Array): Promise<void> => {
        signal.throwIfAborted();
        crc = crc32(bytes, crc);
        await sink.append(bytes);
        done += bytes.length;
        progress((written * done) / total);
      };
      for (const part of parts) {
        await breathe();
        if (part.kind === 'weights') await layers.write(part, write);
        else await writeCarried(part, contents.sources, write, options);
      }
      if (sink.size !== size) throw new RangeError(`${name} came to ${sink.size.toString()} bytes`);
      const read = { read: (at: number, into: Uint8Array) => sink.readBack(at, into) };
      if ((await checksumOf(read, 0, size, signal)) !== crc) throw differs(name);
    }
  } finally {
    await layers.close();
  }
  signal.throwIfAborted();
  for (const sink of sinks.toReversed()) await sink.commit();
  progress(1);
  return files.map(({ name, bytes }) => ({ name, bytes }));
}

const differs = (name: string): ReadError =>
  new ReadError(
    'file/unwritable',
    name,
    `${name} reads back differently from what was written; nothing is kept: look after the disk, and run again`,
  );

type Write = (bytes: Uint8Array) => Promise<void>;

async function writeCarried(
  part: Exclude<Part, WeightsPart>,
  sources: Sources,
  write: Write,
  { signal, breathe }: TaskOptions,
): Promise<void> {
  if (part.kind === 'literal') {
    await write(part.value);
    return;
  }
  const source = await sources.at(part.source);
  const block = new Uint8Array(Math.min(blockBytes, part.bytes));
  for (let done = 0; done < part.bytes; done += block.length) {
    await breathe();
    const piece = block.subarray(0, Math.min(block.length, part.bytes - done));
    await source.read(part.offset + done, piece, signal);
    await write(piece);
  }
}

/** Elements of layers as they are asked for, part by part: a layer whose parts lie apart is read once. */
function layerReaders(
  contents: Contents,
  signal: AbortSignal,
): { write: (part: WeightsPart, write: Write) => Promise<void>; close: () => Promise<void> } {
  const open = new Map<number, { readonly pieces: AsyncGenerator<Uint8Array>; rest: Uint8Array }>();
  const start = ({ layer, written: { sparse } }: WeightsPart): AsyncGenerator<Uint8Array> => {
    const elements = contents.elementsOf(layer, signal);
    if (!sparse) return bytesOf(elements);
    return picked(contents.positionsOf(layer, signal), elements, entryWidth(contents.dtypeOf(layer)));
  };
  return {
    async write(part, write) {
      const { layer, first, count, bytes } = part;
      const dtype = contents.dtypeOf(layer);
      const state = first === 0 ? undefined : open.get(layer);
      const reader = state ?? { pieces: start(part), rest: new Uint8Array(0) };
      open.set(layer, reader);
      const writer = entryWriter(dtype, part.written);
      let room = bytes;
      for (let left = entriesOf(dtype, count) * entryWidth(dtype); left > 0;) {
        if (reader.rest.length === 0) {
          const next = await reader.pieces.next();
          if (next.done === true) throw contents.wrong(layer, 'there are fewer than their places');
          reader.rest = next.value;
        }
        const some = reader.rest.subarray(0, left);
        for (const piece of writer.write(some)) {
          room -= piece.length;
          if (room < 0) throw contents.wrong(layer, 'they take more bytes than their places have');
          await write(piece);
        }
        reader.rest = reader.rest.subarray(some.length);
        left -= some.length;
      }
      if (room > 0) throw contents.wrong(layer, 'they take fewer bytes than their places have');
    },
    async close() {
      for (const { pieces } of open.values()) await pieces.return(undefined);
    },
  };
}

async function* bytesOf(elements: AsyncIterable<WeightBytes>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of elements) yield bytes;
}

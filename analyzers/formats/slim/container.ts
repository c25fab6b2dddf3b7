import { crc32 } from '../../bytes/crc32.ts';
import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { checksumOf, paddedTo8 } from '../../model/codedElements.ts';
import { guess, notAModel } from '../guess.ts';
import { prologueBytes, slimEnd, slimMagic, slimVersion, type SlimHeader } from './header.ts';
import { BadHeader } from './jsonValues.ts';
import { parseHeader } from './parseHeader.ts';

/** A container whose header and skeleton were compared with their checksums, and whose size is what it says. */
export interface SlimContainer {
  readonly header: SlimHeader;
  /** Byte of the file that stream offsets count from. */
  readonly base: number;
}

export const isSlim = (head: Uint8Array): boolean =>
  head.length >= slimMagic.length && slimMagic.every((byte, i) => head[i] === byte);

/**
 * Reads the header of a `.slim` file and checks the skeleton; no layer's stream is read.
 * Throws ReadError 'slim/version', 'slim/truncated' or 'slim/damaged' with the part and its byte.
 */
export async function readContainer(source: ByteSource, signal: AbortSignal): Promise<SlimContainer> {
  const { name, size } = source;
  const head = new Uint8Array(Math.min(prologueBytes, size));
  if (head.length > 0) await source.read(0, head, signal);
  if (!isSlim(head) && size > 0 && !name.toLowerCase().endsWith('.slim'))
    throw new ReadError(
      'file/not-a-model',
      name,
      `${name} is no .slim file; name one that was compressed`,
      0,
    );
  if (!isSlim(head) && (size === 0 || (size >= slimMagic.length && guess(head) !== null)))
    throw notAModel(name, size, head);
  if (size < prologueBytes) throw cutOff(source, 'the header', 0, prologueBytes);
  if (!isSlim(head)) throw damaged(source, 'its first bytes are those of no .slim file', 0);
  const version = head[slimMagic.length]!;
  if (version !== slimVersion)
    throw new ReadError(
      'slim/version',
      name,
      `${name} has version ${version.toString()} of the container; version ${slimVersion.toString()} is read here: a newer Slimscope may read it`,
      slimMagic.length,
    );
  const view = new DataView(head.buffer);
  if (view.getUint32(16, true) !== crc32(head.subarray(0, 16)) || view.getUint32(20, true) !== 0)
    throw damaged(source, 'the checksum of its first bytes differs', 0);
  const length = view.getUint32(8, true);
  if (length > limits.slimHeader)
    throw damaged(source, `its header is longer than ${limits.slimHeader.toString()} bytes`, 8);
  const base = prologueBytes + paddedTo8(length);
  if (base > size) throw cutOff(source, 'the header', prologueBytes, base);
  const bytes = new Uint8Array(base - prologueBytes);
  await source.read(prologueBytes, bytes, signal);
  if (crc32(bytes) !== view.getUint32(12, true))
    throw damaged(source, 'the checksum of its header differs', prologueBytes);
  const header = parsed(source, bytes.subarray(0, length));
  checkSize(source, header, base);
  const { skeleton } = header;
  const found = await checksumOf(source, base + skeleton.offset, paddedTo8(skeleton.bytes), signal);
  if (found !== skeleton.crc)
    throw damaged(source, 'the checksum of the stream "skeleton" differs', base + skeleton.offset);
  return { header, base };
}

function parsed(source: ByteSource, bytes: Uint8Array): SlimHeader {
  try {
    return parseHeader(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof BadHeader) throw damaged(source, error.message, prologueBytes);
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw damaged(source, 'its header is no JSON text', prologueBytes);
    throw error;
  }
}

/** The file ends with its last stream; of one that is cut off the stream is named in which it ends. */
function checkSize(source: ByteSource, header: SlimHeader, base: number): void {
  const end = base + slimEnd(header);
  if (source.size > end) throw damaged(source, 'there are bytes behind its last stream', end);
  if (source.size === end) return;
  const all = [
    { what: 'the stream "skeleton"', stream: header.skeleton },
    ...header.layers.flatMap(({ name, coded, streams }) =>
      streams.map((stream, i) => ({ what: `the stream "${coded.streams[i]!.kind}" of ${name}`, stream })),
    ),
  ];
  for (const { what, stream } of all) {
    const from = base + stream.offset;
    const to = from + paddedTo8(stream.bytes);
    if (to > source.size) throw cutOff(source, what, from, to);
  }
}

const cutOff = ({ name, size }: ByteSource, what: string, from: number, to: number): ReadError =>
  new ReadError(
    'slim/truncated',
    name,
    `${name} ends at byte ${size.toString()}, before the end of ${what} (bytes ${from.toString()} to ${to.toString()}); the file is cut off: copy or compress it again`,
    size,
  );

const damaged = ({ name }: ByteSource, what: string, offset: number): ReadError =>
  new ReadError(
    'slim/damaged',
    name,
    `${name} is damaged at byte ${offset.toString()}: ${what}; copy or compress it again`,
    offset,
  );

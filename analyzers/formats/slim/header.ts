import { crc32 } from '../../bytes/crc32.ts';
import { paddedTo8 } from '../../model/codedElements.ts';
import type { DType } from '../../model/dtype.ts';
import type { TensorData } from '../../model/tensor.ts';
import { isBackToBack, type WrittenAs } from '../../model/writtenAs.ts';

type CodedLayer = Extract<TensorData, { readonly kind: 'coded' }>['coded'];

/** A container's first bytes; the last one is the version. No text and no protobuf begins with 0x93. */
export const slimMagic = Uint8Array.of(0x93, 0x53, 0x4c, 0x49, 0x4d, 0x0a, 0x00);
export const slimVersion = 1;
/** Magic, version, length and checksum of the header, checksum of these, four zeros. */
export const prologueBytes = 24;

/** What a container says of itself (docs/container.md). Offsets are from the end of the padded header. */
export interface SlimHeader {
  readonly tool: string;
  readonly model: { readonly name: string; readonly format: string };
  /** The model's files, its own first; names are relative to its folder. */
  readonly files: readonly SlimFile[];
  /** Everything that is no coded weight, in the order of files and parts. */
  readonly skeleton: SlimStream;
  readonly layers: readonly SlimLayer[];
}

export interface SlimFile {
  readonly name: string;
  readonly bytes: number;
  readonly parts: readonly SlimPart[];
}

/**
 * The next so many bytes of the skeleton, or elements first .. first + count - 1 of a layer: of a sparse tensor so many
 * of its values, at the positions that the model has for them.
 */
export type SlimPart =
  | { readonly copy: number }
  | {
      readonly layer: number;
      readonly first: number;
      readonly count: number;
      readonly bytes: number;
      readonly written: WrittenAs;
    };

/** A run of bytes and its CRC-32, the zeros up to the next multiple of 8 bytes included. */
export interface SlimStream {
  readonly offset: number;
  readonly bytes: number;
  readonly crc: number;
}

export interface SlimLayer {
  readonly name: string;
  readonly tensor: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** What was done to it, as the rules of a recipe say it. */
  readonly done: string;
  /** CRC-32 of the decoded elements, packed as raw_data. */
  readonly checksum: number;
  readonly coded: CodedLayer;
  /** By place in coded.streams. */
  readonly streams: readonly SlimStream[];
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');

/** A part as the text has it; numbers that stand back to back are not told. */
function partText(part: SlimPart): object {
  if ('copy' in part) return part;
  const { written, ...rest } = part;
  if (isBackToBack(written)) return rest;
  const tag = Array.from(written.tag, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...rest, written: { ...written, tag } };
}

/** What is not there, and what follows from type and shape, is not told: the header is much of a small model. */
function codedText({
  form,
  runs,
  zero,
  share,
  indexBits,
  entries,
  runSymbols,
  runCodes,
}: CodedLayer): object {
  return withoutNulls({
    form,
    runs,
    zero: zero.some((word) => word !== 0) ? zero : null,
    share: share === null ? null : withoutNulls(share),
    indexBits,
    entries,
    runSymbols,
    runCodes,
  });
}

/** Without keys that are null or 0. */
const withoutNulls = (of: object): object =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null && value !== 0));

/** The bytes up to the first stream. Checksums have eight digits, so their values do not change the length. */
export function slimHeaderBytes(header: SlimHeader): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify({
    tool: header.tool,
    model: header.model,
    files: header.files.map((file) => ({ ...file, parts: file.parts.map(partText) })),
    skeleton: { bytes: header.skeleton.bytes, crc: hex(header.skeleton.crc) },
    layers: header.layers.map(({ coded, streams, checksum, ...layer }) => ({
      ...layer,
      checksum: hex(checksum),
      coded: codedText(coded),
      streams: coded.streams.map(({ kind, bits }, at) => [kind, bits, hex(streams[at]!.crc)]),
    })),
  });
  const body = new TextEncoder().encode(text);
  const all = new Uint8Array(prologueBytes + paddedTo8(body.length));
  all.set(slimMagic);
  all[slimMagic.length] = slimVersion;
  all.set(body, prologueBytes);
  const view = new DataView(all.buffer);
  view.setUint32(8, body.length, true);
  view.setUint32(12, crc32(all.subarray(prologueBytes)), true);
  view.setUint32(16, crc32(all.subarray(0, 16)), true);
  return all;
}

/** Bytes of the whole file: known before anything of it is written. */
export const slimSizeOf = (header: SlimHeader): number => slimHeaderBytes(header).length + slimEnd(header);

/** Bytes of all streams with their padding. */
export function slimEnd({ skeleton, layers }: Pick<SlimHeader, 'skeleton' | 'layers'>): number {
  const last = layers.findLast(({ streams }) => streams.length > 0)?.streams.at(-1) ?? skeleton;
  return last.offset + paddedTo8(last.bytes);
}

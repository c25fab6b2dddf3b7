import { crc32 } from './crc32.ts';
import { unreadable } from './npy.ts';

/** Undoes DEFLATE; never gives more than `size` bytes. */
export type Inflate = (bytes: Uint8Array, size: number) => Uint8Array;

export interface ZipEntry {
  readonly name: string;
  /** Unpacked bytes. */
  readonly size: number;
  readonly read: () => Uint8Array;
}

/** Entries of one archive. A file of activations has one for each layer. */
const mostEntries = 10_000;
/** The end record has at most a comment of 65,535 bytes behind it. */
const longestTail = 22 + 65_535;
const signature = { end: 0x06054b50, central: 0x02014b50, local: 0x04034b50 } as const;

export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/**
 * The entries of a zip in memory by its central directory (PKWARE, APPNOTE 4.3.12), stored or deflated. Nothing is
 * unpacked before an entry is read. Throws ReadError 'activations/unreadable' where the archive contradicts itself.
 */
export function zipEntries(
  bytes: Uint8Array,
  name: string,
  { inflate, mostBytes }: { readonly inflate: Inflate; readonly mostBytes: number },
): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (): Error => unreadable(name, 'it is no whole zip archive; save it with numpy.savez');
  let end = bytes.length - 22;
  const first = Math.max(0, bytes.length - longestTail);
  while (end >= first && view.getUint32(end, true) !== signature.end) end -= 1;
  if (end < first) throw damaged();
  const count = view.getUint16(end + 10, true);
  if (count > mostEntries) throw unreadable(name, `it has ${count.toString()} entries`);
  let at = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== signature.central) throw damaged();
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const [checksum, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true)) as [
      number,
      number,
      number,
    ];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const entry = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength!));
    const read = (): Uint8Array => {
      if (flags & 1 || (method !== 0 && method !== 8))
        throw unreadable(name, `${entry} is encrypted, or packed in a way that numpy does not write`);
      if (size > mostBytes || packed > mostBytes)
        throw unreadable(
          name,
          `${entry} has ${size.toString()} bytes, more than the ${mostBytes.toString()} that are read`,
        );
      if (local + 30 > bytes.length || view.getUint32(local, true) !== signature.local) throw damaged();
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (start + packed > bytes.length) throw damaged();
      const own = bytes.subarray(start, start + packed);
      const whole = method === 0 ? own : inflated(own, size, inflate, damaged);
      if (whole.length !== size || crc32(whole) !== checksum) throw damaged();
      return whole;
    };
    entries.push({ name: entry, size, read });
    at += 46 + nameLength! + extra! + comment!;
  }
  return entries;
}

function inflated(bytes: Uint8Array, size: number, inflate: Inflate, damaged: () => Error): Uint8Array {
  try {
    return inflate(bytes, size);
  } catch {
    throw damaged();
  }
}

import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { limits } from '../bytes/limits.ts';
import { readNpy, unreadable } from '../bytes/npy.ts';
import { isZip, zipEntries } from '../bytes/zipEntries.ts';
import { openFile } from './fileSource.ts';

const inflate = (packed: Uint8Array, size: number): Uint8Array =>
  inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });

/** The vectors of a file by name, each read when it is asked for; a `.npy` has one, named ''. */
export type Vectors = ReadonlyMap<string, () => Float64Array>;

/**
 * Opens a `.npy` or `.npz` file of activations. Throws ReadError when there is no such file, when it is too large, or
 * is neither.
 */
export async function openVectors(file: string, signal: AbortSignal): Promise<Vectors> {
  const name = path.basename(file);
  const source = await openFile({ kind: 'file', path: path.resolve(file) });
  let bytes: Uint8Array;
  try {
    if (source.size > limits.vectorFile)
      throw unreadable(
        name,
        `it has ${source.size.toString()} bytes, more than the ${limits.vectorFile.toString()} that are read`,
      );
    bytes = new Uint8Array(source.size);
    await source.read(0, bytes, signal);
  } finally {
    await source.close();
  }
  if (!isZip(bytes)) return new Map([['', () => readNpy(bytes, name)]]);
  const entries = zipEntries(bytes, name, { inflate, mostBytes: limits.vectorFile });
  return new Map(
    entries
      .filter((entry) => entry.name.endsWith('.npy'))
      .map((entry) => [entry.name.slice(0, -4), () => readNpy(entry.read(), `${name}:${entry.name}`)]),
  );
}

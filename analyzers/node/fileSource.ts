import { constants, type Stats } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { ReadError } from '../bytes/errors.ts';
import { memorySource, pastEnd } from '../bytes/memorySource.ts';
import type { ByteSource, OpenSource, SourceRef } from '../bytes/source.ts';
import { insidePath } from './insidePath.ts';

type FileRef = Extract<SourceRef, { kind: 'file' }>;

/**
 * Opens a file for ranged reads, or bytes in memory. Only plain files: a pipe or a device may never answer.
 * A ref with `within` is a file beside a model: it is opened only if it is still what `sibling` would allow.
 * Throws ReadError('file/missing' | 'file/unreadable'), or for a file beside a model 'onnx/external-data-*'.
 */
export const openFile: OpenSource = async (ref) => {
  if (ref.kind === 'bytes') return memorySource(ref.name, new Uint8Array(ref.bytes));
  if (ref.within === undefined) return openModel(ref);
  const name = path.relative(ref.within, ref.path).split(path.sep).join('/');
  return openBeside(ref.within, name, ref);
};

/** A file that the user named: links are followed, since the user may link what they like. */
async function openModel(ref: FileRef): Promise<ByteSource> {
  const name = path.basename(ref.path);
  let handle: FileHandle | null = null;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = await open(ref.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    if (stats.isFile()) return fileSource(ref, name, handle, stats.size);
  } catch (error) {
    await handle?.close();
    throw fromSystem(error, name);
  }
  await handle.close();
  throw new ReadError('file/unreadable', name, `${printable(name)} is a folder or a device, not a file`);
}

/**
 * A file beside a model. Its name comes from the model and is not trusted, so, as ONNX asks (ExternalDataSecurity):
 * a relative path, no link on the way, a plain file with one name, and the file that was looked at is the one
 * that is opened.
 */
async function openBeside(folder: string, name: string, ref: FileRef): Promise<ByteSource> {
  const parts = insidePath(name);
  if (parts === null) throw outside(name, 'is not a path within the folder of the model');
  let handle: FileHandle | null = null;
  try {
    const seen = await lookAt(folder, parts, name);
    const file = path.join(folder, ...parts);
    handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    const same = stats.isFile() && stats.nlink === 1 && stats.dev === seen.dev && stats.ino === seen.ino;
    // A folder on the way may have become a link since it was looked at.
    const real = path.relative(await realpath(folder), await realpath(file));
    const inside = !path.isAbsolute(real) && real.split(path.sep)[0] !== '..';
    if (!same || !inside) throw outside(name, 'was exchanged while it was opened');
    return fileSource(ref, path.basename(file), handle, stats.size);
  } catch (error) {
    await handle?.close();
    throw error instanceof ReadError ? error : fromSystem(error, name, true);
  }
}

/** The file at the end of `parts`, of which no part is a link. */
async function lookAt(folder: string, parts: readonly string[], name: string): Promise<Stats> {
  let at = folder;
  let stats: Stats | null = null;
  for (const [i, part] of parts.entries()) {
    at = path.join(at, part);
    stats = await lstat(at);
    if (stats.isSymbolicLink()) throw outside(name, `is reached through a link (${part})`);
    if (i < parts.length - 1 && !stats.isDirectory()) throw missing(name);
  }
  if (stats?.isFile() !== true) throw outside(name, 'is a folder, a pipe or a device, not a file');
  if (stats.nlink !== 1) throw outside(name, 'has several names (hard links), so it may lie elsewhere too');
  return stats;
}

function fileSource(ref: FileRef, name: string, handle: FileHandle, size: number): ByteSource {
  let closed: Promise<void> | null = null;
  return {
    ref,
    name,
    size,
    async read(offset, into, signal) {
      signal?.throwIfAborted();
      if (!(offset >= 0 && offset + into.length <= size)) throw pastEnd(name, offset, into.length, size);
      for (let done = 0; done < into.length;) {
        let bytesRead: number;
        try {
          ({ bytesRead } = await handle.read(into, done, into.length - done, offset + done));
        } catch (error) {
          throw fromSystem(error, name);
        }
        // The file is shorter than when it was opened.
        if (bytesRead === 0) throw pastEnd(name, offset, into.length, offset + done);
        done += bytesRead;
      }
    },
    async sibling(other) {
      if (ref.alone === true)
        throw new ReadError(
          'onnx/external-data-withheld',
          other,
          `${printable(other)} is not opened: in a folder that is not trusted only the opened file is read; trust the folder to read it`,
        );
      const within = ref.within ?? path.dirname(path.resolve(ref.path));
      const parts = insidePath(other);
      if (parts === null) throw outside(other, 'is not a path within the folder of the model');
      return openBeside(within, other, { kind: 'file', path: path.join(within, ...parts), within });
    },
    close: () => (closed ??= handle.close()),
  };
}

const outside = (name: string, why: string): ReadError =>
  new ReadError(
    'onnx/external-data-outside',
    name,
    `${printable(name)} ${why}; external data is only read from plain files in the model's folder: copy it there`,
  );

const missing = (name: string): ReadError =>
  new ReadError(
    'onnx/external-data-missing',
    name,
    `${printable(name)} is not beside the model; put it there and run again`,
  );

/** Error codes of the file system that mean: there is nothing at this path. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reports an error',
  ELOOP: 'links lead in a circle',
  ENXIO: 'it is a device',
};

function fromSystem(error: unknown, name: string, beside = false): ReadError {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'unknown error';
  if (absent.has(code))
    return beside
      ? missing(name)
      : new ReadError('file/missing', name, `${printable(name)}: there is no such file`);
  if (beside && code === 'ELOOP') return outside(name, 'is a link');
  return new ReadError(
    'file/unreadable',
    name,
    `${printable(name)} cannot be read: ${reasons[code] ?? code}`,
  );
}

/** A name that may be anything, fit for a message. */
const printable = (name: string): string =>
  name === '' || /\p{C}/u.test(name) || name.length > 200 ? JSON.stringify(name.slice(0, 200)) : name;

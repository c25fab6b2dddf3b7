import { constants, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rmdir, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ByteSink, OpenSink } from '../bytes/sink.ts';
import type { SourceRef } from '../bytes/source.ts';
import { insidePath } from './insidePath.ts';
import { besideInTheWay, fromWriting, inTheWay, unwritable } from './writeErrors.ts';

/** Where files are to be written, and what must stay as it is. */
export interface Destination {
  /** Path of the first file; the others lie below its folder. */
  readonly out: string;
  /** Name of a folder beside `out` in which files lie until all are whole: `.slimscope.1f9c.part`. */
  readonly draft: string;
  /** Whether `out` may be replaced when it is there. The other files never replace anything: nobody named them. */
  readonly overwrite: boolean;
  /** Files that are never written, under whatever name. */
  readonly own: readonly SourceRef[];
}

/** Bytes that are gathered before the disk is asked. */
const bufferBytes = 1 << 18;

/**
 * Files below the folder of `out`, each written into the draft folder and moved to its place by `commit`. Names may
 * come from a file: only plain relative paths are taken, no link is followed, and two files never take one place.
 * Throws ReadError 'file/unwritable', or 'file/exists' where something is in the way.
 */
export function fileSinks(to: Destination): OpenSink {
  const folder = path.dirname(path.resolve(to.out));
  const taken = new Set<string>();
  let number = 0;
  return async (name) => {
    const parts = insidePath(name);
    if (parts === null) throw unwritable(name, 'it is not a path within the folder of the output');
    const place = path.join(folder, ...parts);
    const key = process.platform === 'linux' ? place : place.toLowerCase();
    if (taken.has(key))
      throw unwritable(name, 'another file of the model has this name: give the output another');
    taken.add(key);
    await checkPlace(folder, parts, to);
    const draft = path.join(folder, to.draft);
    number += 1;
    try {
      await mkdir(draft, { recursive: true, mode: 0o700 });
      const part = path.join(draft, number.toString());
      const handle = await open(part, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o666);
      return fileSink({ name, part, handle, draft, parts, folder, to });
    } catch (error) {
      throw fromWriting(error, name);
    }
  };
}

interface Writing {
  readonly name: string;
  readonly part: string;
  readonly handle: FileHandle;
  readonly draft: string;
  readonly parts: readonly string[];
  readonly folder: string;
  readonly to: Destination;
}

function fileSink({ name, part, handle, draft, parts, folder, to }: Writing): ByteSink {
  const buffer = new Uint8Array(bufferBytes);
  let held = 0;
  let flushed = 0;
  let end = 0;
  let isOpen = true;
  /** Where the file now is and nothing was before, and the first folder that was made for it. */
  let placed: string | null = null;
  let made: string | undefined;
  const put = async (offset: number, bytes: Uint8Array): Promise<void> => {
    try {
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    } catch (error) {
      throw fromWriting(error, name);
    }
  };
  const flush = async (): Promise<void> => {
    const bytes = buffer.subarray(0, held);
    held = 0;
    await put(flushed, bytes);
    flushed += bytes.length;
  };
  const close = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    get size() {
      return Math.max(end, flushed + held);
    },
    async append(bytes) {
      // Behind what an earlier writeAt left.
      if (held === 0 && end > flushed) flushed = end;
      if (held + bytes.length > buffer.length) await flush();
      if (bytes.length >= buffer.length) {
        await put(flushed, bytes);
        flushed += bytes.length;
      } else {
        buffer.set(bytes, held);
        held += bytes.length;
      }
    },
    async writeAt(offset, bytes) {
      await flush();
      await put(offset, bytes);
      end = Math.max(end, offset + bytes.length);
    },
    async readBack(offset, into) {
      await flush();
      for (let done = 0; done < into.length;) {
        const { bytesRead } = await handle.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0) throw unwritable(name, 'the disk gave back fewer bytes than were written');
        done += bytesRead;
      }
    },
    async commit() {
      try {
        await flush();
        await handle.sync();
        await close();
        const before = await checkPlace(folder, parts, to);
        const place = path.join(folder, ...parts);
        made = await mkdir(path.dirname(place), { recursive: true });
        if (before !== null) await chmod(part, before.mode & 0o777);
        await rename(part, place);
        if (before === null) placed = place;
      } catch (error) {
        throw fromWriting(error, name);
      }
      await rmdir(draft).catch(() => undefined);
    },
    async discard() {
      await close().catch(() => undefined);
      await unlink(placed ?? part).catch(() => undefined);
      await rmdir(draft).catch(() => undefined);
      if (made === undefined) return;
      // Folders go from the innermost on, as far as they are empty.
      const outer = Math.max(made.length, folder.length + 1);
      for (let at = path.dirname(path.join(folder, ...parts)); at.length >= outer; at = path.dirname(at))
        await rmdir(at).catch(() => undefined);
    },
  };
}

/** What is at the place now, null when nothing is. Throws where it must stay. */
export async function checkPlace(
  folder: string,
  parts: readonly string[],
  { out, overwrite, own }: Destination,
): Promise<Stats | null> {
  const name = parts.join('/');
  if ((await look(folder, stat))?.isDirectory() !== true)
    throw unwritable(name, `there is no folder ${JSON.stringify(folder)}`);
  let at = folder;
  let there: Stats | null = null;
  for (const [i, part] of parts.entries()) {
    at = path.join(at, part);
    there = await look(at, lstat);
    if (there === null) return null;
    if (there.isSymbolicLink())
      throw unwritable(name, `${JSON.stringify(part)} is a link: name another place`);
    if (i < parts.length - 1 ? !there.isDirectory() : !there.isFile())
      throw unwritable(name, `${JSON.stringify(part)} is in the way: name another place`);
  }
  if (there === null) return null;
  for (const ref of own) {
    const file = ref.kind === 'file' ? await look(ref.path, stat) : null;
    if (file !== null && file.dev === there.dev && file.ino === there.ino)
      throw unwritable(name, "it is the model's own file, which is never overwritten: name another place");
  }
  if (name !== path.basename(path.resolve(out))) throw besideInTheWay(name);
  if (!overwrite) throw inTheWay(name);
  return there;
}

const look = async (file: string, how: (file: string) => Promise<Stats>): Promise<Stats | null> => {
  try {
    return await how(file);
  } catch {
    return null;
  }
};

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { writeReasons } from '../writeErrors.ts';
import { quoted } from './args.ts';
import { UsageError } from './exitCode.ts';

/**
 * Throws UsageError when `out` must not be written: one of the model's own files under any name, a link, a folder,
 * a device, or a place in a folder that is not there.
 */
export async function checkOut(out: string, modelFiles: readonly string[]): Promise<void> {
  const there = await look(out, lstat);
  if (there === null) {
    const folder = path.dirname(path.resolve(out));
    if ((await look(folder, stat))?.isDirectory() !== true)
      throw new UsageError(`${quoted(out)} cannot be written: there is no folder ${quoted(folder)}`);
    return;
  }
  if (there.isSymbolicLink())
    throw new UsageError(`${quoted(out)} is a link: name the file that it leads to, or another one`);
  if (there.isDirectory())
    throw new UsageError(`${quoted(out)} is a folder, no plain file: name a file in it`);
  if (!there.isFile()) throw new UsageError(`${quoted(out)} is no plain file: name another place`);
  for (const file of modelFiles) {
    const model = await look(file, stat);
    if (model !== null && model.dev === there.dev && model.ino === there.ino)
      throw new UsageError(`${quoted(out)} is the model itself: models are never overwritten`);
  }
}

/** Writes beside the place and renames: the place has its old bytes or all of the new ones. */
export async function writeOut(out: string, text: string, modelFiles: readonly string[]): Promise<void> {
  await checkOut(out, modelFiles);
  const folder = path.dirname(path.resolve(out));
  const part = path.join(folder, `.${path.basename(out)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const mode = (await look(out, lstat))?.mode;
    const file = await open(part, 'wx', mode === undefined ? 0o666 : mode & 0o777);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, out);
  } catch (error) {
    await unlink(part).catch(() => undefined);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(`${quoted(out)} cannot be written: ${writeReasons[code] ?? code}`);
  }
}

const look = async (file: string, how: (file: string) => Promise<Stats>): Promise<Stats | null> => {
  try {
    return await how(file);
  } catch {
    return null;
  }
};

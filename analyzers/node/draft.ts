import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { OpenSink } from '../bytes/sink.ts';
import { checkPlace, fileSinks, type Destination } from './fileSink.ts';
import { insidePath } from './insidePath.ts';
import { fromWriting, unwritable } from './writeErrors.ts';

// Files of a job lie in a draft folder until whoever asked for them has the answer: so a cancel is never too late.

type Place = Pick<Destination, 'out' | 'draft'>;

const folderOf = ({ out }: Place): string => path.dirname(path.resolve(out));

/** Path of the draft folder. */
export const draftOf = (to: Place): string => path.join(folderOf(to), to.draft);

/** A name for a draft folder that nothing else has. */
export const newDraft = (): string => `.slimscope.${randomBytes(6).toString('hex')}.part`;

/** Removes the draft folder with what a job left in it: no folder of another name. */
export async function clearDraft(to: Place): Promise<void> {
  if (!/^\.slimscope\.[0-9a-f]{12}\.part$/.test(to.draft)) throw new RangeError('no name of a draft folder');
  await rm(draftOf(to), { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Files in the draft folder, by the names that they will have below the folder of `out`; these places are looked at
 * first. Throws as fileSinks does.
 */
export function draftSinks(to: Destination): OpenSink {
  const draft = draftOf(to);
  const inside = fileSinks({ out: path.join(draft, 'out'), draft: '.part', overwrite: false, own: [] });
  return async (name) => {
    await checkPlace(folderOf(to), partsOf(name), to);
    try {
      await mkdir(draft, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw fromWriting(error, name);
    }
    return inside(name);
  };
}

/**
 * Moves files out of the draft folder to their places, the first one last; when one of them cannot be moved, those that
 * took nobody's place are gone again. Throws as fileSinks does.
 */
export async function placeFiles(to: Destination, names: readonly string[]): Promise<void> {
  const folder = folderOf(to);
  const files = names.map((name) => ({ name, parts: partsOf(name) }));
  const before = await Promise.all(files.map(({ parts }) => checkPlace(folder, parts, to)));
  const undo: (() => Promise<void>)[] = [];
  for (const [i, { name, parts }] of [...files.entries()].toReversed()) {
    const from = path.join(draftOf(to), ...parts);
    const place = path.join(folder, ...parts);
    const mode = before[i]?.mode;
    try {
      const made = await mkdir(path.dirname(place), { recursive: true });
      if (made !== undefined) undo.push(() => rmdir(path.dirname(place)));
      if (mode !== undefined) await chmod(from, mode & 0o777);
      await rename(from, place);
      if (mode === undefined) undo.push(() => unlink(place));
    } catch (error) {
      for (const step of undo.toReversed()) await step().catch(() => undefined);
      throw fromWriting(error, name);
    }
  }
}

function partsOf(name: string): readonly string[] {
  const parts = insidePath(name);
  if (parts === null) throw unwritable(name, 'it is not a path within the folder of the output');
  return parts;
}

import { ReadError } from '../bytes/errors.ts';

/** What the file system means by a code, as the end of a sentence. */
export const writeReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EIO: 'the disk reports an error',
  ENAMETOOLONG: 'the name is too long',
};

export const unwritable = (name: string, why: string): ReadError =>
  new ReadError('file/unwritable', name, `${printable(name)} cannot be written: ${why}`);

export const inTheWay = (name: string): ReadError =>
  new ReadError(
    'file/exists',
    name,
    `${printable(name)} is there already and was left as it is; name another folder, or have it replaced (--force)`,
  );

/** Of a file that comes along with the one that was named. */
export const besideInTheWay = (name: string): ReadError =>
  new ReadError(
    'file/exists',
    name,
    `${printable(name)} is there already, and files beside the output are never replaced: write to another folder`,
  );

/** An error of the file system while `name` was written; others pass. */
export function fromWriting(error: unknown, name: string): unknown {
  if (error instanceof ReadError || !(error instanceof Error) || !('code' in error)) return error;
  const { code } = error;
  if (typeof code !== 'string') return error;
  return unwritable(name, writeReasons[code] ?? code);
}

/** A name that may be anything, fit for a message. */
const printable = (name: string): string =>
  name === '' || /\p{C}/u.test(name) || name.length > 200 ? JSON.stringify(name.slice(0, 200)) : name;

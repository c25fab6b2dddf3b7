import * as vscode from 'vscode';
import { ReadError } from '../analyzers/bytes/errors.ts';
import type { SourceRef } from '../analyzers/bytes/source.ts';
import { bytesText } from '../analyzers/report/units.ts';
import type { FileStamp } from './cache.ts';
import { reasonText } from './log.ts';

/** The file's own name, without its folder. */
export const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

/** Null when there is no such file, or it cannot be asked. */
export async function stampOf(uri: vscode.Uri): Promise<FileStamp | null> {
  try {
    const { size, mtime } = await vscode.workspace.fs.stat(uri);
    return { size, mtime };
  } catch {
    return null;
  }
}

/**
 * What a worker needs in order to read the model. A file on disk is read in pieces by its path; VS Code offers
 * no ranged reads elsewhere, so other places are read whole, `maxBytes` at most, into memory that all workers share.
 * `alone`: nothing beside the file may be opened (external data in a workspace that is not trusted).
 * Throws ReadError('file/missing' | 'file/too-large' | 'file/unreadable').
 */
export async function sourceOf(
  uri: vscode.Uri,
  { maxBytes, alone }: { maxBytes: number; alone: boolean },
): Promise<SourceRef> {
  const name = nameOf(uri);
  if (uri.scheme === 'file') return { kind: 'file', path: uri.fsPath, ...(alone && { alone: true }) };
  const stamp = await stampOf(uri);
  if (stamp === null)
    throw new ReadError(
      'file/missing',
      name,
      `${name} is no longer at ${uri.scheme}:${uri.path}; open it again from where it is now.`,
    );
  if (stamp.size > maxBytes) throw tooLarge(name, stamp.size, maxBytes);
  let bytes: Uint8Array;
  try {
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    throw new ReadError('file/unreadable', name, `${name} could not be read: ${reasonText(error)}`);
  }
  // Some places do not know a size beforehand.
  if (bytes.byteLength > maxBytes) throw tooLarge(name, bytes.byteLength, maxBytes);
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return { kind: 'bytes', name, bytes: shared };
}

const tooLarge = (name: string, bytes: number, maxBytes: number): ReadError =>
  new ReadError(
    'file/too-large',
    name,
    `${name} has ${bytesText(bytes)}; models that are not on disk are read whole, up to ${bytesText(maxBytes)}. ` +
      'Save it to disk, or raise slimscope.maxRemoteMegabytes.',
  );

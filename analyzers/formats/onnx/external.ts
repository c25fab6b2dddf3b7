import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { ByteSource, SourceRef } from '../../bytes/source.ts';
import type { TensorData } from '../../model/tensor.ts';
import { quoted, sizeText, type Problems, type Tell } from './problems.ts';
import type { Stored, StoredTensor } from './stored.ts';

/** A file beside the model: an index into Model.sources and its size. */
interface External {
  readonly source: number;
  readonly size: number;
}

/** The files that a model consists of, and those that it names but that cannot be had. */
export interface Files {
  readonly refs: SourceRef[];
  readonly files: { readonly name: string; readonly bytes: number }[];
  readonly external: Map<string, External | { readonly code: string; readonly reason: string }>;
}

/** Finds every file that an external tensor names. Each is opened once, for its size, and told once if that fails. */
export async function findFiles(
  source: ByteSource,
  stored: readonly Stored[],
  problems: Problems,
  signal: AbortSignal,
): Promise<Files> {
  const files: Files = {
    refs: [source.ref],
    files: [{ name: source.name, bytes: source.size }],
    external: new Map(),
  };
  for (const [location, users] of locations(stored)) {
    signal.throwIfAborted();
    try {
      if (files.external.size >= limits.externalFiles) {
        throw new ReadError(
          'onnx/external-data-withheld',
          location,
          `${source.name} names more than ${limits.externalFiles.toString()} data files; the others are not opened`,
        );
      }
      if (location === '') {
        throw new ReadError(
          'onnx/external-data-missing',
          '',
          `${source.name} names no file for external data`,
        );
      }
      const sibling = await source.sibling(location);
      files.external.set(location, { source: files.refs.length, size: sibling.size });
      files.refs.push(sibling.ref);
      files.files.push({ name: location, bytes: sibling.size });
      await sibling.close();
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      files.external.set(location, { code: error.code, reason: error.message });
      const others = users.count === 1 ? '' : ` and ${(users.count - 1).toString()} more`;
      problems.tell(
        'warning',
        error.code,
        `${error.message} (it holds the tensor ${quoted(users.first.name)}${others}).`,
        { file: location === '' ? source.name : location, tensor: users.first.name },
      );
    }
  }
  return files;
}

/** Locations in order of first use. */
function locations(stored: readonly Stored[]): Map<string, { first: StoredTensor; count: number }> {
  const found = new Map<string, { first: StoredTensor; count: number }>();
  const add = (tensor: StoredTensor | null) => {
    if (tensor === null || !tensor.isExternal || tensor.damage !== null) return;
    const location = tensor.external?.get('location') ?? '';
    const seen = found.get(location);
    if (seen === undefined) found.set(location, { first: tensor, count: 1 });
    else seen.count += 1;
  };
  for (const one of stored) {
    if (one.kind === 'tensor') add(one);
    else {
      add(one.values);
      add(one.indices);
    }
  }
  return found;
}

/** Where an external tensor of `bytes` bytes lies, checked against the file that it names. */
export function externalData(files: Files, stored: StoredTensor, bytes: number, tell: Tell): TensorData {
  const location = stored.external?.get('location') ?? '';
  const file = files.external.get(location);
  // Why a file cannot be had was told once, when it was looked for.
  if (file === undefined || !('source' in file)) {
    const { code, reason } = file ?? { code: 'onnx/external-data-missing', reason: 'It names no data file.' };
    return { kind: 'none', code, reason };
  }
  const offset = wholeNumber(stored.external?.get('offset') ?? '0');
  const length = wholeNumber(stored.external?.get('length') ?? bytes.toString());
  const short = (what: string) => tell('warning', 'onnx/external-data-short', what, location);
  if (offset === null || length === null) {
    return short(`gives a place in ${quoted(location)} that is no whole number from 0 to 2^53`);
  }
  if (offset + length > file.size) {
    return short(
      `needs bytes ${offset.toString()} to ${(offset + length).toString()} of ${quoted(location)}, which has ${file.size.toString()}`,
    );
  }
  if (length !== bytes) return tell('warning', 'onnx/data-size', sizeText(length, bytes));
  return {
    kind: 'raw',
    extents: bytes === 0 ? [] : [{ source: file.source, offset, byteLength: length }],
  };
}

function wholeNumber(text: string): number | null {
  if (!/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

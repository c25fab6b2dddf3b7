import { ReadError } from './errors.ts';
import type { ByteSource } from './source.ts';

/** Bytes already in memory as a source. `siblings` are the files beside it, by name. */
export function memorySource(
  name: string,
  bytes: Uint8Array,
  siblings: ReadonlyMap<string, Uint8Array> = new Map(),
): ByteSource {
  return {
    // Made when asked for: it copies the bytes.
    get ref() {
      return { kind: 'bytes' as const, name, bytes: bytes.slice().buffer };
    },
    name,
    size: bytes.length,
    async read(offset, into, signal) {
      signal?.throwIfAborted();
      if (offset < 0 || offset + into.length > bytes.length)
        throw pastEnd(name, offset, into.length, bytes.length);
      into.set(bytes.subarray(offset, offset + into.length));
    },
    async sibling(other) {
      const found = siblings.get(other);
      if (found === undefined) {
        throw new ReadError(
          'onnx/external-data-missing',
          other,
          `${other} is not beside ${name}; put it there and run again`,
        );
      }
      return memorySource(other, found, siblings);
    },
    async close() {},
  };
}

/** The error of a read that the file is too short for. */
export function pastEnd(name: string, offset: number, length: number, size: number): ReadError {
  return new ReadError(
    'file/truncated',
    name,
    `${name} ends at byte ${size}, but ${length} bytes are wanted from byte ${offset}; the file is cut off: copy or export it again`,
    offset,
  );
}

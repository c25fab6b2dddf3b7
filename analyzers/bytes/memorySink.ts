import { ReadError } from './errors.ts';
import { limits } from './limits.ts';
import type { ByteSink } from './sink.ts';

export interface MemorySink extends ByteSink {
  /** What was written so far. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file in memory, of at most limits.rewrite bytes. Throws ReadError('limits/rewrite') when more is written. */
export function memorySink(name: string): MemorySink {
  let room = new Uint8Array(1 << 16);
  let size = 0;
  const write = (offset: number, bytes: Uint8Array): Promise<void> => {
    const end = offset + bytes.length;
    if (end > limits.rewrite)
      return Promise.reject(
        new ReadError(
          'limits/rewrite',
          name,
          `${name} has more than the ${limits.rewrite.toString()} bytes that are written without dead units; export without removing them`,
        ),
      );
    if (end > room.length) {
      const wider = new Uint8Array(Math.max(end, Math.min(limits.rewrite, 2 * room.length)));
      wider.set(room.subarray(0, size));
      room = wider;
    }
    room.set(bytes, offset);
    size = Math.max(size, end);
    return Promise.resolve();
  };
  return {
    get size() {
      return size;
    },
    get bytes() {
      return room.slice(0, size);
    },
    append: (bytes) => write(size, bytes),
    writeAt: write,
    readBack(offset, into) {
      if (offset + into.length > size) return Promise.reject(new RangeError('that was not written'));
      into.set(room.subarray(offset, offset + into.length));
      return Promise.resolve();
    },
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

import { ReadError } from '../../bytes/errors.ts';
import { pastEnd } from '../../bytes/memorySource.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { SlimHeader } from './header.ts';
import { placeholder } from './placeholder.ts';
import { partAt, type PlacedPart } from './places.ts';

/**
 * A file of the model as it stands in a container: copied bytes at their own offsets, zeros in the place of coded
 * weights (with the tags before them), which a reader of the structure steps over. The files beside it are the other files of the container.
 */
export function innerSource(
  container: ByteSource,
  header: SlimHeader,
  places: readonly (readonly PlacedPart[])[],
  file = 0,
): ByteSource {
  const { name, bytes: size } = header.files[file]!;
  const parts = places[file]!;
  return {
    ref: container.ref,
    name,
    size,
    async read(offset, into, signal) {
      signal?.throwIfAborted();
      if (!(offset >= 0 && offset + into.length <= size)) throw pastEnd(name, offset, into.length, size);
      let at = offset;
      const end = offset + into.length;
      for (let i = partAt(parts, at); at < end; i += 1) {
        const part = parts[i]!;
        const length = Math.min(end, part.end) - at;
        const piece = into.subarray(at - offset, at - offset + length);
        if (!('copy' in part.part)) {
          const { dtype } = header.layers[part.part.layer]!;
          placeholder(part.part, dtype, at - part.start, piece);
        } else if (part.from !== null) await container.read(part.from + at - part.start, piece, signal);
        at += length;
      }
    },
    sibling(other) {
      const found = header.files.findIndex((one, i) => i > 0 && one.name === other);
      if (found > 0) return Promise.resolve(innerSource(container, header, places, found));
      return Promise.reject(
        new ReadError(
          'onnx/external-data-missing',
          other,
          `${JSON.stringify(other.slice(0, 200))} is not in ${container.name}: it was compressed without that file`,
        ),
      );
    },
    close: () => Promise.resolve(),
  };
}

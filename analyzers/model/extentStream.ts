import { ReadError } from '../bytes/errors.ts';
import type { Sources } from '../bytes/sources.ts';
import type { Extent, Tensor } from './tensor.ts';

/** The bytes of a tensor's extents back to back, read once from the first to the last. */
export interface ExtentStream {
  /** Bytes not yet read. */
  readonly rest: number;
  /** Fills `into` with the next bytes; there must be that many. */
  read(into: Uint8Array, signal: AbortSignal): Promise<void>;
}

export function extentStream(sources: Sources, extents: readonly Extent[]): ExtentStream {
  let rest = extents.reduce((sum, extent) => sum + extent.byteLength, 0);
  let index = 0;
  /** Bytes of the current extent that were read. */
  let used = 0;
  return {
    get rest() {
      return rest;
    },
    async read(into, signal) {
      let done = 0;
      while (done < into.length) {
        const extent = extents[index];
        if (extent === undefined) throw new RangeError('read past the last extent');
        const length = Math.min(extent.byteLength - used, into.length - done);
        if (length > 0) {
          const source = await sources.at(extent.source);
          await source.read(extent.offset + used, into.subarray(done, done + length), signal);
        }
        done += length;
        used += length;
        rest -= length;
        if (used === extent.byteLength) {
          index += 1;
          used = 0;
        }
      }
    },
  };
}

/** The error of a tensor whose bytes contradict its declaration. Names the file when its bytes lie in one. */
export async function malformed(sources: Sources, tensor: Tensor, what: string): Promise<ReadError> {
  const extent = 'extents' in tensor.data ? tensor.data.extents[0] : undefined;
  const file = extent === undefined ? '' : (await sources.at(extent.source)).name;
  return new ReadError(
    'weights/malformed',
    file,
    `${tensor.name === '' ? 'A tensor without a name' : tensor.name}: ${what}; export the model again`,
    extent?.offset,
  );
}

import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, createBrotliCompress, createDeflate } from 'node:zlib';
import type { Compression, Compressor } from '../bytes/compressor.ts';

/** The levels at which a large layer takes seconds. */
const zlibLevel = 6;
const brotliQuality = 6;
/** 16 MiB: the largest window of the format. */
const brotliWindow = 24;

export const compressors: readonly Compressor[] = [
  {
    id: 'zlib',
    label: `zlib, level ${zlibLevel.toString()}`,
    start: (sink) => streamed(createDeflate({ level: zlibLevel }), sink),
  },
  {
    id: 'brotli',
    label: `brotli, quality ${brotliQuality.toString()}`,
    start: (sink) =>
      streamed(
        createBrotliCompress({
          params: {
            [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
            [constants.BROTLI_PARAM_LGWIN]: brotliWindow,
          },
        }),
        sink,
      ),
  },
];

function streamed(stream: Transform, sink: (bytes: Uint8Array) => void): Compression {
  stream.on('data', sink);
  const done = finished(stream);
  // A stream that is given up is no error of anybody who waits.
  done.catch(() => {});
  return {
    async push(bytes) {
      // The stream keeps what it is given until it has worked on it.
      if (!stream.write(bytes.slice())) await once(stream, 'drain');
    },
    async finish() {
      stream.end();
      await done;
    },
    close: () => void stream.destroy(),
  };
}

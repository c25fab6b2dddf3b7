import { parentPort } from 'node:worker_threads';
import type { SourceRef } from '../bytes/source.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import { elementsOf } from '../model/tensor.ts';
import { serve } from '../rpc/channel.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';
import { takeCensus } from '../run/census.ts';
import { pictureOf, runLayer, type Bench } from '../run/layerJob.ts';
import { openModel } from '../run/openModel.ts';
import { WeightCache } from '../run/weightCache.ts';
import { sha256 } from './digest.ts';
import { openFile } from './fileSource.ts';
import { hostPort } from './ports.ts';

// The entry of the worker thread: whatever reads a file runs here.

const cache = new WeightCache();
/** Messages are taken in between two turns of the event loop. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bench = (model: number): Bench => ({
  breathe,
  remember: (layer, pass) =>
    cache.through(`${model.toString()} ${layer.index.toString()}`, elementsOf(layer.weight.shape), pass),
});

/** Files are open for as long as one call takes. */
async function withSources<T>(refs: readonly SourceRef[], use: (sources: Sources) => Promise<T>): Promise<T> {
  const sources = openSources(refs, openFile);
  try {
    return await use(sources);
  } finally {
    await sources.close();
  }
}

/** Bytes in memory stay where they are: the host has them. */
const withoutBytes = (ref: SourceRef): SourceRef =>
  ref.kind === 'bytes' ? { ...ref, bytes: new ArrayBuffer(0) } : ref;

if (parentPort !== null) {
  serve<AnalyzerContract>(hostPort(parentPort), {
    open: async ({ source }, { signal }) => {
      const opened = await openModel(source, openFile, signal);
      return { ...opened, sources: opened.sources.map(withoutBytes) };
    },
    census: ({ source }, { signal, progress }) =>
      takeCensus(source, openFile, sha256, {
        signal,
        progress: (bytes) => progress({ bytes }),
        breathe,
      }),
    layer: ({ model, sources, layer, recipe, profile }, { signal, progress }) =>
      withSources(sources, (files) =>
        runLayer(files, { layer, recipe, profile }, bench(model), {
          signal,
          progress: (share) => progress({ share }),
        }),
      ),
    tile: async ({ model, sources, layer, threshold, window }, { signal, transfer }) => {
      const tile = await withSources(sources, (files) =>
        pictureOf(files, layer, { threshold, window }, bench(model), signal),
      );
      // Parts may lie in one buffer.
      const parts = [tile.density, tile.rowDensity, tile.colDensity];
      transfer(...new Set(parts.map((part) => part.buffer as ArrayBuffer)));
      return tile;
    },
  });
}

import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { SourceRef } from '../bytes/source.ts';
import { openSources, type Sources } from '../bytes/sources.ts';
import { elementsOf } from '../model/tensor.ts';
import { serve } from '../rpc/channel.ts';
import type { AnalyzerContract } from '../rpc/contracts.ts';
import { takeCensus } from '../run/census.ts';
import type { LayerMethod } from '../run/dealer.ts';
import { takeFrame } from '../run/frame.ts';
import { followDeadUnits } from '../run/followDeadUnits.ts';
import { pictureOf, type Bench } from '../run/layerJob.ts';
import { layerMethods } from '../run/layerMethods.ts';
import { modelMethods } from '../run/modelMethods.ts';
import { openModel } from '../run/openModel.ts';
import { WeightCache } from '../run/weightCache.ts';
import { write } from '../run/write.ts';
import { compressors } from './compressors.ts';
import { sha256 } from './digest.ts';
import { clearDraft, draftSinks } from './draft.ts';
import { openFile } from './fileSource.ts';
import { hostPort } from './ports.ts';
import { stopwatch } from './stopwatch.ts';

// The entry of the worker thread: whatever reads a file runs here.

const cache = new WeightCache();
/** Messages are taken in between two turns of the event loop. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bench = (model: number): Bench => ({
  breathe,
  compressors,
  stopwatch,
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

/** A method about one layer, over files that are open for as long as it takes. */
const aboutLayer =
  <M extends LayerMethod>(method: M) =>
  (
    { model, sources, ...args }: AnalyzerContract[M]['args'],
    { signal, progress }: { signal: AbortSignal; progress: (value: never) => void },
  ): Promise<AnalyzerContract[M]['result']> =>
    withSources(sources, (files) =>
      layerMethods[method](files, args as never, bench(model), {
        signal,
        progress: (share) => (progress as (value: { share: number }) => void)({ share }),
      }),
    );

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
    frame: ({ source }, { signal }) => takeFrame(source, openFile, signal),
    layer: aboutLayer('layer'),
    magnitudes: aboutLayer('magnitudes'),
    curves: aboutLayer('curves'),
    study: aboutLayer('study'),
    plan: modelMethods.plan,
    suggest: modelMethods.suggest,
    deadUnits: ({ model, source, ...job }, { signal }) =>
      followDeadUnits(source, job, { open: openFile, bench: bench(model), signal }),
    write: async (job, { signal, progress }) => {
      // Of a worker that died of the same job.
      await clearDraft(job);
      return write(job, {
        open: openFile,
        name: path.basename(path.resolve(job.out)),
        sinks: (own) => draftSinks({ ...job, own }),
        signal,
        progress: (share) => progress({ share }),
        breathe,
      });
    },
    tile: async ({ model, sources, layer, mask, window }, { signal, transfer }) => {
      const tile = await withSources(sources, (files) =>
        pictureOf(files, layer, { mask, window }, bench(model), signal),
      );
      // Parts may lie in one buffer.
      const parts = [tile.density, tile.rowDensity, tile.colDensity];
      transfer(...new Set(parts.map((part) => part.buffer as ArrayBuffer)));
      return tile;
    },
  });
}

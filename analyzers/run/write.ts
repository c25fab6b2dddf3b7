import { openSources } from '../bytes/sources.ts';
import type { OpenSink } from '../bytes/sink.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import { compress } from '../container/compress.ts';
import { decompress } from '../container/decompress.ts';
import type { TaskOptions } from '../container/layerSource.ts';
import type { WriteJob, Written } from '../rpc/contracts.ts';
import { readModel } from './openModel.ts';
import { tool } from './version.ts';

export interface WriteTools extends TaskOptions {
  readonly open: OpenSource;
  /** Opens files to write below the folder of the job's output; `own` are those that must not be written. */
  readonly sinks: (own: readonly SourceRef[]) => OpenSink;
  /** Name of the job's output in that folder. */
  readonly name: string;
}

/**
 * Writes files as a job says. Nothing is in its place until all of them are whole.
 * Throws ReadError as the reader of the source does, and as the sinks do.
 */
export function write(job: WriteJob, tools: WriteTools): Promise<Written> {
  const writer = writers[job.what];
  if (writer === undefined) return Promise.reject(new RangeError(`nobody here can ${job.what}`));
  return writer(job, tools);
}

/** To add a way to write: a line here and in rpc/contracts.ts. */
const writers: Readonly<Partial<Record<WriteJob['what'], typeof write>>> = {
  compress: writeSlim,
  decompress: writeModel,
};

async function writeSlim(
  { source, recipe }: WriteJob,
  { open, sinks, name, ...options }: WriteTools,
): Promise<Written> {
  const { model, opened } = await readModel(source, open, options.signal);
  const sources = openSources(model.sources, open);
  try {
    const sink = await sinks(model.sources)(name);
    const { bytes, notes } = await compress(
      { model, layers: opened.layers, sources, recipe, tool },
      sink,
      options,
    );
    return { files: [{ name, bytes }], bytes, modelBytes: opened.summary.bytes, notes };
  } finally {
    await sources.close();
  }
}

/** Out of a container: the first file takes the name of the output, the others keep theirs. */
async function writeModel(
  { source: ref }: WriteJob,
  { open, sinks, name, ...options }: WriteTools,
): Promise<Written> {
  const source = await open(ref);
  try {
    const openSink = sinks([ref]);
    let first = true;
    const files = await decompress(
      source,
      (inner) => {
        const wanted = first ? name : inner;
        first = false;
        return openSink(wanted);
      },
      options,
    );
    const named = files.map((file, i) => (i === 0 ? { ...file, name } : file));
    const bytes = named.reduce((sum, file) => sum + file.bytes, 0);
    return { files: named, bytes, modelBytes: source.size, notes: [] };
  } finally {
    await source.close();
  }
}

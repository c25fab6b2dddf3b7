import { openSources } from '../bytes/sources.ts';
import type { OpenSink } from '../bytes/sink.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import { compress } from '../container/compress.ts';
import { decompress } from '../container/decompress.ts';
import { exportModel } from '../container/exportModel.ts';
import type { TaskOptions } from '../container/layerSource.ts';
import type { ModelJob } from '../container/plan.ts';
import { budgetNotes } from '../report/budgetText.ts';
import type { WriteJob, Written } from '../rpc/contracts.ts';
import { exportSmaller } from './exportSmaller.ts';
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
  return writers[job.what](job, tools);
}

/** To add a way to write: a line here and in rpc/contracts.ts. */
const writers: Readonly<Record<WriteJob['what'], typeof write>> = {
  compress: writeSlim,
  export: writeExport,
  decompress: writeModel,
};

async function writeSlim(job: WriteJob, tools: WriteTools): Promise<Written> {
  return withModel(job, tools, async (model, openSink) => {
    const { bytes, parts, notes } = await compress({ ...model, tool }, await openSink(tools.name), tools);
    const files = [{ name: tools.name, bytes }];
    return { files, notes: [...notes, ...budgetNotes(job.budget, bytes, parts)] };
  });
}

async function writeExport(job: WriteJob, tools: WriteTools): Promise<Written> {
  return withModel(job, tools, (model, openSink) =>
    (job.removeDeadUnits ? exportSmaller : exportModel)(model, firstAs(tools.name, openSink), tools).then(
      ({ files, notes }) => ({
        files: renamed(files, tools.name),
        notes: [...notes, ...budgetNotes(job.budget, bytesOf(files), null)],
      }),
    ),
  );
}

/** Opens the model with all its files for as long as it is written from, and adds up what was written. */
async function withModel(
  { source, recipe, context }: WriteJob,
  { open, sinks, signal }: WriteTools,
  use: (model: ModelJob, openSink: OpenSink) => Promise<Pick<Written, 'files' | 'notes'>>,
): Promise<Written> {
  const { model, opened } = await readModel(source, open, signal);
  const sources = openSources(model.sources, open);
  try {
    const { layers, summary } = opened;
    const made = await use({ model, layers, sources, recipe, context }, sinks(model.sources));
    return { ...made, bytes: bytesOf(made.files), modelBytes: summary.bytes };
  } finally {
    await sources.close();
  }
}

/** Out of a container: the first file takes the name of the output, the others keep theirs. */
async function writeModel({ source: ref }: WriteJob, tools: WriteTools): Promise<Written> {
  const source = await tools.open(ref);
  try {
    const openSink = firstAs(tools.name, tools.sinks([ref]));
    const files = renamed(await decompress(source, openSink, tools), tools.name);
    return { files, bytes: bytesOf(files), modelBytes: source.size, notes: [] };
  } finally {
    await source.close();
  }
}

/** The model's own file comes first: it takes the name of the output. */
function firstAs(name: string, openSink: OpenSink): OpenSink {
  let first = true;
  return (own) => {
    const wanted = first ? name : own;
    first = false;
    return openSink(wanted);
  };
}

const renamed = (files: Written['files'], name: string): Written['files'] =>
  files.map((file, i) => (i === 0 ? { ...file, name } : file));

const bytesOf = (files: Written['files']): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

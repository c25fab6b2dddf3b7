import { memorySink, type MemorySink } from '../bytes/memorySink.ts';
import { memorySource } from '../bytes/memorySource.ts';
import type { OpenSink } from '../bytes/sink.ts';
import type { OpenSource } from '../bytes/source.ts';
import { exportModel, type Exported } from '../container/exportModel.ts';
import type { TaskOptions } from '../container/layerSource.ts';
import type { ModelJob } from '../container/plan.ts';
import { withSinks } from '../container/render.ts';
import { countText, counted } from '../report/units.ts';
import { removeDeadUnits } from './removeDeadUnits.ts';

/**
 * Exports a model and leaves out the units that its new weights leave dead: everything is written in memory first.
 * Throws as exportModel and removeDeadUnits do.
 */
export async function exportSmaller(
  job: ModelJob,
  openSink: OpenSink,
  options: TaskOptions,
): Promise<Exported> {
  // Places are found wanting before long work is done.
  const names = job.model.files.map(({ name }) => name);
  return withSinks(names, openSink, async (sinks) => {
    const { files, contents, notes } = await exportedInMemory(job, options);
    for (const [i, bytes] of contents.entries()) await sinks[i]!.append(bytes);
    for (const sink of sinks) await sink.commit();
    return { files, notes };
  });
}

/** The files as they will be, the model's own first. */
async function exportedInMemory(
  job: ModelJob,
  options: TaskOptions,
): Promise<Exported & { readonly contents: readonly Uint8Array[] }> {
  const sinks = new Map<string, MemorySink>();
  const { files, notes } = await exportModel(
    job,
    (name) => {
      const sink = memorySink(name);
      sinks.set(name, sink);
      return Promise.resolve(sink);
    },
    options,
  );
  const bytes = new Map(files.map(({ name }) => [name, sinks.get(name)!.bytes]));
  sinks.clear();
  const { name } = files[0]!;
  const whole = bytes.get(name)!;
  const open: OpenSource = (ref) => {
    if (ref.kind !== 'bytes') return Promise.reject(new RangeError('everything lies in memory'));
    return Promise.resolve(
      ref.name === name
        ? memorySource(name, whole, bytes)
        : memorySource(ref.name, new Uint8Array(ref.bytes)),
    );
  };
  const removed = await removeDeadUnits({ kind: 'bytes', name, bytes: whole.buffer }, open, options.signal);
  bytes.set(name, removed.bytes.slice());
  return {
    contents: files.map((file) => bytes.get(file.name)!),
    files: files.map((file) => ({ ...file, bytes: bytes.get(file.name)!.length })),
    notes: [...notes, ...notesOf(removed.layers, files.length > 1)],
  };
}

function notesOf(layers: readonly { name: string; units: number }[], external: boolean): readonly string[] {
  const units = layers.reduce((sum, layer) => sum + layer.units, 0);
  if (units === 0) return ['No unit is dead, so that none was left out.'];
  const named = layers.slice(0, 8).map((layer) => `${countText(layer.units)} of ${layer.name}`);
  const more = layers.length > 8 ? `, and of ${counted(layers.length - 8, 'more layer')}` : '';
  return [
    `${counted(units, 'dead unit')} left out: ${named.join(', ')}${more}.`,
    ...(external
      ? ['What was cut stands in the model itself; its external files are as large as before.']
      : []),
  ];
}

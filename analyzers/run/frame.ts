import { openSources } from '../bytes/sources.ts';
import type { OpenSource, SourceRef } from '../bytes/source.ts';
import { frameOf, unwritable } from '../container/frame.ts';
import type { Frame } from '../model/frame.ts';
import { readModel } from './openModel.ts';

/** Where new weights would stand in a model's files; null when nothing can be written of it. */
export async function takeFrame(
  source: SourceRef,
  open: OpenSource,
  signal: AbortSignal,
): Promise<Frame | null> {
  const { model, opened } = await readModel(source, open, signal);
  if (unwritable(model) !== null) return null;
  const sources = openSources(model.sources, open);
  try {
    return await frameOf(model, opened.layers, sources, signal);
  } finally {
    await sources.close();
  }
}

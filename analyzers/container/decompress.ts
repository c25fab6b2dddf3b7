import type { ByteSink, OpenSink } from '../bytes/sink.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Sources } from '../bytes/sources.ts';
import { readContainer, type SlimContainer } from '../formats/slim/container.ts';
import type { PlacedPart } from '../formats/slim/places.ts';
import { placeParts } from '../formats/slim/places.ts';
import { readInner } from '../formats/slim/slim.ts';
import { sparseLayers } from '../formats/slim/translate.ts';
import { sparsePositions } from '../model/sparse.ts';
import { readTensor } from '../model/weights.ts';
import { checkedElements, damagedLayer } from './decodeSlim.ts';
import type { TaskOptions } from './layerSource.ts';
import type { Part } from './layout.ts';
import { renderFiles, withSinks, type Contents, type RenderedFile } from './render.ts';

/**
 * Writes the model's files out of a container: carried bytes as they were, weights decoded. All files are committed
 * when the last one is whole; on any error all are discarded. Throws as readContainer, 'slim/damaged' when a layer's
 * elements are not those that its checksum is of, as renderFiles, and the signal's reason.
 */
export async function decompress(
  source: ByteSource,
  openSink: OpenSink,
  options: TaskOptions,
): Promise<readonly RenderedFile[]> {
  const container = await readContainer(source, options.signal);
  const names = container.header.files.map(({ name }) => name);
  return withSinks(names, openSink, (sinks) => writeAll(container, source, sinks, options));
}

async function writeAll(
  container: SlimContainer,
  source: ByteSource,
  sinks: readonly ByteSink[],
  options: TaskOptions,
): Promise<readonly RenderedFile[]> {
  const places = placeParts(container);
  const files = container.header.files.map(({ name, bytes }, i) => ({
    name,
    bytes,
    parts: places[i]!.map(partOf),
  }));
  const sources: Sources = { at: () => Promise.resolve(source), close: () => Promise.resolve() };
  const contents: Contents = {
    sources,
    dtypeOf: (layer) => container.header.layers[layer]!.dtype,
    elementsOf: (layer, signal) => checkedElements(container, source, layer, signal),
    positionsOf: await positionsIn(container, source, sources, options.signal),
    wrong: (layer, what) => damagedLayer(container, source, layer, what),
  };
  return renderFiles(files, contents, sinks, options);
}

const partOf = ({ start, end, from, part }: PlacedPart): Part =>
  'copy' in part
    ? { kind: 'copy', source: 0, offset: from!, bytes: end - start }
    : { kind: 'weights', ...part };

/** Where the values of sparse layers stand, as the model in the container has it. */
async function positionsIn(
  container: SlimContainer,
  source: ByteSource,
  sources: Sources,
  signal: AbortSignal,
): Promise<Contents['positionsOf']> {
  const { header } = container;
  const none: Contents['positionsOf'] = (layer) => {
    throw damagedLayer(container, source, layer, 'the model has no positions for them');
  };
  if (!header.files.some(({ parts }) => parts.some((part) => !('copy' in part) && part.written.sparse)))
    return none;
  const { inner, translation } = await readInner(source, container, signal);
  const found = sparseLayers(inner.tensors, translation);
  return (layer, stop) => {
    const one = found.get(layer);
    return one === undefined
      ? none(layer, stop)
      : sparsePositions(one, one.data, readTensor(sources, one.data.indices, stop));
  };
}

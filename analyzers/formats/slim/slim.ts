import { ReadError } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Model } from '../../model/model.ts';
import type { Format } from '../format.ts';
import { onnxFormat } from '../onnx/onnx.ts';
import { isSlim, readContainer, type SlimContainer } from './container.ts';
import { innerSource } from './innerSource.ts';
import { placeParts } from './places.ts';
import { translateStructure, translator, type Translation } from './translate.ts';

/** A container of our own (docs/container.md): the model's structure as it was, its weights coded. */
export const slimFormat: Format = {
  id: 'slim',
  name: 'Slimscope container',
  patterns: ['*.slim'],
  matches: (head, name) => isSlim(head) || name.toLowerCase().endsWith('.slim'),
  read,
};

async function read(source: ByteSource, signal: AbortSignal): Promise<Model> {
  const container = await readContainer(source, signal);
  const { inner, translation } = await readInner(source, container, signal);
  const translate = translator(translation);
  return {
    ...inner,
    ...translateStructure(inner, translate),
    format: 'slim',
    name: source.name,
    sources: [source.ref],
    files: [{ name: source.name, bytes: source.size }],
    carriedBytes: container.header.skeleton.bytes,
    tensors: inner.tensors.map(translate),
  };
}

/** The model in a container, with its own files and offsets, and where these are in the container. */
export async function readInner(
  source: ByteSource,
  container: SlimContainer,
  signal: AbortSignal,
): Promise<{ readonly inner: Model; readonly translation: Translation }> {
  const { header } = container;
  if (header.model.format !== onnxFormat.id)
    throw new ReadError(
      'slim/version',
      source.name,
      `${source.name} holds a model of the format ${JSON.stringify(header.model.format)}, which is not known here: a newer Slimscope may read it`,
    );
  const places = placeParts(container);
  const inner = await onnxFormat.read(innerSource(source, header, places), signal);
  const fileOf = inner.files.map(({ name }, i) =>
    i === 0 ? 0 : header.files.findIndex((file, at) => at > 0 && file.name === name),
  );
  return { inner, translation: { container, places, fileOf } };
}

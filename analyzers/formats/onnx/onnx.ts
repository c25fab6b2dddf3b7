import { ReadError, type ReadErrorCode } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Graph } from '../../model/graph.ts';
import type { Model } from '../../model/model.ts';
import { elementsOf, type Tensor } from '../../model/tensor.ts';
import type { Format } from '../format.ts';
import { guess, notAModel } from '../guess.ts';
import { decodeModel, integer, type onnx } from './decode.ts';
import { findFiles } from './external.ts';
import { buildFunction, buildGraph, domainOf, mainScope, type Building } from './graph.ts';
import { collectProblems, quoted, type Problems } from './problems.ts';
import { walkModel } from './walk.ts';
import { cutText, Damaged, truncated, type Cut, type Walk } from './wire.ts';

export const onnxFormat: Format = {
  id: 'onnx',
  name: 'ONNX',
  patterns: ['*.onnx'],
  matches: (head, name) => looksLikeOnnx(head) || name.toLowerCase().endsWith('.onnx'),
  read,
};

/** Bytes that tell what a file is. */
const headLength = 320;

async function read(source: ByteSource, signal: AbortSignal): Promise<Model> {
  const head = new Uint8Array(Math.min(headLength, source.size));
  if (head.length > 0) await source.read(0, head, signal);
  const walk = await walkOrRefuse(source, head, signal);
  const problems = collectProblems(source.name);
  if (walk.cut !== null) tellCut(walk, walk.cut, problems);
  const files = await findFiles(source, walk.stored, problems, signal);
  const tensors: Tensor[] = [];
  const building: Building = {
    file: source.name,
    files,
    problems,
    stored: walk.stored,
    tensors,
    leftOut: { count: 0, first: '' },
  };
  const built = build(walk, building);
  if (walk.cut !== null && !isOfUse(built.graph, tensors)) throw truncated(walk, walk.cut);
  if (built.graph === null) {
    if (!looksLikeOnnx(head)) throw notAModel(source.name, source.size, head);
    throw new ReadError(
      'file/truncated',
      source.name,
      `${source.name} ends at byte ${source.size.toString()} without a graph; it is cut off, or it is not a model`,
      source.size,
    );
  }
  return {
    format: 'onnx',
    name: source.name,
    sources: files.refs,
    files: files.files,
    tensors,
    ...built,
    problems: problems.list(),
  };
}

/** Whether there is anything to analyse before the place where a file is cut off. */
const isOfUse = (graph: Graph | null, tensors: readonly Tensor[]): boolean =>
  graph !== null &&
  graph.nodes.length > 0 &&
  tensors.some(({ data, shape }) => data.kind !== 'none' && data.kind !== 'inline' && elementsOf(shape) > 0);

function tellCut(walk: Walk, cut: Cut, problems: Problems): void {
  const within = walk.stored.find((stored) => stored.kind === 'tensor' && stored.isCut);
  const name = within?.kind === 'tensor' ? within.name : undefined;
  problems.tell(
    'error',
    'file/truncated',
    `${walk.file} ${cutText(walk, cut)}${name === undefined ? '' : `; it is cut off within the tensor ${quoted(name)}`}. ` +
      'What stood behind is missing here: weights, shapes, perhaps the operator set. Copy or export the file again.',
    { offset: walk.cursor.size, ...(name === undefined ? {} : { tensor: name }) },
  );
}

const mistaken: ReadonlySet<ReadErrorCode> = new Set(['file/truncated', 'limits/strings', 'limits/depth']);

async function walkOrRefuse(source: ByteSource, head: Uint8Array, signal: AbortSignal): Promise<Walk> {
  const { name, size } = source;
  const strange = !looksLikeOnnx(head);
  if (size === 0 || (strange && guess(head) !== null)) throw notAModel(name, size, head);
  try {
    const walk = await walkModel(source, signal);
    // Anything can be misread as protobuf for a while; a lying length or an endless name is how that ends.
    if (strange && walk.cut !== null) throw notAModel(name, size, head);
    return walk;
  } catch (error) {
    if (error instanceof Damaged) {
      if (strange) throw notAModel(name, size, head);
      const message = `${name} is damaged: ${error.message}; copy or export it again`;
      throw new ReadError('file/damaged', name, message, error.offset);
    }
    if (strange && error instanceof ReadError && mistaken.has(error.code)) throw notAModel(name, size, head);
    throw error;
  }
}

/** Decodes the skeleton into graphs, tensors and metadata. */
function build(walk: Walk, building: Building): Pick<Model, 'graph' | 'functions' | 'metadata'> {
  const { file, problems } = building;
  try {
    const parts = decodeModel(walk.skeleton.bytes());
    const graph = parts.graph === null ? null : buildGraph(building, parts.graph, mainScope);
    const functions = Array.from(parts.functions, (f) => buildFunction(building, f));
    const { count, first } = building.leftOut;
    if (count > 0) {
      problems.tell(
        'note',
        'onnx/attribute-left-out',
        `${count === 1 ? 'An attribute is' : `${count.toString()} attributes are`} longer than a megabyte and left out, the first of them ${first}. Numbers in them are counted nowhere.`,
      );
    }
    return { graph, functions, metadata: metadataOf(parts.head, file, problems) };
  } catch (error) {
    // The walker has checked all that the decoder relies on; should that still object, the file is at fault.
    if (!(error instanceof RangeError || (error instanceof Error && error.name === 'Error'))) throw error;
    const message = `${file} is damaged: its structure cannot be decoded (${error.message})`;
    throw new ReadError('file/damaged', file, message);
  }
}

/** First bytes of every known writer: ir_version, a small number, and the tag of a field that may follow it. */
function looksLikeOnnx(head: Uint8Array): boolean {
  const [tag, version, next, low, high] = head;
  if (tag !== 0x08) return false;
  if (version === undefined) return true;
  if (version < 1 || version > 63) return false;
  // A producer of 4096 bytes or more is the graph of a TensorFlow SavedModel, whose file starts the same way.
  if (next === 0x12 && (low ?? 0) > 127 && (high ?? 0) >= 32) return false;
  return next === undefined || following.has(next);
}

/** Tags: producer name and version, domain, model_version, doc_string, graph, opset_import, metadata_props. */
const following = new Set([0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]);

function metadataOf(model: onnx.IModelProto, file: string, problems: Problems): Map<string, string> {
  const metadata = new Map<string, string>();
  const opsets = model.opsetImport ?? [];
  if (opsets.length === 0) {
    problems.tell(
      'warning',
      'onnx/no-opset',
      `${file} does not say which operator set it uses; it may be cut off after its graph. The newest rules are assumed.`,
    );
  } else metadata.set('opset', opsetText(opsets));
  metadata.set('ir', integer(model.irVersion).toString());
  const producer = `${model.producerName ?? ''} ${model.producerVersion ?? ''}`.trim();
  if (producer !== '') metadata.set('producer', producer);
  for (const { key, value } of model.metadataProps ?? []) {
    // The three keys above stay what they are, whatever the file calls its own.
    const own = key ?? '';
    if (!metadata.has(own)) metadata.set(own, value ?? '');
  }
  return metadata;
}

/** "13", or "ai.onnx:13, com.microsoft:1" when there are several domains. */
function opsetText(opsets: readonly onnx.IOperatorSetIdProto[]): string {
  const [only] = opsets;
  if (opsets.length === 1 && only !== undefined && domainOf(only.domain) === '')
    return integer(only.version).toString();
  return opsets.map((o) => `${domainOf(o.domain) || 'ai.onnx'}:${integer(o.version).toString()}`).join(', ');
}

import type { Attribute, Graph, GraphNode } from '../../model/graph.ts';
import type { Model } from '../../model/model.ts';
import { elementsOf, type Extent, type Tensor, type TensorData } from '../../model/tensor.ts';
import type { SlimContainer } from './container.ts';
import type { SlimLayer } from './header.ts';
import { copiedExtents, type PlacedPart } from './places.ts';

/** A coded layer with the places that its elements had in the model's files. */
interface Coded {
  readonly layer: SlimLayer;
  readonly extents: Extent[];
  sparse: boolean;
}

/** Where things are now: `fileOf` gives the file of the container for an index into the inner model's sources. */
export interface Translation {
  readonly container: SlimContainer;
  readonly places: readonly (readonly PlacedPart[])[];
  readonly fileOf: readonly number[];
}

/** Makes a tensor of the model's own files one of the container: carried bytes by their place, coded weights as such. */
export function translator(translation: Translation): (tensor: Tensor) => Tensor {
  const coded = codedByPlace(translation);
  const placed = (extents: readonly Extent[]): readonly Extent[] =>
    extents.map((extent) => ({ ...extent, source: translation.fileOf[extent.source]! }));
  /** The coded layer whose numbers, or values, stand just where those of a tensor do. */
  const layerAt = ({ data }: Pick<Tensor, 'data'>, sparse: boolean): SlimLayer | null => {
    if (data.kind !== 'raw' && data.kind !== 'varint' && data.kind !== 'tagged') return null;
    const extents = placed(data.extents);
    const [first] = extents;
    const at = first === undefined ? undefined : coded.get(placeKey(first));
    return at !== undefined && at.sparse === sparse && samePlaces(at.extents, extents) ? at.layer : null;
  };
  const dataOf = ({ data, dtype, shape }: Tensor): TensorData => {
    if (data.kind === 'none' || data.kind === 'inline' || data.kind === 'coded') return data;
    if (data.kind === 'sparse') {
      const layer = layerAt(data.values, true);
      if (layer !== null && layer.dtype === dtype && layer.coded.weights === elementsOf(shape))
        return codedData(layer, translation.container.base);
      return { ...data, values: translate(data.values), indices: translate(data.indices) };
    }
    const layer = layerAt({ data }, false);
    if (layer !== null && layer.dtype === dtype && layer.coded.weights === elementsOf(shape))
      return codedData(layer, translation.container.base);
    const extents = placed(data.extents);
    const carried = extents.map((extent) => copiedExtents(translation.places[extent.source]!, extent));
    if (carried.some((found) => found === null))
      return { kind: 'none', code: 'slim/damaged', reason: 'Its bytes are not in the container as a whole.' };
    return { ...data, extents: carried.flatMap((found) => found ?? []) };
  };
  const translate = (tensor: Tensor): Tensor => ({ ...tensor, data: dataOf(tensor) });
  return translate;
}

/**
 * The sparse tensors whose values are coded, by the number of the layer: the model has the positions of these values.
 * Their indices are those of the container.
 */
export function sparseLayers(
  tensors: readonly Tensor[],
  translation: Translation,
): ReadonlyMap<number, { readonly shape: readonly number[]; readonly data: SparseData }> {
  const translate = translator(translation);
  const { layers } = translation.container.header;
  const found = new Map<number, { shape: readonly number[]; data: SparseData }>();
  for (const tensor of tensors) {
    const { data, shape } = tensor;
    if (data.kind !== 'sparse') continue;
    const now = translate(tensor).data;
    const at = now.kind === 'coded' ? layers.findIndex(({ coded }) => coded === now.coded) : -1;
    if (at >= 0) found.set(at, { shape, data: { ...data, indices: translate(data.indices) } });
  }
  return found;
}

type SparseData = Extract<TensorData, { readonly kind: 'sparse' }>;

export const codedData = (
  { coded, streams }: SlimLayer,
  base: number,
): Extract<TensorData, { kind: 'coded' }> => ({
  kind: 'coded',
  coded,
  extents: streams.map(({ offset, bytes }) => ({ source: 0, offset: base + offset, byteLength: bytes })),
  checksums: streams.map(({ crc }) => crc),
});

const placeKey = ({ source, offset }: Extent): string => `${source.toString()}:${offset.toString()}`;

/** By the place of the first element. */
function codedByPlace({ container, places }: Pick<Translation, 'container' | 'places'>): Map<string, Coded> {
  const coded = container.header.layers.map((layer): Coded => ({ layer, extents: [], sparse: false }));
  for (const [source, parts] of places.entries())
    for (const { start, end, part } of parts) {
      if ('copy' in part) continue;
      const one = coded[part.layer]!;
      one.extents.push({ source, offset: start, byteLength: end - start });
      one.sparse = part.written.sparse;
    }
  return new Map(coded.map((one) => [placeKey(one.extents[0]!), one]));
}

const samePlaces = (a: readonly Extent[], b: readonly Extent[]): boolean =>
  a.length === b.length &&
  a.every((extent, i) => {
    const other = b[i]!;
    return (
      extent.source === other.source &&
      extent.offset === other.offset &&
      extent.byteLength === other.byteLength
    );
  });

/** The structure with every tensor that stands in an attribute translated; those of the model are by index. */
export function translateStructure(
  { graph, functions }: Pick<Model, 'graph' | 'functions'>,
  translate: (tensor: Tensor) => Tensor,
): Pick<Model, 'graph' | 'functions'> {
  const attributes = (all: ReadonlyMap<string, Attribute>): ReadonlyMap<string, Attribute> =>
    new Map(Array.from(all, ([name, one]) => [name, attribute(one)]));
  const attribute = (one: Attribute): Attribute => {
    if (one.kind === 'value') return { ...one, value: translate(one.value) };
    return one.kind === 'graphs' ? { ...one, graphs: one.graphs.map(inGraph) } : one;
  };
  const node = (one: GraphNode): GraphNode => ({ ...one, attributes: attributes(one.attributes) });
  const inGraph = (one: Graph): Graph => ({ ...one, nodes: one.nodes.map(node) });
  return {
    graph: graph === null ? null : inGraph(graph),
    functions: functions.map((one) => ({
      ...one,
      defaults: attributes(one.defaults),
      nodes: one.nodes.map(node),
    })),
  };
}

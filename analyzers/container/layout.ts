import { dtypeBits } from '../model/dtype.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import { elementsOf, type Extent, type Tensor } from '../model/tensor.ts';

/**
 * The bytes of a model's files, part by part: what is carried as it is, and where the elements of coded layers lie.
 * Offsets and sizes are bytes.
 */
export interface Layout {
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly parts: readonly Part[];
  }[];
}

export type Part =
  | { readonly kind: 'copy'; readonly source: number; readonly offset: number; readonly bytes: number }
  /** Raw elements first .. first + count - 1 in C order; `layer` is the place in the list of coded layers. */
  | {
      readonly kind: 'weights';
      readonly layer: number;
      readonly first: number;
      readonly count: number;
      readonly bytes: number;
    };

/** Where the weights of `layers`, each of which passed `codable`, lie among the other bytes. */
export function layoutOf(model: Model, layers: readonly Layer[]): Layout {
  const weights = layers.flatMap(({ weight }, layer) => {
    const bits = dtypeBits[weight.dtype];
    const count = elementsOf(weight.shape);
    let first = 0;
    return extentsIn(weight).map((extent) => {
      const here = { layer, first, count: Math.min(count - first, (extent.byteLength * 8) / bits), extent };
      first += here.count;
      return here;
    });
  });
  weights.sort((a, b) => a.extent.source - b.extent.source || a.extent.offset - b.extent.offset);
  let next = 0;
  return {
    files: model.files.map(({ name, bytes }, source) => {
      const parts: Part[] = [];
      let at = 0;
      const copyTo = (end: number): void => {
        if (end > at) parts.push({ kind: 'copy', source, offset: at, bytes: end - at });
        at = end;
      };
      for (; weights[next]?.extent.source === source; next += 1) {
        const { layer, first, count, extent } = weights[next]!;
        copyTo(extent.offset);
        parts.push({ kind: 'weights', layer, first, count, bytes: extent.byteLength });
        at += extent.byteLength;
      }
      copyTo(bytes);
      return { name, bytes, parts };
    }),
  };
}

/** The layers that can be coded, and of the others why they are carried as they are. */
export function codable(
  model: Model,
  layers: readonly Layer[],
): { readonly layers: readonly Layer[]; readonly notes: readonly string[] } {
  const entangled = entangledTensors(model.tensors);
  const taken = new Set<string>();
  const notes: string[] = [];
  const chosen = layers.filter((layer) => {
    const { weight, tensorIndex, name } = layer;
    if (weight.data.kind === 'none' || elementsOf(weight.shape) === 0) return false;
    if (weight.data.kind !== 'raw' || tensorIndex === null) {
      notes.push(`${name} is carried as it is: its numbers do not stand back to back (${weight.data.kind})`);
      return false;
    }
    if (entangled.has(tensorIndex)) {
      notes.push(`${name} is carried as it is: other tensors hold some of its bytes`);
      return false;
    }
    const place = sameness(weight);
    if (taken.has(place)) return false;
    taken.add(place);
    return true;
  });
  return { layers: chosen, notes };
}

const sameness = (tensor: Tensor): string =>
  JSON.stringify([tensor.dtype, elementsOf(tensor.shape), extentsIn(tensor)]);

function extentsIn({ data }: Tensor): readonly Extent[] {
  if (data.kind === 'sparse') return [...extentsIn(data.values), ...extentsIn(data.indices)];
  return data.kind === 'none' || data.kind === 'inline' ? [] : data.extents;
}

/** Tensors that share bytes with another that is not the same numbers at the same place. */
function entangledTensors(tensors: readonly Tensor[]): ReadonlySet<number> {
  const extents = tensors.flatMap((tensor, index) => extentsIn(tensor).map((extent) => ({ index, extent })));
  extents.sort((a, b) => a.extent.source - b.extent.source || a.extent.offset - b.extent.offset);
  const found = new Set<number>();
  for (let from = 0; from < extents.length;) {
    const { source, offset, byteLength } = extents[from]!.extent;
    let end = offset + byteLength;
    let to = from + 1;
    for (; to < extents.length; to += 1) {
      const { extent } = extents[to]!;
      if (extent.source !== source || extent.offset >= end) break;
      end = Math.max(end, extent.offset + extent.byteLength);
    }
    const users = new Set(extents.slice(from, to).map(({ index }) => index));
    // One tensor may hold a byte twice only if somebody made the file by hand.
    if (to - from > users.size || new Set([...users].map((index) => sameness(tensors[index]!))).size > 1)
      for (const index of users) found.add(index);
    from = to;
  }
  return found;
}

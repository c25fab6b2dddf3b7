import { dtypeBits } from './dtype.ts';
import type { Layer } from './layer.ts';
import { elementsOf, type Extent, type Tensor } from './tensor.ts';

/** Where a tensor's numbers lie, of a sparse one its positions too; none where it holds no bytes of a file. */
export function extentsIn({ data }: Tensor): readonly Extent[] {
  if (data.kind === 'sparse') return [...extentsIn(data.values), ...extentsIn(data.indices)];
  if (data.kind === 'none' || data.kind === 'inline') return [];
  return data.extents.filter(({ byteLength }) => byteLength > 0);
}

/** The same text for tensors that are the same numbers at the same bytes, whatever their shapes; null without bytes. */
export function placeOf(tensor: Tensor): string | null {
  const extents = extentsIn(tensor);
  if (extents.length === 0) return null;
  return JSON.stringify([tensor.data.kind, tensor.dtype, elementsOf(tensor.shape), extents]);
}

/**
 * Tensors that hold some bytes of another, but not as the same numbers at the same place, by their place: the name of
 * that other; their own name where one tensor holds a byte twice.
 */
export function entangledPlaces(tensors: readonly Tensor[]): ReadonlyMap<string, string> {
  const byPlace = new Map<string, Tensor>();
  for (const tensor of tensors) {
    const place = placeOf(tensor);
    if (place !== null && !byPlace.has(place)) byPlace.set(place, tensor);
  }
  const extents = [...byPlace].flatMap(([place, tensor]) =>
    extentsIn(tensor).map((extent) => ({
      place,
      name: tensor.name,
      extent,
      end: extent.offset + extent.byteLength,
    })),
  );
  extents.sort((a, b) => a.extent.source - b.extent.source || a.extent.offset - b.extent.offset);
  const found = new Map<string, string>();
  // The one of those before that reaches farthest: what begins within any of them begins within it.
  let [far] = extents;
  for (const one of extents.slice(1)) {
    if (one.extent.source === far!.extent.source && one.extent.offset < far!.end) {
      if (!found.has(one.place)) found.set(one.place, far!.name);
      if (!found.has(far!.place)) found.set(far!.place, one.name);
      if (one.end > far!.end) far = one;
    } else far = one;
  }
  return found;
}

/** Why new numbers cannot take the place of a weight's own, null when they can. `entangled`: of the model's tensors. */
export function standsFast(
  { weight, tensorIndex, quantisation }: Pick<Layer, 'weight' | 'tensorIndex' | 'quantisation'>,
  entangled: ReadonlyMap<string, string>,
): string | null {
  const { data, dtype, name } = weight;
  if (data.kind === 'none') return null;
  if (data.kind === 'inline') return 'its numbers stand in an attribute';
  const other = entangled.get(placeOf(weight) ?? '');
  if (other !== undefined)
    return other === name ? 'it holds some of its bytes twice' : `${other} holds some of its bytes`;
  if (tensorIndex === null) return 'its numbers are no tensor of the model';
  if (data.kind !== 'sparse') return null;
  // Stored numbers of a sparse tensor are made from what is read of it.
  if (dtype === 'i64' || dtype === 'u64' || dtypeBits[dtype] < 8)
    return `a sparse tensor of the type ${dtype} is not written`;
  return quantisation === null ? null : 'a sparse tensor with a scale is not written';
}

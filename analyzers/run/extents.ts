import type { Extent, Tensor } from '../model/tensor.ts';

/** Where a tensor's numbers lie in the files; none for generated, inline and unreadable ones. */
export function extentsOf(tensor: Tensor): readonly Extent[] {
  const { data } = tensor;
  if (data.kind === 'sparse') return [...extentsOf(data.values), ...extentsOf(data.indices)];
  return data.kind === 'inline' || data.kind === 'none' ? [] : data.extents;
}

/** Bytes that a tensor takes in the files. */
export const storedBytes = (tensor: Tensor): number =>
  extentsOf(tensor).reduce((sum, extent) => sum + extent.byteLength, 0);

/** Bytes of the files that lie in at least one extent: tensors may share bytes, wholly or in part. */
export function unionBytes(extents: readonly Extent[]): number {
  const ordered = extents.toSorted((a, b) => a.source - b.source || a.offset - b.offset);
  let bytes = 0;
  let source = -1;
  let end = 0;
  for (const extent of ordered) {
    if (extent.source !== source) {
      source = extent.source;
      end = 0;
    }
    const last = extent.offset + extent.byteLength;
    bytes += Math.max(0, last - Math.max(end, extent.offset));
    end = Math.max(end, last);
  }
  return bytes;
}

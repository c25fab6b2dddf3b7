import type { Extent } from '../../model/tensor.ts';
import type { SlimContainer } from './container.ts';
import type { SlimPart } from './header.ts';

/** Where a part of a model's file lies: its bytes from `start` to `end`, and where these are in the container. */
export interface PlacedPart {
  readonly start: number;
  readonly end: number;
  /** Byte of the container; null for weights, which are coded. */
  readonly from: number | null;
  readonly part: SlimPart;
}

/** The parts of each file in their order, with their places. */
export function placeParts({ header, base }: SlimContainer): readonly (readonly PlacedPart[])[] {
  let from = base + header.skeleton.offset;
  return header.files.map(({ parts }) => {
    let start = 0;
    return parts.map((part) => {
      const copied = 'copy' in part;
      const end = start + (copied ? part.copy : part.bytes);
      const placed = { start, end, from: copied ? from : null, part };
      if (copied) from += part.copy;
      start = end;
      return placed;
    });
  });
}

/** The part that a byte of the file lies in, by halving; the number of parts when it lies behind them. */
export function partAt(parts: readonly PlacedPart[], offset: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (parts[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where copied bytes of a model's file lie in the container (source 0); null when some of them are coded weights. */
export function copiedExtents(parts: readonly PlacedPart[], extent: Extent): readonly Extent[] | null {
  const found: Extent[] = [];
  let at = extent.offset;
  const end = extent.offset + extent.byteLength;
  for (let i = partAt(parts, at); at < end; i += 1) {
    const part = parts[i];
    if (part === undefined || part.from === null) return null;
    const length = Math.min(end, part.end) - at;
    found.push({ source: 0, offset: part.from + at - part.start, byteLength: length });
    at += length;
  }
  return found;
}

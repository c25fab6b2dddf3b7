import type { Frame, FramedLayer, LengthPlace, Run } from '../model/frame.ts';
import type { Layer } from '../model/layer.ts';
import type { Model } from '../model/model.ts';
import { extentsIn } from '../model/sharedBytes.ts';
import type { WrittenAs } from '../model/writtenAs.ts';
import { varint, varintSize } from './varint.ts';

/**
 * The bytes of a model's files with new weights, part by part: what is carried as it is, where the elements of coded
 * layers stand, and lengths that changed. Offsets and sizes are bytes.
 */
export interface Layout {
  readonly files: readonly OutputFile[];
}

export interface OutputFile {
  readonly name: string;
  readonly bytes: number;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'copy'; readonly source: number; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'literal'; readonly bytes: number; readonly value: Uint8Array }
  | WeightsPart;

/**
 * Elements first .. first + count - 1 in C order, or of a sparse tensor so many of its values; `layer` is the place in
 * the list of coded layers.
 */
export interface WeightsPart {
  readonly kind: 'weights';
  readonly layer: number;
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  readonly written: WrittenAs;
}

/** What takes the place of `instead` bytes of a source. */
interface Patch {
  readonly source: number;
  readonly offset: number;
  readonly instead: number;
  readonly part: Part;
}

/** A layer that gets new weights: its runs with what they take then, and the lengths around each. */
export type Placed = Pick<FramedLayer, 'runs' | 'around'>;

/** The files of a model with new weights in so many of its layers. */
export function layoutIn({ files }: Pick<Frame, 'files'>, layers: readonly Placed[]): Layout {
  const around = layers.flatMap((layer) =>
    layer.runs.flatMap((run, i) =>
      run.bytes > run.extent.byteLength ? [[run, layer.around[i]!] as const] : [],
    ),
  );
  return layoutOf(
    files,
    layers.map(({ runs }) => runs),
    new Map(around),
  );
}

/**
 * Where the weights of layers, given as the runs of each, stand among the other bytes. `around` has for each run that
 * grows the lengths around it, the outermost first.
 */
function layoutOf(
  files: Model['files'],
  layers: readonly (readonly Run[])[],
  around: ReadonlyMap<Run, readonly LengthPlace[]>,
): Layout {
  const patches = layers.flatMap((runs, layer) =>
    runs.map(({ extent, first, count, bytes, written }): Patch => ({
      source: extent.source,
      offset: extent.offset,
      instead: extent.byteLength,
      part: { kind: 'weights', layer, first, count, bytes, written },
    })),
  );
  patches.push(...grownLengths(around));
  patches.sort((a, b) => a.source - b.source || a.offset - b.offset);
  let next = 0;
  return {
    files: files.map(({ name, bytes }, source) => {
      const parts: Part[] = [];
      let at = 0;
      const copyTo = (end: number): void => {
        if (end > at) parts.push({ kind: 'copy', source, offset: at, bytes: end - at });
        at = end;
      };
      for (; patches[next]?.source === source; next += 1) {
        const { offset, instead, part } = patches[next]!;
        copyTo(offset);
        parts.push(part);
        at += instead;
      }
      copyTo(bytes);
      return { name, bytes: parts.reduce((sum, part) => sum + part.bytes, 0), parts };
    }),
  };
}

/** The lengths around runs that grow, in the model's own file; each keeps its size where its new value fits in. */
function grownLengths(around: ReadonlyMap<Run, readonly LengthPlace[]>): readonly Patch[] {
  const lengths = new Map<number, { place: LengthPlace; parent: number | null; grows: number }>();
  for (const [{ bytes, extent }, places] of around) {
    for (const [depth, place] of places.entries())
      if (!lengths.has(place.offset))
        lengths.set(place.offset, { place, parent: places[depth - 1]?.offset ?? null, grows: 0 });
    const inner = lengths.get(places.at(-1)?.offset ?? -1);
    if (inner !== undefined) inner.grows += bytes - extent.byteLength;
  }
  // What is around another begins before it.
  const inward = [...lengths.values()].toSorted((a, b) => b.place.offset - a.place.offset);
  return inward.map(({ place, parent, grows }): Patch => {
    const now = place.value + grows;
    const size = Math.max(place.size, varintSize(now));
    if (parent !== null) lengths.get(parent)!.grows += grows + size - place.size;
    const part: Part = { kind: 'literal', bytes: size, value: varint(now, size) };
    return { source: 0, offset: place.offset, instead: place.size, part };
  });
}

/** The layers that can be coded, and of the others why they are carried as they are. */
export function codable(layers: readonly Layer[]): {
  readonly layers: readonly Layer[];
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  const chosen = layers.filter(({ weight, name, carried, follows }) => {
    if (extentsIn(weight).length === 0 && weight.data.kind !== 'inline') return false;
    if (carried === undefined && weight.data.kind !== 'coded') return true;
    notes.push(
      follows === undefined
        ? `${name} is carried as it is: ${carried ?? 'it is coded already'}`
        : `${name} has no rule of its own: ${carried ?? 'it follows another layer'}`,
    );
    return false;
  });
  return { layers: chosen, notes };
}

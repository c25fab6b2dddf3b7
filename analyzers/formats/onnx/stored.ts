/** A run of bytes in the model's own file. */
export interface Run {
  readonly offset: number;
  byteLength: number;
}

/** Where the elements of one repeated field lie. */
export interface Runs {
  /** Payloads of packed runs. */
  readonly packed: Run[];
  /** Elements with their tags; neighbours are one run. */
  readonly tagged: Run[];
  taggedElements: number;
  /** Bytes of each tag; 0 when they differ. */
  tagBytes: number;
}

export const noRuns = (): Runs => ({ packed: [], tagged: [], taggedElements: 0, tagBytes: 0 });

/** Takes in one element that stands alone: its tag at `offset`, its end at `end`. */
export function addTagged(runs: Runs, offset: number, tagBytes: number, end: number): boolean {
  const last = runs.tagged.at(-1);
  if (runs.taggedElements === 0) runs.tagBytes = tagBytes;
  else if (runs.tagBytes !== tagBytes) runs.tagBytes = 0;
  runs.taggedElements += 1;
  if (last !== undefined && last.offset + last.byteLength === offset) {
    last.byteLength = end - last.offset;
    return false;
  }
  runs.tagged.push({ offset, byteLength: end - offset });
  return true;
}

/** A TensorProto as it stands in the file, its numbers unread. */
export interface StoredTensor {
  readonly kind: 'tensor';
  /** Where the message starts. */
  readonly offset: number;
  name: string;
  /** TensorProto.DataType */
  code: number;
  /** As written: a dimension may be beyond 2^53 or infinite, and there is at most one more than limits.rank. */
  readonly dims: number[];
  raw: Run | null;
  /** The typed fields by field number. */
  typed: ReadonlyMap<number, Runs>;
  isExternal: boolean;
  external: Map<string, string> | null;
  /** What is wrong with the message itself. */
  damage: string | null;
  /** The file ends within it. */
  isCut: boolean;
}

/** Shared by the many tensors whose data is raw. */
const noTyped: ReadonlyMap<number, Runs> = new Map();

export const newTensor = (offset: number): StoredTensor => ({
  kind: 'tensor',
  offset,
  name: '',
  code: 0,
  dims: [],
  raw: null,
  typed: noTyped,
  isExternal: false,
  external: null,
  damage: null,
  isCut: false,
});

/** A SparseTensorProto: values at positions, the rest is zero. */
export interface StoredSparse {
  readonly kind: 'sparse';
  readonly offset: number;
  values: StoredTensor | null;
  indices: StoredTensor | null;
  readonly dims: number[];
  damage: string | null;
  isCut: boolean;
}

export type Stored = StoredTensor | StoredSparse;

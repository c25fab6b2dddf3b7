import { EndOfFile } from '../../bytes/cursor.ts';
import { limits } from '../../bytes/limits.ts';
import { addTagged, newTensor, noRuns, type Runs, type StoredSparse, type StoredTensor } from './stored.ts';
import {
  Damaged,
  countMessage,
  headBytes,
  readHead,
  readText,
  readVarint,
  readWhole,
  skip,
  type Walk,
} from './wire.ts';

/** Wire type of one element of each typed field: float_data, int32_data, int64_data, double_data, uint64_data. */
const typedFields: ReadonlyMap<number, 0 | 1 | 5> = new Map([
  [4, 5],
  [5, 0],
  [7, 0],
  [10, 1],
  [11, 0],
]);

/**
 * Records the TensorProto between here and `end`. Payloads are stepped over by their length;
 * only elements that are not packed are passed one by one. What contradicts itself inside the message
 * makes this tensor damaged, and the walk goes on behind it; where the file ends within it, it is marked as cut.
 */
export function walkTensor(walk: Walk, end: number): Promise<StoredTensor> {
  return guarded(walk, end, newTensor(walk.start), tensorField);
}

/** Records the SparseTensorProto between here and `end`. */
export function walkSparse(walk: Walk, end: number): Promise<StoredSparse> {
  const sparse: StoredSparse = {
    kind: 'sparse',
    offset: walk.start,
    values: null,
    indices: null,
    dims: [],
    damage: null,
    isCut: false,
  };
  return guarded(walk, end, sparse, sparseField);
}

async function sparseField(walk: Walk, sparse: StoredSparse, end: number): Promise<void> {
  const { field } = walk;
  if (walk.wire === 2 && (field === 1 || field === 2)) {
    countMessage(walk);
    const inner = await walkTensor(walk, walk.cursor.at + walk.length);
    if (field === 1) sparse.values = inner;
    else sparse.indices = inner;
    if (inner.isCut) throw new EndOfFile();
  } else if (field === 3) await readDims(walk, sparse.dims, end);
  else skip(walk, end);
}

/** Takes the fields up to `end` into a record, which is damaged from where they contradict themselves. */
async function guarded<T extends StoredTensor | StoredSparse>(
  walk: Walk,
  end: number,
  into: T,
  field: (walk: Walk, into: T, end: number) => void | Promise<void>,
): Promise<T> {
  const { cursor } = walk;
  try {
    while (cursor.at < end) {
      if (cursor.short(headBytes)) await cursor.fill();
      if (!readHead(walk, end) && into.kind === 'tensor') throw new EndOfFile();
      const done = field(walk, into, end);
      if (done !== undefined) await done;
    }
  } catch (error) {
    if (error instanceof Damaged) {
      into.damage = error.message;
      cursor.at = end;
    } else if (error instanceof EndOfFile) into.isCut = true;
    else throw error;
  }
  return into;
}

function tensorField(walk: Walk, tensor: StoredTensor, end: number): void | Promise<void> {
  const { field, wire, cursor, length } = walk;
  const element = typedFields.get(field);
  if (element !== undefined) return typedField(walk, tensor, element, end);
  if (field === 1) return readDims(walk, tensor.dims, end);
  if (field === 2 && wire === 0) tensor.code = readVarint(walk, end);
  else if (field === 8 && wire === 2) return readName(walk, tensor);
  else if (field === 9 && wire === 2) {
    tensor.raw = { offset: cursor.at, byteLength: length };
    cursor.at += length;
  } else if (field === 13 && wire === 2) return readEntry(walk, tensor);
  else if (field === 14 && wire === 0) tensor.isExternal = readVarint(walk, end) === 1;
  else skip(walk, end);
  return undefined;
}

async function readName(walk: Walk, tensor: StoredTensor): Promise<void> {
  tensor.name = await readText(walk, limits.name);
}

function typedField(walk: Walk, tensor: StoredTensor, element: 0 | 1 | 5, end: number): void {
  const { field, wire, cursor, length, start } = walk;
  if (wire !== 2 && wire !== element) {
    skip(walk, end);
    return;
  }
  let runs = tensor.typed.get(field);
  if (runs === undefined) {
    runs = noRuns();
    tensor.typed = new Map([...tensor.typed, [field, runs]]);
  }
  recordRun(walk, runs, end, start, cursor.at, length);
}

/** Takes the field whose head was read into `runs` and steps over it. */
export function recordRun(
  walk: Walk,
  runs: Runs,
  end: number,
  start: number,
  at: number,
  length: number,
): void {
  if (walk.wire === 2) {
    if (length > 0) {
      countMessage(walk);
      runs.packed.push({ offset: at, byteLength: length });
    }
    walk.cursor.at = at + length;
    return;
  }
  skip(walk, end);
  if (addTagged(runs, start, at - start, walk.cursor.at)) countMessage(walk);
}

/** dims, packed or not; no more of them are kept than tell that there are too many. */
async function readDims(walk: Walk, dims: number[], end: number): Promise<void> {
  const { cursor } = walk;
  const keep = (value: number) => {
    if (dims.length <= limits.rank) dims.push(value);
  };
  if (walk.wire === 0) keep(readVarint(walk, end));
  else if (walk.wire === 2) {
    const runEnd = cursor.at + walk.length;
    while (cursor.at < runEnd && dims.length <= limits.rank) {
      if (cursor.short(headBytes)) await cursor.fill();
      keep(readVarint(walk, runEnd));
    }
    cursor.at = runEnd;
  } else skip(walk, end);
}

const externalKeys = new Set(['location', 'offset', 'length']);

/** One entry of external_data; keys that say nothing about the place are passed over. */
async function readEntry(walk: Walk, tensor: StoredTensor): Promise<void> {
  const { cursor } = walk;
  const end = cursor.at + walk.length;
  countMessage(walk);
  let key = '';
  let value = '';
  while (cursor.at < end) {
    if (cursor.short(headBytes)) await cursor.fill();
    readWhole(walk, end);
    if (walk.wire === 2 && walk.field === 1) key = await readText(walk, limits.name);
    else if (walk.wire === 2 && walk.field === 2) value = await readText(walk, limits.name);
    else skip(walk, end);
  }
  if (!externalKeys.has(key)) return;
  tensor.external ??= new Map();
  tensor.external.set(key, value);
}

import { limits } from '../../bytes/limits.ts';
import { paddedTo8 } from '../../model/codedElements.ts';
import { dtypeBits, type DType } from '../../model/dtype.ts';
import { elementsOf } from '../../model/tensor.ts';
import { backToBack, entriesOf, entryBytes, longestVarint, type WrittenAs } from '../../model/writtenAs.ts';
import type { SlimFile, SlimHeader, SlimLayer, SlimPart, SlimStream } from './header.ts';
import {
  BadHeader,
  bool,
  checksum,
  has,
  key,
  list,
  oneOf,
  positive,
  text,
  whole,
  type Value,
} from './jsonValues.ts';

type Coded = SlimLayer['coded'];
const exact = Number.MAX_SAFE_INTEGER;
const kinds = [
  'codebook',
  'code-table',
  'run-table',
  'codes',
  'values',
  'runs',
  'escapes',
  'lossless',
  'raw',
] as const;
const grids = ['uniform-symmetric', 'uniform-asymmetric', 'fp8-e4m3', 'fp8-e5m2'] as const;

/**
 * A header from its text, every number in it checked: streams follow one another without gaps, parts fill their
 * files, and what the decoder allocates is within limits. Throws BadHeader, or SyntaxError when it is no JSON.
 */
export function parseHeader(json: string): SlimHeader {
  const root: Value = { at: 'header', value: JSON.parse(json) };
  const model = key(root, 'model');
  let end = 0;
  const place = (of: Value, bytes: number): SlimStream => {
    const offset = end;
    end = whole({ at: of.at, value: offset + paddedTo8(bytes) }, offset, exact);
    return { offset, bytes, crc: checksum(of) };
  };
  const skeletonAt = key(root, 'skeleton');
  const skeleton = place(key(skeletonAt, 'crc'), whole(key(skeletonAt, 'bytes'), 0, exact));
  const layers = list(key(root, 'layers'), limits.tensors).map((at) => layerOf(at, place));
  const files = list(key(root, 'files'), limits.externalFiles + 1).map((at) => fileOf(at));
  checkParts(files, layers, skeleton);
  return {
    tool: text(key(root, 'tool')),
    model: { name: text(key(model, 'name')), format: text(key(model, 'format')) },
    files,
    skeleton,
    layers,
  };
}

function layerOf(at: Value, place: (of: Value, bytes: number) => SlimStream): SlimLayer {
  const dtype = oneOf(key(at, 'dtype'), Object.keys(dtypeBits) as DType[]);
  const shape = list(key(at, 'shape'), limits.rank).map((size) => whole(size, 0, exact));
  const weights = whole({ at: `${at.at}.shape`, value: elementsOf(shape) }, 1, limits.elements);
  const streamsAt = list(key(at, 'streams'), limits.slimStreams).map((stream) => list(stream, 3));
  const coded = codedOf(key(at, 'coded'), weights, dtype, streamsAt);
  return {
    name: text(key(at, 'name')),
    tensor: text(key(at, 'tensor')),
    dtype,
    shape,
    done: text(key(at, 'done')),
    checksum: checksum(key(at, 'checksum')),
    coded,
    streams: coded.streams.map(({ bits }, i) => place(item(streamsAt[i]!, 2, at), Math.ceil(bits / 8))),
  };
}

/** A stream is its kind, its bits and its checksum. */
function item(stream: readonly Value[], place: number, { at }: Value): Value {
  const found = stream[place];
  if (found === undefined) throw new BadHeader(`${at}.streams has one that is not told whole`);
  return found;
}

function codedOf(at: Value, weights: number, dtype: DType, streamsAt: readonly (readonly Value[])[]): Coded {
  const elementBits = dtypeBits[dtype];
  const form = oneOf(key(at, 'form'), ['relative', 'dense', 'lossless', 'raw']);
  const relative = form === 'relative';
  const zero = has(at, 'zero') ? list(key(at, 'zero'), 2).map((word) => whole(word, 0, 2 ** 32 - 1)) : [];
  const streams = streamsAt.map((stream) => ({
    kind: oneOf(item(stream, 0, at), kinds),
    bits: whole(item(stream, 1, at), 0, exact),
  }));
  const bitsOf = (kind: string): number =>
    streams.filter((stream) => stream.kind === kind).reduce((sum, { bits }) => sum + bits, 0);
  // Each symbol and each code takes a bit at least: so the counts are bounded by the file.
  const share = !has(at, 'share') ? null : shareOf(key(at, 'share'), weights, dtype, bitsOf);
  const entryBits = share === null ? bitsOf('values') / elementBits : bitsOf('codes');
  const coded: Coded = {
    form,
    runs: relative ? oneOf(key(at, 'runs'), ['escape', 'padding'] as const) : null,
    weights,
    elementBits,
    zero: [zero[0] ?? 0, zero[1] ?? 0],
    share,
    indexBits: relative ? whole(key(at, 'indexBits'), 1, limits.slimSymbolBits) : null,
    entries: orZero(at, 'entries', relative || form === 'dense' ? entryBits : weights),
    runSymbols: orZero(at, 'runSymbols', relative ? bitsOf('runs') : weights),
    runCodes: orZero(at, 'runCodes', relative ? bitsOf('run-table') : 0),
    streams,
  };
  const wanted = kindsOf(coded, elementBits);
  if (wanted.join() !== streams.map(({ kind }) => kind).join())
    throw new BadHeader(`${at.at} has other streams than its form needs (${wanted.join(', ')})`);
  if (form === 'raw' && streams[0]?.bits !== weights * elementBits)
    throw new BadHeader(`${at.at} has another number of bits than its shape needs`);
  if (form === 'dense' && coded.entries !== weights)
    throw new BadHeader(`${at.at} has another number of codes than its shape needs`);
  // Zeros take no bytes in these forms, so the file's size does not bound how many there are.
  if (form !== 'raw' && form !== 'dense' && weights > limits.sparseElements)
    throw new BadHeader(`${at.at} has more than ${limits.sparseElements.toString()} elements`);
  return coded;
}

/** A count that is left out is 0. */
const orZero = (at: Value, name: string, most: number): number =>
  has(at, name) ? whole(key(at, name), 0, most) : 0;

function shareOf(at: Value, weights: number, dtype: DType, bitsOf: (kind: string) => number): Coded['share'] {
  const bits = whole(key(at, 'bits'), 1, limits.slimSymbolBits);
  const book = bitsOf('codebook');
  const grid = !has(at, 'grid') ? null : gridOf(key(at, 'grid'), bits, dtype);
  const perGrid = grid === null ? 0 : gridBits(grid, bits);
  // A scale at least, or a head.
  const most = Math.floor(book / (grid === null ? bits + 1 : perGrid));
  const groups = has(at, 'groups') ? groupsOf(key(at, 'groups'), weights, most) : null;
  if (grid !== null && book !== (groups?.count ?? 1) * perGrid)
    throw new BadHeader(`${at.at}.grid has another number of scales than its groups need`);
  return {
    bits,
    k: orZero(at, 'k', grid === null ? Math.min(2 ** bits, book / dtypeBits[dtype]) : grid.levels),
    groups,
    grid,
    zeroReserved: bool(key(at, 'zeroReserved')),
    codes: orZero(at, 'codes', bitsOf('code-table')),
  };
}

type Grid = NonNullable<NonNullable<Coded['share']>['grid']>;

/** Bits of the scale and zero point of one group. */
const gridBits = ({ method, type }: Grid, bits: number): number =>
  (type === 'f64' ? 64 : 32) + (method === 'uniform-asymmetric' ? bits : 0);

/** What a grid's centroids are rebuilt from. Every level has a code. */
function gridOf(at: Value, bits: number, dtype: DType): Grid {
  const method = oneOf(key(at, 'method'), grids);
  const scaleAt = key(at, 'scale');
  const scaled = scaleAt.value !== null;
  const step = (name: string): number =>
    scaled ? whole(key(at, name), -exact, exact) : whole(key(at, name), 0, 0);
  return {
    method,
    levels: method.startsWith('fp8') ? eightBitLevels(at, method) : whole(key(at, 'levels'), 2, 2 ** bits),
    type: oneOf(key(at, 'type'), [dtype]),
    unit: positive(key(at, 'unit')),
    scale: scaled ? positive(scaleAt) : null,
    lowest: step('lowest'),
    highest: step('highest'),
    single: bool(key(at, 'single')),
    zeroPoint: step('zeroPoint'),
  };
}

/** Finite numbers of eight bits, the two zeros as one. */
function eightBitLevels(at: Value, method: Grid['method']): number {
  const levels = method === 'fp8-e4m3' ? 253 : 247;
  return whole(key(at, 'levels'), levels, levels);
}

/** Each group has something in the codebook, so there are no more than the file bounds; and every element is in one. */
function groupsOf(at: Value, weights: number, bound: number): NonNullable<Coded['share']>['groups'] {
  const most = Math.min(limits.shareGroups, bound);
  const by = oneOf(key(at, 'by'), ['rows', 'columns', 'pes']);
  const size = whole(key(at, 'size'), 1, limits.bands);
  const count = whole(key(at, 'count'), 1, most);
  const dims = list(key(at, 'dims'), limits.rank).map((dim) => whole(dim, 1, weights));
  const steps = list(key(at, 'steps'), limits.rank).map((step) => whole(step, 0, limits.bands));
  const last = dims.reduce((line, dim, axis) => line + (dim - 1) * (steps[axis] ?? 0), 0);
  if (dims.length === 0 || steps.length !== dims.length || elementsOf(dims) !== weights)
    throw new BadHeader(`${at.at} does not cover the elements of its layer`);
  if (count !== (by === 'pes' ? Math.min(size, last + 1) : Math.floor(last / size) + 1))
    throw new BadHeader(`${at.at}.count is not what its rows come to`);
  return { by, size, count, dims, steps };
}

/** The streams of a form in their order. */
function kindsOf({ form, share }: Coded, elementBits: number): readonly string[] {
  if (form === 'raw') return ['raw'];
  if (form === 'lossless') return Array.from({ length: Math.max(1, elementBits / 8) + 1 }, () => 'lossless');
  const values = share === null ? ['values'] : ['codebook', 'code-table', 'codes'];
  return form === 'dense' ? values : [...values, 'run-table', 'runs'];
}

function fileOf(at: Value): SlimFile {
  const bytes = whole(key(at, 'bytes'), 0, exact);
  const parts = list(key(at, 'parts'), limits.slimParts).map((part): SlimPart => {
    if (has(part, 'copy')) return { copy: whole(key(part, 'copy'), 1, bytes) };
    return {
      layer: whole(key(part, 'layer'), 0, limits.tensors),
      first: whole(key(part, 'first'), 0, limits.elements),
      count: whole(key(part, 'count'), 1, limits.elements),
      bytes: whole(key(part, 'bytes'), 1, bytes),
      written: has(part, 'written') ? writtenOf(key(part, 'written'), bytes) : backToBack,
    };
  });
  return { name: text(key(at, 'name')), bytes, parts };
}

function writtenOf(at: Value, bytes: number): WrittenAs {
  const tag = text(key(at, 'tag'), 2 * longestVarint);
  if (!/^(?:[0-9a-f]{2})*$/.test(tag)) throw new BadHeader(`${at.at}.tag is no run of hexadecimal bytes`);
  return {
    numbers: oneOf(key(at, 'numbers'), ['raw', 'varint'] as const),
    tag: Uint8Array.from(tag.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
    pad: whole(key(at, 'pad'), 0, bytes),
    sparse: bool(key(at, 'sparse')),
  };
}

/** Parts fill their files, use up the skeleton, and give each layer once from its first element to its last. */
function checkParts(
  files: readonly SlimFile[],
  layers: readonly SlimLayer[],
  skeleton: SlimStream,
): asserts files is readonly [SlimFile, ...SlimFile[]] {
  if (files.length === 0) throw new BadHeader('header.files is empty');
  const names = new Set<string>();
  const next = layers.map(() => 0);
  const sparse: (boolean | undefined)[] = layers.map(() => undefined);
  let copied = 0;
  for (const [i, { name, bytes, parts }] of files.entries()) {
    const at = `header.files[${i.toString()}]`;
    if (names.has(name)) throw new BadHeader(`${at} has the name of another file`);
    names.add(name);
    let size = 0;
    for (const part of parts) {
      if ('copy' in part) {
        copied += part.copy;
        size += part.copy;
        continue;
      }
      const layer = layers[part.layer];
      if (
        layer === undefined ||
        part.first !== next[part.layer] ||
        part.first + part.count > layer.coded.weights ||
        part.written.sparse !== (sparse[part.layer] ?? part.written.sparse)
      )
        throw new BadHeader(`${at} has weights that its layers do not give`);
      checkSize(part, layer, at);
      sparse[part.layer] = part.written.sparse;
      next[part.layer] = part.first + part.count;
      size += part.bytes;
    }
    if (size !== bytes) throw new BadHeader(`${at}.bytes is not what its parts come to`);
  }
  if (copied !== skeleton.bytes) throw new BadHeader('header.skeleton is not what the files copy');
  // Of a sparse tensor the model has the positions, and with them how many values there are.
  if (layers.some(({ coded }, i) => (sparse[i] === true ? next[i] === 0 : coded.weights !== next[i])))
    throw new BadHeader('header.files lacks weights of a layer');
}

/** A part has as many bytes as its elements can take, and begins at a byte. */
function checkSize(
  { first, count, bytes, written }: Exclude<SlimPart, { readonly copy: number }>,
  { dtype }: SlimLayer,
  at: string,
): void {
  const bits = dtypeBits[dtype];
  const { least, most } = entryBytes(written, dtype, entriesOf(dtype, count));
  if (bytes < least || bytes > most || (first * bits) % 8 !== 0 || (written.sparse && bits < 8))
    throw new BadHeader(`${at} has weights of another size than their type has`);
}

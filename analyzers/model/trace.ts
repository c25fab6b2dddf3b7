import type { Call } from './shapes/call.ts';
import { int, ints, sureNumbers } from './shapes/call.ts';
import { axisOf, isWhole } from './shapes/known.ts';
import type { Known } from './shapes/known.ts';
import { cutsOf, splitSizes } from './shapes/slicing.ts';
import { operatorKey } from './shapes/table.ts';
import { cut, picked, reshaped, storedAxis, transposed, wholeExtent } from './layout.ts';
import type { Layout } from './layout.ts';
import { elementsOf, type Tensor } from './tensor.ts';
import type { Piece, Steps, Value } from './value.ts';

/** Parts of a concatenation that are followed; more are hardly one weight. */
const maxPieces = 64;

export type Pieces = readonly Piece[];

export interface Traced extends Call {
  readonly inputs: readonly (Value | null)[];
}

type Follow = (call: Traced, outputs: readonly Known[]) => readonly (Pieces | null)[];

/**
 * What the outputs of an operator are made of, when it only rearranges its first input (or, for Concat, all of them).
 * Operators that compute give null.
 */
export function follow(call: Traced, outputs: readonly Known[]): readonly (Pieces | null)[] {
  const rule = rules[operatorKey(call.node)];
  if (rule === undefined || !call.inputs.some((input) => input?.pieces)) return [];
  return rule(call, outputs);
}

const piecesOf = (call: Traced, input: number): Pieces | null => call.inputs[input]?.pieces ?? null;

/** Applies a change of layout to every piece; null when one of them refuses. */
function each(pieces: Pieces | null, change: (piece: Piece) => Layout | null): Pieces | null {
  if (pieces === null) return null;
  const changed: Piece[] = [];
  for (const piece of pieces) {
    const layout = change(piece);
    if (layout === null) return null;
    changed.push({ ...piece, layout });
  }
  return changed;
}

const same: Follow = (call) => [piecesOf(call, 0)];

/** Reshape, Flatten, Squeeze, Unsqueeze: the shape inference has said what comes out. */
const reshape: Follow = (call, outputs) => {
  const pieces = piecesOf(call, 0);
  const shape = outputs[0]?.shape ?? null;
  if (pieces === null || !isWhole(shape)) return [null];
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return [each(pieces, () => reshaped(only.layout, shape))];
  // Parts of a concatenation differ along one axis: axes of one element may come and go, nothing else.
  const whole = call.inputs[0]?.shape ?? [];
  const wide = whole.filter((extent) => extent !== 1);
  if (wide.length !== shape.filter((extent) => extent !== 1).length) return [null];
  return [
    each(pieces, ({ layout }) => {
      const its = whole.flatMap((extent, axis) => (extent === 1 ? [] : [layout.shape[axis]!]));
      let next = 0;
      return reshaped(
        layout,
        shape.map((extent) => (extent === 1 ? 1 : its[next++]!)),
      );
    }),
  ];
};

const transpose: Follow = (call) => [
  each(piecesOf(call, 0), ({ layout }) =>
    transposed(layout, ints(call, 'perm') ?? layout.axes.map((_, i) => layout.axes.length - 1 - i)),
  ),
];

const slice: Follow = (call) => {
  const pieces = piecesOf(call, 0);
  const cuts = cutsOf(call);
  if (pieces?.length !== 1 || cuts === null) return [null];
  let layout: Layout | null = pieces[0]!.layout;
  for (const one of cuts) {
    if (one.count === null || one.axis < 0 || one.step !== 1 || one.count === 0) return [null];
    layout = cut(layout, one.axis, one.start, one.count);
  }
  return [each(pieces, () => layout)];
};

const split: Follow = (call) => {
  const pieces = piecesOf(call, 0);
  const parts = splitSizes(call);
  if (pieces?.length !== 1 || parts === null || !isWhole(parts.sizes)) return [];
  let start = 0;
  return parts.sizes.map((count) => {
    const at = start;
    start += count;
    return each(pieces, ({ layout }) => cut(layout, parts.axis, at, count));
  });
};

/** One place of an axis, or neighbouring ones in whatever order: rows and columns are told as they are stored. */
const gather: Follow = (call) => {
  const pieces = piecesOf(call, 0);
  const indices = sureNumbers(call, 1);
  const rank = call.inputs[1]?.shape?.length ?? null;
  if (pieces?.length !== 1 || indices === null || rank === null || rank > 1) return [null];
  return [
    each(pieces, ({ layout }) => {
      const axis = axisOf(int(call, 'axis') ?? 0, layout.axes.length);
      if (axis === null || indices.length === 0) return null;
      if (rank === 0) return picked(layout, axis);
      const extent = layout.shape[axis]!;
      const places = indices.map((i) => (i < 0 ? i + extent : i)).toSorted((a, b) => a - b);
      if (places.some((place, i) => place !== places[0]! + i)) return null;
      return cut(layout, axis, places[0]!, places.length);
    }),
  ];
};

const concat: Follow = (call) => {
  const all: Piece[] = [];
  for (const input of call.inputs) {
    if (!input?.pieces) return [null];
    all.push(...input.pieces);
  }
  const rank = all[0]?.layout.axes.length ?? 0;
  const axis = axisOf(int(call, 'axis') ?? 1, rank);
  if (axis === null || all.length > maxPieces || all.some(({ layout }) => layout.axes.length !== rank))
    return [null];
  return [joined(all, axis) ?? all];
};

const alike = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

/** Cuts of one tensor that together are the whole of it, in whatever order: the tensor as it is stored. */
function joined(pieces: Pieces, axis: number): Pieces | null {
  const [first] = pieces;
  if (first === undefined) return null;
  const { layout } = first;
  for (const piece of pieces) {
    const its = piece.layout;
    if (piece.tensor !== first.tensor || piece.steps !== first.steps || !alike(its.factors, layout.factors))
      return null;
    if (its.axes.length !== layout.axes.length || !its.axes.every((list, i) => alike(list, layout.axes[i]!)))
      return null;
    if (!its.shape.every((e, i) => i === axis || (e === layout.shape[i] && its.from[i] === layout.from[i])))
      return null;
  }
  const sorted = pieces.map((piece) => piece.layout).toSorted((a, b) => a.from[axis]! - b.from[axis]!);
  let end = 0;
  for (const part of sorted) {
    if (part.from[axis] !== end) return null;
    end += part.shape[axis]!;
  }
  if (end !== wholeExtent(layout, axis)) return null;
  return [
    {
      ...first,
      layout: {
        ...layout,
        shape: layout.shape.map((e, i) => (i === axis ? end : e)),
        from: layout.from.map((f, i) => (i === axis ? 0 : f)),
      },
    },
  ];
}

/** A value that is one stored tensor, whole. */
export function storedTensor(value: Value | null | undefined): Tensor | null {
  const [piece] = value?.pieces ?? [];
  if (piece === undefined || value?.pieces?.length !== 1) return null;
  return elementsOf(piece.layout.shape) === elementsOf(piece.tensor.shape) ? piece.tensor : null;
}

/** The axis of the stored tensor that a scale of several elements runs along. */
function stepsAlong(
  piece: Piece,
  scale: Tensor | null,
  zeroPoint: Tensor | null,
  axis: number,
  blocked: boolean,
): Steps {
  const count = Math.max(elementsOf(scale?.shape ?? []), elementsOf(zeroPoint?.shape ?? []));
  if (blocked) return { scale, zeroPoint, axis: null, refusal: 'its scales belong to blocks along an axis' };
  if (count <= 1) return { scale, zeroPoint, axis: null, refusal: null };
  const at = storedAxis(piece.layout, axis, piece.tensor.shape);
  const fits = at !== null && piece.tensor.shape[at] === count;
  return {
    scale,
    zeroPoint,
    axis: fits ? at : null,
    refusal: fits ? null : 'its scales do not run along an axis of the stored tensor',
  };
}

/** Scale and zero point from inputs of an operator that reads `piece`, along `axis` of it. */
export function stepsFrom(
  piece: Piece,
  scale: Value | null | undefined,
  zeroPoint: Value | null | undefined,
  axis: number,
): Steps {
  const tensors = [storedTensor(scale), storedTensor(zeroPoint)] as const;
  const lost = (scale && tensors[0] === null) === true || (zeroPoint && tensors[1] === null) === true;
  const steps = stepsAlong(piece, ...tensors, axis, false);
  return lost ? { ...steps, refusal: 'its scale or zero point is computed in the graph' } : steps;
}

const dequantise: Follow = (call) => {
  const pieces = piecesOf(call, 0);
  if (pieces === null) return [null];
  const blocked = (int(call, 'block_size') ?? 0) > 0;
  return [
    pieces.map((piece) => {
      if (piece.quantised) return { ...piece, quantised: false };
      const axis = axisOf(int(call, 'axis') ?? 1, piece.layout.axes.length) ?? 0;
      const steps = stepsFrom(piece, call.inputs[1], call.inputs[2], axis);
      return {
        ...piece,
        steps: blocked ? { ...steps, refusal: 'its scales belong to blocks along an axis' } : steps,
      };
    }),
  ];
};

const quantise: Follow = (call) => [
  piecesOf(call, 0)?.map((piece) => ({ ...piece, quantised: piece.steps === null })) ?? null,
];

const rules: Readonly<Record<string, Follow>> = {
  Identity: same,
  Dropout: same,
  Cast: same,
  CastLike: same,
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Gather: gather,
  Concat: concat,
  DequantizeLinear: dequantise,
  QuantizeLinear: quantise,
  'com.microsoft.DequantizeLinear': dequantise,
  'com.microsoft.QuantizeLinear': quantise,
};

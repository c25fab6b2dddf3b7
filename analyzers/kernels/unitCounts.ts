import { forEachRun, type AxisMap } from './axes.ts';

type Values = Float32Array | Float64Array;

/** What is asked of a layer whose column is channel * positions + kernel position, or, where depthwise, whose channel is its row. */
export interface UnitQuery {
  readonly channels: number;
  readonly positions: number;
  readonly depthwise: boolean;
  /** A row of row % hidden does not count for the channel that it is itself. Null: no such rows. */
  readonly hidden: number | null;
  /** [channels] What a channel always is, NaN where it changes. Null: all change. */
  readonly constants: Float64Array | null;
  /** [rows] 1: the row goes, and reads nothing any more. Null: none goes. */
  readonly removed: Uint8Array | null;
  /** [channels] Constants, NaN elsewhere, whose products are wanted by kernel position. */
  readonly edges: Float64Array | null;
  /** [channels] How far a channel may move. Null: not asked. */
  readonly moves: Float64Array | null;
}

/** Non-zero weights of a layer, NaN and infinities included, by row and by input channel. */
export interface UnitCounts {
  /** [rows] All of them; and those on channels that are not constant. */
  readonly rowWeights: Uint32Array;
  readonly rowKept: Uint32Array;
  /** [channels] All of them; and those in rows that do not go. */
  readonly channelWeights: Uint32Array;
  readonly channelKept: Uint32Array;
  /** [rows] Sum of weight * constant; null when there are no constants. */
  readonly folded: Float64Array | null;
  /** [rows, positions] The same of `edges`, by kernel position. */
  readonly edges: Float64Array | null;
  /** [rows] Sum of |weight| * move: how far an output may move. */
  readonly moved: Float64Array | null;
}

export const emptyUnitCounts = (rows: number, query: UnitQuery): UnitCounts => ({
  rowWeights: new Uint32Array(rows),
  rowKept: new Uint32Array(rows),
  channelWeights: new Uint32Array(query.channels),
  channelKept: new Uint32Array(query.channels),
  folded: query.constants === null ? null : new Float64Array(rows),
  edges: query.edges === null ? null : new Float64Array(rows * query.positions),
  moved: query.moves === null ? null : new Float64Array(rows),
});

/** Takes in the elements first .. first + values.length - 1 of the layer that `map` describes. */
export function addUnitCounts(
  into: UnitCounts,
  map: AxisMap,
  { positions, depthwise, hidden, constants, removed, edges, moves }: UnitQuery,
  values: Values,
  first: number,
): void {
  const { rowWeights, rowKept, channelWeights, channelKept, folded } = into;
  forEachRun(map, first, values.length, (start, length, row, col, rowStep, colStep) => {
    for (let i = 0; i < length; i += 1) {
      const weight = values[start + i]!;
      if (weight === 0) continue;
      const r = row + i * rowStep;
      const c = col + i * colStep;
      const channel = depthwise ? r : Math.floor(c / positions);
      rowWeights[r] = rowWeights[r]! + 1;
      channelWeights[channel] = channelWeights[channel]! + 1;
      if ((removed === null || removed[r] === 0) && (hidden === null || r % hidden !== channel))
        channelKept[channel] = channelKept[channel]! + 1;
      const constant = constants === null ? Number.NaN : constants[channel]!;
      if (Number.isNaN(constant)) rowKept[r] = rowKept[r]! + 1;
      else folded![r] = folded![r]! + weight * constant;
      if (moves !== null && moves[channel] !== 0)
        into.moved![r] = into.moved![r]! + Math.abs(weight) * moves[channel]!;
      if (edges !== null && !Number.isNaN(edges[channel]!)) {
        const at = r * positions + (c % positions);
        into.edges![at] = into.edges![at]! + weight * edges[channel]!;
      }
    }
  });
}

type Run = readonly [first: number, end: number];

/**
 * The largest magnitude, over rows and kinds of output place, of what `edges` ([rows, positions] sums by kernel position)
 * loses where a part of the kernel lies outside of the input. `borders`: by axis, the runs of positions within it.
 */
export function largestBorderLoss(
  edges: Float64Array,
  positions: number,
  borders: readonly (readonly Run[])[],
): number {
  const kernel = borders.map((runs) => runs.reduce((size, [, end]) => Math.max(size, end), 0));
  // No output place sees the last positions: the kernel is wider than what is told of it.
  const known = kernel.reduce((n, size) => n * size, 1) === positions;
  const kinds = known ? combinations(borders) : [];
  let largest = 0;
  for (let row = 0; row * positions < edges.length; row += 1) {
    for (const kind of kinds) {
      let lost = 0;
      for (let position = 0; position < positions; position += 1) {
        let rest = position;
        let within = true;
        for (let axis = kernel.length - 1; axis >= 0; axis -= 1) {
          const at = rest % kernel[axis]!;
          rest = (rest - at) / kernel[axis]!;
          const [first, end] = kind[axis]!;
          within &&= at >= first && at < end;
        }
        if (!within) lost += edges[row * positions + position]!;
      }
      largest = Math.max(largest, Math.abs(lost));
    }
  }
  return known ? largest : Number.NaN;
}

/** One run of each axis, in every way. */
function combinations(borders: readonly (readonly Run[])[]): readonly (readonly Run[])[] {
  let all: readonly (readonly Run[])[] = [[]];
  for (const runs of borders) all = all.flatMap((part) => runs.map((run) => [...part, run]));
  return all;
}

import type { View } from '../../analyzers/model/layer.ts';
import { product } from './naiveProfile.ts';

type Scores = ArrayLike<number>;

const keepable = (score: number): boolean => Number.isFinite(score) && score !== 0;

/** Index along each axis of the element at `flat` in C order. */
export function placesOf(flat: number, shape: readonly number[]): number[] {
  const places: number[] = [];
  let rest = flat;
  for (const size of shape.toReversed()) {
    places.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return places;
}

/** Row and column of an element in a view. */
export function cellOf(flat: number, view: View): [number, number] {
  const places = placesOf(flat, view.shape);
  const along = (axes: readonly number[]): number =>
    axes.reduce((index, axis) => index * view.shape[axis]! + places[axis]!, 0);
  return [along(view.rowAxes), along(view.colAxes)];
}

/** Kept elements of the n largest scores of every m along an axis, from sorting each group. */
export function naiveNmMask(view: View, scores: Scores, n: number, m: number): Set<number> {
  const axis = view.reductionAxis!;
  const whole = Math.floor(view.shape[axis]! / m) * m;
  const groups = new Map<string, number[]>();
  const kept = new Set<number>();
  for (let flat = 0; flat < scores.length; flat += 1) {
    if (!keepable(scores[flat]!)) continue;
    const places = placesOf(flat, view.shape);
    if (places[axis]! >= whole) {
      kept.add(flat);
      continue;
    }
    places[axis] = Math.floor(places[axis]! / m);
    const key = places.join();
    groups.set(key, [...(groups.get(key) ?? []), flat]);
  }
  for (const group of groups.values())
    for (const flat of group
      .toSorted((a, b) => Math.abs(scores[b]!) - Math.abs(scores[a]!) || a - b)
      .slice(0, n))
      kept.add(flat);
  return kept;
}

/** Kept elements of the blocks with the largest mean square, from sorting them. */
export function naiveBlockMask(
  view: View,
  scores: Scores,
  [height, width]: readonly [number, number],
  density: number,
): { kept: Set<number>; blocks: number; keptBlocks: number } {
  const rows = product(view.rowAxes.map((axis) => view.shape[axis]!));
  const cols = product(view.colAxes.map((axis) => view.shape[axis]!));
  const across = Math.ceil(cols / width);
  const blocks = Array.from({ length: Math.ceil(rows / height) * across }, () => ({
    size: 0,
    squares: 0,
    members: [] as number[],
  }));
  for (let flat = 0; flat < scores.length; flat += 1) {
    const [row, col] = cellOf(flat, view);
    const block = blocks[Math.floor(row / height) * across + Math.floor(col / width)]!;
    block.size += 1;
    if (Number.isFinite(scores[flat]!)) block.squares += scores[flat]! ** 2;
    if (keepable(scores[flat]!)) block.members.push(flat);
  }
  const chosen = blocks
    .map((block, at) => ({ ...block, at, mean: block.squares / block.size }))
    .toSorted((a, b) => b.mean - a.mean || a.at - b.at)
    .slice(0, Math.round(density * blocks.length));
  return {
    kept: new Set(chosen.flatMap(({ members }) => members)),
    blocks: blocks.length,
    keptBlocks: chosen.filter(({ members }) => members.length > 0).length,
  };
}

/** Shares of the L1 and the L2 norm that kept elements have, of finite weights. */
export function naiveNorms(
  weights: Scores,
  kept: ReadonlySet<number>,
): { l1: number | null; l2: number | null } {
  let [l1, l2, all1, all2] = [0, 0, 0, 0];
  for (let i = 0; i < weights.length; i += 1) {
    const size = Math.abs(weights[i]!);
    if (!Number.isFinite(size)) continue;
    all1 += size;
    all2 += size * size;
    if (!kept.has(i)) continue;
    l1 += size;
    l2 += size * size;
  }
  return { l1: all1 === 0 ? null : l1 / all1, l2: all2 === 0 ? null : Math.sqrt(l2 / all2) };
}

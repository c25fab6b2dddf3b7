/**
 * How the axes of a rearranged tensor lie over the stored one.
 *
 * `factors` is the stored shape, its axes split or merged where a Reshape asks for it; their C order is the storage order.
 * `axes[i]` lists the factors that axis i of the rearranged tensor runs over, slowest first; [] is an axis of one element.
 */
export interface Layout {
  readonly factors: readonly number[];
  readonly axes: readonly (readonly number[])[];
  /** Extents of the rearranged tensor: a slice has fewer than its factors' product. */
  readonly shape: readonly number[];
  /** First index along each axis: 0 but for slices. */
  readonly from: readonly number[];
  /** Factors along which an index picked one place. */
  readonly fixed: readonly number[];
}

export function storedLayout(shape: readonly number[]): Layout {
  return {
    factors: shape,
    axes: shape.map((_, axis) => [axis]),
    shape,
    from: shape.map(() => 0),
    fixed: [],
  };
}

/** Extent of an axis when nothing is cut off. */
export const wholeExtent = (layout: Layout, axis: number): number =>
  layout.axes[axis]!.reduce((n, factor) => n * layout.factors[factor]!, 1);

const isPart = (layout: Layout, axis: number): boolean => layout.shape[axis]! !== wholeExtent(layout, axis);

export function transposed(layout: Layout, perm: readonly number[]): Layout | null {
  if (perm.length !== layout.axes.length || new Set(perm).size !== perm.length) return null;
  if (perm.some((axis) => layout.axes[axis] === undefined)) return null;
  return {
    ...layout,
    axes: perm.map((axis) => layout.axes[axis]!),
    shape: perm.map((axis) => layout.shape[axis]!),
    from: perm.map((axis) => layout.from[axis]!),
  };
}

/** Takes `count` places from `start` on along an axis. */
export function cut(layout: Layout, axis: number, start: number, count: number): Layout {
  return {
    ...layout,
    shape: layout.shape.map((extent, i) => (i === axis ? count : extent)),
    from: layout.from.map((first, i) => (i === axis ? first + start : first)),
  };
}

/** Takes one place along an axis, which is gone then. */
export function picked(layout: Layout, axis: number): Layout {
  const rest = <T>(list: readonly T[]) => list.filter((_, i) => i !== axis);
  return {
    factors: layout.factors,
    axes: rest(layout.axes),
    shape: rest(layout.shape),
    from: rest(layout.from),
    fixed: [...layout.fixed, ...layout.axes[axis]!],
  };
}

/**
 * The layout seen through a Reshape: extents are regrouped, factors split where an extent ends inside of one.
 * Null when factors would have to be cut at places that no split gives, or a part of an axis would be mixed with others.
 */
export function reshaped(layout: Layout, shape: readonly number[]): Layout | null {
  if (shape.length === layout.shape.length && shape.every((extent, i) => extent === layout.shape[i]))
    return layout;
  if (shape.includes(0) || layout.shape.includes(0)) return null;
  const wide = layout.shape.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  const narrow = layout.shape.flatMap((extent, axis) => (extent === 1 && isPart(layout, axis) ? [axis] : []));
  const regrouping = regroup(
    layout,
    wide,
    shape.filter((extent) => extent !== 1),
  );
  if (regrouping === null) return null;
  // Axes of one element come and go; those cut down to one are places that were picked.
  let next = 0;
  const source = shape.map((extent) => (extent === 1 ? null : regrouping.axes[next++]!));
  const fixed = [...layout.fixed, ...narrow.flatMap((axis) => layout.axes[axis]!)];
  return renumbered(
    {
      factors: regrouping.factors,
      axes: source.map((axis) => axis?.factors ?? []),
      shape,
      from: source.map((axis) => axis?.from ?? 0),
      fixed,
    },
    layout.factors.length,
    regrouping.after,
  );
}

interface Regrouping {
  /** The layout's factors, the fast parts of split ones appended. */
  readonly factors: readonly number[];
  readonly axes: readonly { readonly factors: readonly number[]; readonly from: number }[];
  /** The factor that follows a split one in storage order. */
  readonly after: ReadonlyMap<number, number>;
}

/** Distributes the factors of `wide` axes over new extents, none of them 1. */
function regroup(layout: Layout, wide: readonly number[], shape: readonly number[]): Regrouping | null {
  const factors = [...layout.factors];
  const after = new Map<number, number>();
  const axes: { factors: readonly number[]; from: number }[] = [];
  let next = 0;
  let to = 0;
  while (to < shape.length && next < wide.length) {
    // The smallest group of old axes and of new ones with as many elements.
    const [firstOld, firstNew] = [next, to];
    let old = layout.shape[wide[next++]!]!;
    let fresh = shape[to++]!;
    while (old !== fresh) {
      if (old < fresh && next < wide.length) old *= layout.shape[wide[next++]!]!;
      else if (old > fresh && to < shape.length) fresh *= shape[to++]!;
      else return null;
    }
    const group = wide.slice(firstOld, next);
    const [only] = group;
    if (group.length === 1 && to - firstNew === 1) {
      // One axis stays one axis, cut or not.
      axes.push({ factors: layout.axes[only!]!, from: layout.from[only!]! });
      continue;
    }
    if (group.some((axis) => isPart(layout, axis))) return null;
    const queue = group.flatMap((axis) => layout.axes[axis]!).filter((factor) => factors[factor] !== 1);
    for (const extent of shape.slice(firstNew, to)) {
      const taken = take(extent, queue, factors, after);
      if (taken === null) return null;
      axes.push({ factors: taken, from: 0 });
    }
  }
  return to === shape.length && next === wide.length ? { factors, axes, after } : null;
}

/** Takes factors with `extent` elements from the queue's front, splitting the last one if need be. */
function take(
  extent: number,
  queue: number[],
  factors: number[],
  after: Map<number, number>,
): number[] | null {
  const taken: number[] = [];
  let left = extent;
  while (left > 1) {
    const factor = queue.shift();
    if (factor === undefined) return null;
    const size = factors[factor]!;
    if (left % size === 0) {
      left /= size;
      taken.push(factor);
    } else if (size % left === 0) {
      // The slow part is taken, the fast part goes back.
      const fast = factors.length;
      factors.push(size / left);
      factors[factor] = left;
      const behind = after.get(factor);
      if (behind !== undefined) after.set(fast, behind);
      after.set(factor, fast);
      taken.push(factor);
      queue.unshift(fast);
      left = 1;
    } else return null;
  }
  return taken;
}

/** Gives factors their numbers in storage order again and leaves out those of one element that no axis runs over. */
function renumbered(layout: Layout, stored: number, after: ReadonlyMap<number, number>): Layout {
  const used = new Set([...layout.axes.flat(), ...layout.fixed]);
  const order: number[] = [];
  for (let first = 0; first < stored; first += 1) {
    for (let factor: number | undefined = first; factor !== undefined; factor = after.get(factor))
      if (used.has(factor) || layout.factors[factor] !== 1) order.push(factor);
  }
  const number = new Map(order.map((factor, i) => [factor, i]));
  const map = (list: readonly number[]) => list.flatMap((factor) => number.get(factor) ?? []);
  return {
    ...layout,
    factors: order.map((factor) => layout.factors[factor]!),
    axes: layout.axes.map(map),
    fixed: map(layout.fixed),
  };
}

/** The layout with neighbouring factors merged where one axis runs over both in storage order. */
export function simplified(layout: Layout): Layout {
  const follows = new Set<number>();
  for (const list of layout.axes)
    for (let i = 1; i < list.length; i += 1) if (list[i] === list[i - 1]! + 1) follows.add(list[i]!);
  if (follows.size === 0) return layout;
  const factors: number[] = [];
  const number: number[] = [];
  for (const [factor, size] of layout.factors.entries()) {
    if (follows.has(factor)) factors[factors.length - 1]! *= size;
    else factors.push(size);
    number.push(factors.length - 1);
  }
  const map = (list: readonly number[]) =>
    list.filter((factor) => !follows.has(factor)).map((factor) => number[factor]!);
  return { ...layout, factors, axes: layout.axes.map(map), fixed: map(layout.fixed) };
}

/** The axis of the stored tensor that an axis runs over, when it is exactly one of them. */
export function storedAxis(layout: Layout, axis: number, stored: readonly number[]): number | null {
  const list = layout.axes[axis] ?? [];
  const [first] = list;
  const last = list.at(-1);
  if (first === undefined || last === undefined || list.some((factor, i) => factor !== first + i))
    return null;
  const inner = layout.factors.slice(last + 1).reduce((n, size) => n * size, 1);
  const size = list.reduce((n, factor) => n * layout.factors[factor]!, 1);
  for (let at = stored.length - 1, stride = 1; at >= 0; at -= 1) {
    if (stride === inner && stored[at] === size) return at;
    stride *= stored[at]!;
  }
  return null;
}

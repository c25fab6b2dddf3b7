/** A tensor in C order, for operators written as their definitions say, element by element. */
export interface Naive {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const count = (shape: readonly number[]): number => shape.reduce((n, extent) => n * extent, 1);

export const filled = (shape: readonly number[], at: (flat: number) => number): Naive => ({
  shape,
  data: Array.from({ length: count(shape) }, (_, i) => at(i)),
});

function digitsOf(flat: number, shape: readonly number[]): number[] {
  const digits: number[] = [];
  let rest = flat;
  for (const extent of shape.toReversed()) {
    digits.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return digits;
}

const flatOf = (digits: readonly number[], shape: readonly number[]): number =>
  digits.reduce((at, digit, axis) => at * shape[axis]! + digit, 0);

export const at = (t: Naive, ...digits: number[]): number => t.data[flatOf(digits, t.shape)] ?? 0;

export function transpose(t: Naive, perm: readonly number[]): Naive {
  const shape = perm.map((axis) => t.shape[axis]!);
  return filled(shape, (flat) => {
    const digits = digitsOf(flat, shape);
    const from = t.shape.map(() => 0);
    for (const [i, axis] of perm.entries()) from[axis] = digits[i]!;
    return at(t, ...from);
  });
}

export const reshape = (t: Naive, shape: readonly number[]): Naive => ({ shape, data: t.data });

export function slice(t: Naive, axis: number, start: number, length: number): Naive {
  const shape = t.shape.map((extent, i) => (i === axis ? length : extent));
  return filled(shape, (flat) => at(t, ...digitsOf(flat, shape).map((d, i) => (i === axis ? d + start : d))));
}

/** [m, k] x [k, n]. */
export function matmul(a: Naive, b: Naive): Naive {
  const [m, k, n] = [a.shape[0]!, a.shape[1]!, b.shape[1]!];
  return filled([m, n], (flat) => {
    const [row, col] = digitsOf(flat, [m, n]) as [number, number];
    let sum = 0;
    for (let i = 0; i < k; i += 1) sum += at(a, row, i) * at(b, i, col);
    return sum;
  });
}

/** [1, c, h, w] with [o, c/g, kh, kw], no padding, stride 1: y[o, y, x] = sum over the group's channels and the kernel. */
export function conv(x: Naive, w: Naive, groups = 1): Naive {
  const [o, per, kh, kw] = w.shape as [number, number, number, number];
  const shape = [1, o, x.shape[2]! - kh + 1, x.shape[3]! - kw + 1];
  return filled(shape, (flat) => {
    const [, out, row, col] = digitsOf(flat, shape) as [number, number, number, number];
    const group = Math.floor(out / (o / groups));
    let sum = 0;
    for (let c = 0; c < per; c += 1)
      for (let i = 0; i < kh; i += 1)
        for (let j = 0; j < kw; j += 1)
          sum += at(w, out, c, i, j) * at(x, 0, group * per + c, row + i, col + j);
    return sum;
  });
}

/** [1, c, h, w] with [c, o/g, kh, kw], stride 1: every input place is stamped into the output. */
export function convTranspose(x: Naive, w: Naive, groups = 1): Naive {
  const [c, per, kh, kw] = w.shape as [number, number, number, number];
  const [h, width] = [x.shape[2]!, x.shape[3]!];
  const shape = [1, per * groups, h + kh - 1, width + kw - 1];
  const data = new Array<number>(count(shape)).fill(0);
  for (let channel = 0; channel < c; channel += 1) {
    const group = Math.floor(channel / (c / groups));
    for (let o = 0; o < per; o += 1)
      for (let y = 0; y < h; y += 1)
        for (let z = 0; z < width; z += 1)
          for (let i = 0; i < kh; i += 1)
            for (let j = 0; j < kw; j += 1)
              data[flatOf([0, group * per + o, y + i, z + j], shape)]! +=
                at(x, 0, channel, y, z) * at(w, channel, o, i, j);
  }
  return { shape, data };
}

import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { Sources } from '../../bytes/sources.ts';
import { Elements } from '../../kernels/elements.ts';
import { floatGrid, type FloatName } from '../../kernels/round.ts';
import { storedWords } from '../../kernels/storedWords.ts';
import { dtypeBits, type DType } from '../../model/dtype.ts';
import type { Layout } from '../../model/layout.ts';
import { stridesOf } from '../../model/shapes/known.ts';
import { elementsOf, type Tensor } from '../../model/tensor.ts';
import type { NewTensor } from '../../model/units/edits.ts';
import { readRaw } from '../../model/weights.ts';

/** Numbers as a vector of the type, rounded to it. */
export function vectorTensor(name: string, dtype: DType, numbers: Float64Array): NewTensor {
  const grid = floatGrid(dtype as FloatName);
  const bits = dtypeBits[dtype];
  const elements = new Elements(bits, numbers.length);
  const room = [new Uint32Array(numbers.length), new Uint32Array(numbers.length)] as const;
  const rounded = numbers.map((x) => grid.round(x));
  const words = storedWords(dtype)(bits === 64 ? rounded : Float32Array.from(rounded), ...room);
  for (let i = 0; i < numbers.length; i += 1) elements.set(i, words.low[i]!, words.high[i] ?? 0);
  return { name, dtype, shape: [numbers.length], bytes: elements.part(numbers.length).slice() };
}

/** The rearranged tensor with only some places of its axes. */
export async function cutTensor(
  sources: Sources,
  stored: Tensor,
  layout: Layout,
  kept: ReadonlyMap<number, readonly number[]>,
  name: string,
  signal: AbortSignal,
): Promise<NewTensor> {
  const width = dtypeBits[stored.dtype] / 8;
  const bytes = elementsOf(stored.shape) * width;
  if (bytes > limits.cutTensor)
    throw new ReadError(
      'limits/rewrite',
      '',
      `${stored.name} has ${bytes.toString()} bytes, and units are taken out of tensors of at most ${limits.cutTensor.toString()}; export without removing them`,
    );
  const all = new Uint8Array(bytes);
  for await (const chunk of readRaw(sources, stored, signal)) all.set(chunk.bytes, chunk.first * width);
  const shape = layout.shape.map((extent, axis) => kept.get(axis)?.length ?? extent);
  const strides = stridesOf(layout.factors);
  const steps = layout.axes.map((factors, axis) => {
    const own = factors.map((factor) => layout.factors[factor]!);
    const places = kept.get(axis) ?? Array.from({ length: layout.shape[axis]! }, (_, place) => place);
    return places.map((place) => {
      let rest = place;
      let at = 0;
      for (let i = own.length - 1; i >= 0; i -= 1) {
        at += (rest % own[i]!) * strides[factors[i]!]!;
        rest = Math.floor(rest / own[i]!);
      }
      return at;
    });
  });
  const out = new Uint8Array(elementsOf(shape) * width);
  const runs = runsOf(steps.at(-1) ?? [0]);
  const outer = shape.slice(0, -1);
  const digits = outer.map(() => 0);
  for (let to = 0; to < out.length;) {
    const base = digits.reduce((sum, digit, axis) => sum + steps[axis]![digit]!, 0);
    for (const [first, count] of runs) {
      out.set(all.subarray((base + first) * width, (base + first + count) * width), to);
      to += count * width;
    }
    for (let axis = digits.length - 1; axis >= 0; axis -= 1) {
      digits[axis]! += 1;
      if (digits[axis]! < outer[axis]!) break;
      digits[axis] = 0;
    }
  }
  return { name, dtype: stored.dtype, shape, bytes: out };
}

/** Neighbouring places as runs. */
function runsOf(places: readonly number[]): readonly (readonly [first: number, count: number])[] {
  const runs: [number, number][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === place) last[1] += 1;
    else runs.push([place, 1]);
  }
  return runs;
}

import { ReadError } from '../../bytes/errors.ts';
import { limits } from '../../bytes/limits.ts';
import type { Sources } from '../../bytes/sources.ts';
import { Elements } from '../../kernels/elements.ts';
import { floatGrid, type FloatName } from '../../kernels/round.ts';
import { storedWords } from '../../kernels/storedWords.ts';
import { dtypeBits, type DType } from '../../model/dtype.ts';
import type { Layer } from '../../model/layer.ts';
import type { Layout } from '../../model/layout.ts';
import type { Model } from '../../model/model.ts';
import { stridesOf } from '../../model/shapes/known.ts';
import { elementsOf, type Tensor } from '../../model/tensor.ts';
import type { ModelEdits, NewTensor } from '../../model/units/edits.ts';
import type { Follower } from '../../model/units/unitGraph.ts';
import { readRaw } from '../../model/weights.ts';
import { queryOf, type AskLayer, type DeadUnits, type FollowedLayer } from './follow.ts';

interface Growing {
  readonly tensors: NewTensor[];
  readonly inputs: Map<number, Map<number, string>>;
  readonly integers: Map<number, Map<string, number>>;
  readonly addends: Map<number, string>;
  readonly extents: Map<string, Map<number, number>>;
}

/**
 * The model without the units that go: its layers cut and their biases with the constants folded in, everything else
 * that runs along the same places cut with them. Holds the cut tensors, each of at most limits.cutTensor bytes.
 */
export async function removalOf(
  dead: DeadUnits,
  {
    model,
    layers,
    sources,
  }: { readonly model: Model; readonly layers: readonly Layer[]; readonly sources: Sources },
  ask: AskLayer,
  signal: AbortSignal,
): Promise<ModelEdits> {
  const edits: Growing = {
    tensors: [],
    inputs: new Map(),
    integers: new Map(),
    addends: new Map(),
    extents: new Map(),
  };
  const names = newNames(model);
  const stays = (value: number): readonly number[] =>
    [...dead.graph.values[value]!.groups.entries()].flatMap(([place, group]) =>
      dead.removed[group] === 1 ? [] : [place],
    );
  const shrinks = (value: number | null): value is number =>
    value !== null && dead.graph.values[value]!.groups.some((group) => dead.removed[group] === 1);
  const put = (node: number, input: number, tensor: NewTensor): void => {
    edits.tensors.push(tensor);
    edits.inputs.set(node, (edits.inputs.get(node) ?? new Map<number, string>()).set(input, tensor.name));
  };
  for (const layer of dead.layers) {
    const { step } = layer;
    const { tensorIndex, weight } = layers[step.layer]!;
    if (!shrinks(step.from) && !shrinks(step.to)) continue;
    const { input, layout, rowAxis, colAxis } = step.operand;
    const kept = new Map<number, readonly number[]>();
    if (shrinks(step.to)) kept.set(rowAxis, stays(step.to));
    if (colAxis !== null && shrinks(step.from)) kept.set(colAxis, stays(step.from));
    const stored = model.tensors[tensorIndex!]!;
    put(step.node, input, await cutTensor(sources, stored, layout, kept, names(weight.name), signal));
    const folded = await foldedBias(dead, layer, ask);
    if (folded === null && (!shrinks(step.to) || step.bias.every((x) => x === 0 && step.biasInput === null)))
      continue;
    const bias = folded ?? step.bias;
    const rows = shrinks(step.to) ? stays(step.to) : [...bias.keys()];
    const numbers = Float64Array.from(rows, (row) => bias[row]!);
    const tensor = vectorTensor(names(`${weight.name}.bias`), weight.dtype, numbers);
    if (step.biasInput !== null) put(step.node, step.biasInput, tensor);
    else {
      edits.tensors.push(tensor);
      edits.addends.set(step.node, tensor.name);
    }
  }
  for (const follower of dead.graph.followers) if (shrinks(follower.value)) await follow(follower);
  for (const [index, { name, axis }] of dead.graph.values.entries())
    if (shrinks(index))
      edits.extents.set(
        name,
        (edits.extents.get(name) ?? new Map<number, number>()).set(axis, stays(index).length),
      );
  return edits;

  async function follow(follower: Follower): Promise<void> {
    const places = stays(follower.value);
    const { node } = follower;
    if (follower.kind === 'group') edits.integers.set(node, new Map([['group', places.length]]));
    else if (follower.kind === 'shape') {
      const target = follower.target.map((extent, axis) => (axis === follower.at ? places.length : extent));
      const bytes = new Uint8Array(BigInt64Array.from(target, BigInt).buffer);
      put(node, 1, { name: names('shape'), dtype: 'i64', shape: [target.length], bytes });
    } else {
      const stored = model.tensors[follower.tensor]!;
      const kept = new Map([[follower.axis, places]]);
      put(
        node,
        follower.input,
        await cutTensor(sources, stored, follower.layout, kept, names(stored.name), signal),
      );
    }
  }
}

/** A layer's bias with the constants of the channels that go added; null when there are none but 0. */
async function foldedBias(
  { graph, removed }: DeadUnits,
  { step, exact }: FollowedLayer,
  ask: AskLayer,
): Promise<Float64Array | null> {
  if (step.from === null || exact === null || step.depthwise) return null;
  const { groups } = graph.values[step.from]!;
  const constants = exact.map((x, place) => (removed[groups[place]!] === 1 && x !== 0 ? x : Number.NaN));
  if (constants.every((x) => Number.isNaN(x))) return null;
  const { folded } = await ask(step.layer, queryOf(step, { constants }));
  return step.bias.map((x, row) => x + (step.alpha * folded![row]!) / step.beta);
}

/** Names that the model has not. */
function newNames(model: Model): (name: string) => string {
  const taken = new Set([
    ...model.tensors.map((tensor) => tensor.name),
    ...(model.graph?.inputs ?? []).map((info) => info.name),
    ...(model.graph?.nodes ?? []).flatMap((node) => node.outputs),
  ]);
  return (name) => {
    let own = `${name}/cut`;
    for (let i = 2; taken.has(own); i += 1) own = `${name}/cut${i.toString()}`;
    taken.add(own);
    return own;
  };
}

/** Numbers as a vector of the type, rounded to it. */
function vectorTensor(name: string, dtype: DType, numbers: Float64Array): NewTensor {
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
async function cutTensor(
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

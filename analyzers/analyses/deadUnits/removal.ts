import type { Sources } from '../../bytes/sources.ts';
import type { Layer } from '../../model/layer.ts';
import type { Model } from '../../model/model.ts';
import type { ModelEdits, NewTensor } from '../../model/units/edits.ts';
import type { Follower, HiddenStep } from '../../model/units/unitGraph.ts';
import { cutTensor, vectorTensor } from './newTensors.ts';
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
  /** Biases of layers with state, with what was folded into them, by the value of their rows. */
  const gained = new Map<number, Float64Array>();
  for (const layer of dead.layers) {
    const { step } = layer;
    const { tensorIndex, weight } = layers[step.layer]!;
    if (!shrinks(step.from) && !shrinks(step.to)) continue;
    const { input, layout, rowAxis, colAxis } = step.operand;
    const kept = new Map<number, readonly number[]>();
    // The rows of one direction: in all of them the same units go.
    const [directions = 1] = step.hidden === null ? [] : layout.shape;
    if (shrinks(step.to))
      kept.set(
        rowAxis,
        stays(step.to).filter((row) => row < step.rows / directions),
      );
    if (colAxis !== null && shrinks(step.from)) kept.set(colAxis, stays(step.from));
    const stored = model.tensors[tensorIndex!]!;
    put(step.node, input, await cutTensor(sources, stored, layout, kept, names(weight.name), signal));
    const folded = await foldedBias(dead, layer, ask);
    if (step.hidden !== null) {
      if (folded !== null) gained.set(step.to, folded);
      continue;
    }
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
  for (const step of dead.graph.steps)
    if (step.kind === 'hidden' && (gained.has(step.input) || (step.biased && shrinks(step.input)))) {
      const own = dead.layers.find((layer) => layer.step.to === step.input)!.step.layer;
      const numbers = biasesOf(step, gained.get(step.input) ?? null, stays(step.input));
      const directions = step.biases.length / (2 * step.gates * step.hidden);
      const { name, dtype } = layers[own]!.weight;
      const tensor = vectorTensor(names(`${name}.bias`), dtype, numbers);
      put(step.node, 3, { ...tensor, shape: [directions, numbers.length / directions] });
    }
  for (const follower of dead.graph.followers) if (shrinks(follower.value)) await follow(follower);
  for (const [index, { name, axis }] of dead.graph.values.entries())
    if (name !== '' && shrinks(index))
      edits.extents.set(
        name,
        (edits.extents.get(name) ?? new Map<number, number>()).set(axis, stays(index).length),
      );
  return edits;

  async function follow(follower: Follower): Promise<void> {
    const places = stays(follower.value);
    const { node } = follower;
    if (follower.kind === 'count') edits.integers.set(node, new Map([[follower.attribute, places.length]]));
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

/** Both halves of the biases of a layer with state: [directions, 2, rows that stay of a direction]. */
function biasesOf(
  { biases, gates, hidden }: HiddenStep,
  gained: Float64Array | null,
  rows: readonly number[],
): Float64Array {
  const height = gates * hidden;
  const directions = biases.length / (2 * height);
  return Float64Array.from(
    Array.from({ length: directions }, (_, direction) => {
      const own = rows.filter((row) => Math.floor(row / height) === direction);
      const half = (which: number): number[] =>
        own.map((row) =>
          which === 0 && gained !== null
            ? gained[row]!
            : biases[(2 * direction + which) * height + (row % height)]!,
        );
      return [...half(0), ...half(1)];
    }).flat(),
  );
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

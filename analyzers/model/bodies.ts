import type { Graph, GraphNode } from './graph.ts';
import { limits } from '../bytes/limits.ts';
import { declaredShape, lookUp, openScope, prefixOf, sameShape } from './scope.ts';
import type { Frame, Scope } from './scope.ts';
import { axisOf, meet } from './shapes/known.ts';
import type { Shape } from './shapes/known.ts';
import { operatorKey } from './shapes/table.ts';
import { intOf } from './shapes/call.ts';
import { farthest, plain } from './value.ts';
import type { Value } from './value.ts';
import type { Walk } from './context.ts';

type Inputs = readonly (Value | null)[];

interface Place {
  readonly walk: Walk;
  readonly node: GraphNode;
  readonly label: string;
  readonly scope: Scope;
  readonly frame: Frame;
}

/** Runs the subgraphs of a node (If, Loop, Scan, others) and gives the node's outputs. */
export async function runBodies(
  walk: Walk,
  node: GraphNode,
  inputs: Inputs,
  label: string,
  scope: Scope,
  frame: Frame,
): Promise<readonly Value[]> {
  if (frame.depth >= limits.depth) {
    walk.cutOff ??= label;
    return [];
  }
  const place: Place = { walk, node, label, scope, frame };
  const key = operatorKey(node);
  if (key === 'If') return await runIf(place, inputs);
  if (key === 'Loop') return await runLoop(place, inputs);
  if (key === 'Scan') return await runScan(place, inputs);
  for (const [name, attribute] of node.attributes)
    if (attribute.kind === 'graphs')
      for (const graph of attribute.graphs) await runBody(place, graph, within(place, name, null), []);
  return [];
}

const within = (place: Place, name: string, times: number | null): Frame => ({
  ...place.frame,
  around: place.frame,
  times,
  choice: null,
  prefix: place.node.name === '' ? prefixOf(`${place.label}/${name}`) : place.frame.prefix,
  depth: place.frame.depth + 1,
  callee: null,
});

async function runBody(
  place: Place,
  graph: Graph,
  frame: Frame,
  inputs: readonly Value[],
): Promise<readonly Value[]> {
  const scope = openScope(place.scope, graph);
  for (const [i, info] of graph.inputs.entries()) {
    const given = inputs[i] ?? plain;
    const shape = given.shape ?? declaredShape(info, place.walk.symbols);
    scope.values.set(info.name, { ...given, name: info.name, shape, dtype: given.dtype ?? info.dtype });
  }
  await place.walk.runGraph(graph, scope, frame);
  return graph.outputs.map((info) => {
    const value = lookUp(scope, info.name) ?? plain;
    return value.shape === null ? { ...value, shape: declaredShape(info, place.walk.symbols) } : value;
  });
}

const bodyOf = (node: GraphNode, name: string): Graph | null => {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'graphs' ? (attribute.graphs[0] ?? null) : null;
};

/** Both branches are visited; where the condition is a known number, the other one runs zero times. */
async function runIf(place: Place, inputs: Inputs): Promise<readonly Value[]> {
  const condition = inputs[0]?.numbers?.[0] ?? null;
  const at = {};
  const outcomes: (readonly Value[])[] = [];
  for (const [branch, taken] of [
    ['then_branch', condition !== 0],
    ['else_branch', condition === null || condition === 0],
  ] as const) {
    const graph = bodyOf(place.node, branch);
    if (graph === null) return [];
    const frame: Frame = { ...within(place, branch, taken ? 1 : 0), choice: { at, branch } };
    const outputs = await runBody(place, graph, frame, []);
    if (taken) outcomes.push(outputs);
  }
  const [first = [], second] = outcomes;
  if (second === undefined) return first;
  return first.map((value, i) => either(value, second[i] ?? plain));
}

/** What holds of a value whichever of two it is. */
function either(a: Value, b: Value): Value {
  const same = a.pieces !== null && a.pieces.length === 1 && b.pieces?.length === 1;
  const [x, y] = [a.pieces?.[0], b.pieces?.[0]];
  const alike = same && x?.tensor === y?.tensor && JSON.stringify(x?.layout) === JSON.stringify(y?.layout);
  return {
    ...plain,
    shape: meet(a.shape, b.shape),
    dtype: a.dtype === b.dtype ? a.dtype : null,
    pieces: alike ? a.pieces : null,
    reach: farthest([a, b]),
    assumed: a.assumed || b.assumed,
    selected: a.selected || b.selected,
    tail: a.tail === b.tail ? a.tail : null,
  };
}

/** State that a loop carries on: its numbers change, its shape only if the body says so. */
const carried = (value: Value | null): Value => ({
  ...(value ?? plain),
  numbers: null,
  pieces: null,
  unscaled: null,
});

const prepend = (extent: number | null, shape: Shape | null): Shape | null =>
  shape === null ? null : [extent, ...shape];

/** Loop: trip count and condition, then what is carried; its body gets the iteration's number and the condition. */
async function runLoop(place: Place, inputs: Inputs): Promise<readonly Value[]> {
  const body = bodyOf(place.node, 'body');
  if (body === null) return [];
  const trips = inputs[0]?.numbers?.[0] ?? null;
  const endless = inputs[1] === null || inputs[1] === undefined || inputs[1].numbers?.[0] === 1;
  const states = inputs.slice(2).map(carried);
  const count: Value = { ...plain, shape: [], dtype: 'i64', reach: 'input' };
  const condition: Value = {
    ...plain,
    name: 'condition',
    shape: [],
    dtype: 'bool',
    numbers: [1],
    reach: 'input',
  };
  const frame = within(place, 'body', null);
  const outputs = await runBody(place, body, frame, [count, condition, ...states]);
  const goesOn = outputs[0]?.numbers?.[0] === 1;
  const kept = states.every((state, i) => sameShape(state.shape, outputs[i + 1]?.shape ?? null));
  const times = trips !== null && trips >= 0 && endless && goesOn ? trips : null;
  frame.times = kept ? times : null;
  const after = outputs.slice(1, 1 + states.length);
  const collected = outputs.slice(1 + states.length);
  return [
    ...after.map((value, i) => ({
      ...carried(value),
      shape: meet(value.shape, states[i]!.shape),
      reach: farthest([value, states[i]!]),
    })),
    ...collected.map((value) => ({ ...carried(value), shape: prepend(times, value.shape) })),
  ];
}

/** Scan: states, then sequences; the body runs once for every place of the sequences' scan axis. */
async function runScan(place: Place, inputs: Inputs): Promise<readonly Value[]> {
  const { node } = place;
  const body = bodyOf(node, 'body');
  const sequences = intOf(node.attributes, 'num_scan_inputs');
  if (body === null || sequences === null) return [];
  // The first version of Scan had the lengths before the states, and a batch axis in everything.
  const early = body.inputs.length === node.inputs.length - 1;
  const states = inputs.slice(0, inputs.length - sequences).map(carried);
  const attribute = node.attributes.get('scan_input_axes');
  const axes = attribute?.kind === 'ints' ? attribute.values : [];
  let times: number | null = null;
  const slices = inputs.slice(inputs.length - sequences).map((value, i): Value => {
    const shape = value?.shape ?? null;
    const axis = shape === null ? null : axisOf(axes[i] ?? 0, shape.length);
    if (shape === null || axis === null) return { ...carried(value), shape: null };
    times ??= shape[axis]!;
    return { ...carried(value), shape: shape.filter((_, at) => at !== axis) };
  });
  const frame = within(place, 'body', null);
  const given = early ? [] : [...states, ...slices];
  const outputs = await runBody(place, body, frame, given);
  if (early) return [];
  const kept = states.every((state, i) => sameShape(state.shape, outputs[i]?.shape ?? null));
  frame.times = kept ? times : null;
  const outAxes = node.attributes.get('scan_output_axes');
  const plainAxes =
    outAxes === undefined || (outAxes.kind === 'ints' && outAxes.values.every((axis) => axis === 0));
  return outputs.map((value, i) =>
    i < states.length
      ? {
          ...carried(value),
          shape: meet(value.shape, states[i]!.shape),
          reach: farthest([value, states[i]!]),
        }
      : { ...carried(value), shape: plainAxes ? prepend(times, value.shape) : null },
  );
}

import { limits } from '../bytes/limits.ts';
import type { Sources } from '../bytes/sources.ts';
import type { GraphFunction, GraphNode, Graph } from './graph.ts';
import { runBodies } from './bodies.ts';
import type { Model } from './model.ts';
import { numberReader } from './numbers.ts';
import { declaredShape, lookUp, openScope, outermost, prefixOf, resolved } from './scope.ts';
import type { Frame, Scope } from './scope.ts';
import { refine, known } from './shapes/known.ts';
import type { Known } from './shapes/known.ts';
import type { Inference } from './shapes/call.ts';
import { inferenceOf } from './shapes/table.ts';
import { constantValue, outputValues } from './outputs.ts';
import type { Walk } from './context.ts';
import { follow } from './trace.ts';
import type { Traced } from './trace.ts';
import { plain, storedValue } from './value.ts';
import type { Value } from './value.ts';

/** Visits every node of a model once for each way that leads to it: graph, subgraphs, functions at their calls. */
export async function walkModel(
  model: Model,
  sources: Sources,
  visit: Walk['visit'],
  signal: AbortSignal,
): Promise<Walk> {
  const walk: Walk = {
    model,
    functions: new Map(model.functions.map((f) => [functionKey(f.domain, f.name), f])),
    numbers: numberReader(sources, signal),
    visit,
    symbols: new Map(),
    signal,
    runGraph: (graph, scope, frame) => runGraph(walk, graph, scope, frame),
    budget: limits.visits,
    cutOff: null,
  };
  if (model.graph === null) return walk;
  const scope = openScope(null, model.graph);
  bindInputs(walk, scope, model.graph);
  await runGraph(walk, model.graph, scope, outermost);
  return walk;
}

const functionKey = (domain: string, name: string): string => `${domain === 'ai.onnx' ? '' : domain}:${name}`;

/** Inputs of the main graph: a first dimension without a number counts as 1. */
function bindInputs(walk: Walk, scope: Scope, graph: Graph): void {
  const inputs = graph.inputs.filter((info) => !graph.initializers.has(info.name));
  const first = inputs[0]?.shape?.[0];
  if (typeof first === 'string') walk.symbols.set(first, 1);
  for (const info of inputs) {
    const shape = declaredShape(info, walk.symbols);
    const declared = info.shape?.[0];
    const batch = shape !== null && shape.length > 0 && !(typeof declared === 'number' && declared > 0);
    scope.values.set(info.name, {
      ...plain,
      name: info.name,
      shape: batch ? [1, ...shape.slice(1)] : shape,
      dtype: info.dtype,
      reach: 'input',
      assumed: batch,
    });
  }
}

async function runGraph(walk: Walk, graph: Graph, scope: Scope, frame: Frame): Promise<void> {
  walk.budget -= graph.initializers.size + scope.declared.size;
  for (const [name, index] of graph.initializers) {
    const tensor = walk.model.tensors[index];
    if (tensor !== undefined && !scope.values.has(name))
      scope.values.set(name, storedValue(walk.model.tensors, index, name));
  }
  await runNodes(walk, graph.nodes, scope, frame);
}

/** A large graph is walked in a second or so: between, whoever shares the thread may cancel. */
const visitsABreath = 4096;
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

async function runNodes(walk: Walk, nodes: readonly GraphNode[], scope: Scope, frame: Frame): Promise<void> {
  for (const [position, raw] of nodes.entries()) {
    walk.signal.throwIfAborted();
    walk.budget -= 1;
    if (walk.budget % visitsABreath === 0) await breath();
    const label = frame.prefix + (raw.name === '' ? `${raw.op}_${position.toString()}` : raw.name);
    if (walk.budget < 0) {
      walk.cutOff ??= label;
      return;
    }
    const node = resolved(raw, frame);
    const callee = walk.functions.get(functionKey(node.domain, node.op));
    if (callee !== undefined && mayCall(walk, callee, frame, label)) {
      await runCall(walk, callee, node, label, scope, frame);
      continue;
    }
    const inputs = node.inputs.map((name) => lookUp(scope, name));
    const bodies = hasBodies(node);
    const inference = bodies ? conditions : inferenceOf(node);
    for (const tensor of walk.numbers.unread(node, inputs, inference)) await walk.numbers.read(tensor);
    const filled = walk.numbers.fill(inputs, inference);
    if (bodies) {
      const outputs = await runBodies(walk, node, filled, label, scope, frame);
      for (const [i, name] of node.outputs.entries())
        if (name !== '') scope.values.set(name, { ...(outputs[i] ?? plain), name });
    } else runNode(walk, walk.numbers.inline(node), filled, label, scope, frame);
  }
}

/** Nodes with subgraphs read their conditions and trip counts. */
const conditions: Inference = { infer: () => [], reads: 'all' };

function hasBodies(node: GraphNode): boolean {
  for (const attribute of node.attributes.values()) if (attribute.kind === 'graphs') return true;
  return false;
}

function runNode(
  walk: Walk,
  node: GraphNode,
  inputs: readonly (Value | null)[],
  label: string,
  scope: Scope,
  frame: Frame,
): void {
  const constant = constantValue(walk, node);
  if (constant !== null) {
    scope.values.set(constant.name, constant);
    return;
  }
  const call: Traced = { node, inputs };
  const inferred = inferenceOf(node)?.infer(call) ?? [];
  const outputs = node.outputs.map((name, i): Known => {
    const found = inferred[i] ?? null;
    const info = scope.declared.get(name);
    const shape = refine(found?.shape ?? null, declaredShape(info, walk.symbols));
    const dtype = found?.dtype ?? info?.dtype ?? null;
    if (shape === null || shape.length > limits.rank) return { shape: null, dtype, numbers: null };
    return known(shape.map(sane), dtype, found?.numbers ?? null);
  });
  const assumed = inputs.some((input) => input?.assumed === true);
  const effect = walk.visit({ node, inputs, outputs, assumed, label, frame });
  for (const value of outputValues(call, outputs, follow(call, outputs), effect))
    scope.values.set(value.name, value);
}

/** An extent that arithmetic on a hostile file's numbers gave is none. */
const sane = (extent: number | null): number | null =>
  extent !== null && Number.isSafeInteger(extent) && extent >= 0 ? extent : null;

function mayCall(walk: Walk, callee: GraphFunction, frame: Frame, label: string): boolean {
  let again = false;
  for (let at: Frame | null = frame; at !== null; at = at.around) again ||= at.callee === callee;
  if (!again && frame.depth < limits.depth) return true;
  walk.cutOff ??= label;
  return false;
}

/** A function at one of its calls: its inputs are the caller's values, its outputs become the caller's. */
async function runCall(
  walk: Walk,
  callee: GraphFunction,
  node: GraphNode,
  label: string,
  scope: Scope,
  frame: Frame,
): Promise<void> {
  const inner = openScope(null, null);
  for (const [i, name] of callee.inputs.entries())
    inner.values.set(name, lookUp(scope, node.inputs[i] ?? ''));
  const within: Frame = {
    around: frame,
    times: 1,
    choice: null,
    prefix: prefixOf(label),
    depth: frame.depth + 1,
    callee,
    attributes:
      callee.defaults.size === 0 ? node.attributes : new Map([...callee.defaults, ...node.attributes]),
  };
  await runNodes(walk, callee.nodes, inner, within);
  for (const [i, name] of node.outputs.entries()) {
    const value = callee.outputs[i] === undefined ? null : lookUp(inner, callee.outputs[i]);
    if (name === '') continue;
    const found = value ?? plain;
    const shape = refine(found.shape, declaredShape(scope.declared.get(name), walk.symbols));
    scope.values.set(name, { ...found, shape, name });
  }
}

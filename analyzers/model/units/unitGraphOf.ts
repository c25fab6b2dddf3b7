import type { Sources } from '../../bytes/sources.ts';
import { noEffect, type Visit } from '../context.ts';
import type { Graph, GraphNode } from '../graph.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';
import { rolesOf } from '../orientation.ts';
import { outermost } from '../scope.ts';
import { operatorKey } from '../shapes/table.ts';
import { walkModel } from '../walk.ts';
import { Building, type UnitRule } from './building.ts';
import { activation, batchNorm, binary, clip, passed } from './rules/elementwise.ts';
import { conv, convTranspose, gemm, matmul } from './rules/layers.ts';
import { recurrent } from './rules/recurrent.ts';
import { concat, reshape, shape, transpose } from './rules/reshaping.ts';
import { pad, pool, reduce, resize } from './rules/windows.ts';
import type { UnitGraph } from './unitGraph.ts';

/** What is known of operators; all others keep the units that they read. */
const rules: ReadonlyMap<string, UnitRule> = new Map<string, UnitRule>([
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['Gemm', gemm],
  ['MatMul', matmul],
  ...['Identity', 'Dropout', 'Cast'].map((op) => [op, passed] as const),
  ...[
    'Relu',
    'LeakyRelu',
    'Elu',
    'Selu',
    'ThresholdedRelu',
    'Sigmoid',
    'Tanh',
    'HardSigmoid',
    'HardSwish',
    'Softplus',
    'Softsign',
    'Mish',
    'Abs',
    'Neg',
    'Exp',
    'Sqrt',
    'Floor',
    'Ceil',
    'Reciprocal',
    'Erf',
    'Gelu',
    'Celu',
    'Log',
    'Sin',
    'Cos',
    'Round',
    'Sign',
  ].map((op) => [op, activation] as const),
  ...['LSTM', 'GRU', 'RNN'].map((op) => [op, recurrent] as const),
  ['Clip', clip],
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'PRelu', 'Pow'].map((op) => [op, binary] as const),
  ['BatchNormalization', batchNorm],
  ...['MaxPool', 'AveragePool', 'LpPool', 'GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool'].map(
    (op) => [op, pool] as const,
  ),
  ['Pad', pad],
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'].map(
    (op) => [op, reduce] as const,
  ),
  ...['Resize', 'Upsample'].map((op) => [op, resize] as const),
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'].map((op) => [op, reshape] as const),
  ['Transpose', transpose],
  ['Concat', concat],
  ['Shape', shape],
]);

/**
 * The units of a model's main graph, followed through it in the order of execution. What subgraphs, local functions and
 * unknown operators read, and what the model gives, stays. Reads biases and other small vectors, never a weight.
 */
export async function unitGraphOf(
  model: Model,
  layers: readonly Layer[],
  sources: Sources,
  signal: AbortSignal,
): Promise<UnitGraph> {
  const { graph } = model;
  if (graph === null) return { values: [], steps: [], followers: [], groups: 0, held: new Map() };
  const visits: Visit[] = [];
  await walkModel(
    model,
    sources,
    (visit) => {
      if (visit.frame === outermost) visits.push(visit);
      return { ...noEffect, layer: rolesOf(visit, visit.outputs).length > 0 };
    },
    signal,
  );
  const visited = new Set(visits.map((visit) => visit.node.outputs[0]));
  const elsewhere = new Map<string, string>();
  for (const node of graph.nodes)
    if (operatorKey(node) !== 'Constant' && !visited.has(node.outputs[0]))
      for (const name of [...node.inputs, ...capturedBy(node)])
        elsewhere.set(
          name,
          `${node.name === '' ? node.op : node.name} (${node.op}) takes them into another graph`,
        );
  for (const { name } of graph.outputs) elsewhere.set(name, `the model gives them as ${name}`);
  const building = new Building(
    broadcasts(model),
    graph.nodes,
    visits,
    new Set(elsewhere.keys()),
    layers,
    sources,
    signal,
  );
  for (const visit of visits) {
    signal.throwIfAborted();
    const followed = new Set((await rules.get(operatorKey(visit.node))?.(building, visit)) ?? []);
    for (const input of visit.node.inputs.keys())
      if (!followed.has(input))
        building.hold(
          building.at(visit, input),
          `${visit.label} (${visit.node.op}) uses them in a way that is not followed`,
        );
    if (visit.inputs.some((value) => value?.reach !== 'constant' && value !== null)) continue;
    if (
      /^(Gather|Concat|Slice|Split)/.test(visit.node.op) ||
      visit.node.inputs.some((name) => building.reordered.has(name))
    )
      for (const name of visit.node.outputs) building.reordered.add(name);
  }
  for (const [name, reason] of elsewhere) building.holdNamed(name, reason);
  return building.finish();
}

function broadcasts({ metadata }: Model): boolean {
  const version = /(?:^|ai\.onnx:)(\d+)/.exec(metadata.get('opset') ?? '')?.[1];
  return version === undefined || Number(version) >= 7;
}

/** Names that the subgraphs of a node may take from around it. */
function capturedBy(node: GraphNode): readonly string[] {
  const names: string[] = [];
  for (const attribute of node.attributes.values())
    if (attribute.kind === 'graphs') for (const graph of attribute.graphs) names.push(...namesIn(graph));
  return names;
}

const namesIn = (graph: Graph): readonly string[] => [
  ...graph.outputs.map(({ name }) => name),
  ...graph.nodes.flatMap((node) => [...node.inputs, ...capturedBy(node)]),
];

import type { Visit } from './context.ts';
import { intOf } from './shapes/call.ts';
import type { Graph } from './graph.ts';
import type { Norm } from './layer.ts';
import { outermost } from './scope.ts';
import { operatorKey } from './shapes/table.ts';
import { elementsOf } from './tensor.ts';
import { storedTensor } from './trace.ts';
import type { Use } from './uses.ts';

/** Batch norms of the outermost graph, by the name of the value that each reads. */
export type Norms = Map<string, Norm>;

/** Notes a BatchNormalization that does at inference what its stored statistics say. */
export function findNorm({ node, inputs, frame }: Visit, into: Norms): void {
  if (frame !== outermost || operatorKey(node) !== 'BatchNormalization') return;
  const [scale, variance] = [storedTensor(inputs[1]), storedTensor(inputs[4])];
  const training = (intOf(node.attributes, 'training_mode') ?? 0) !== 0;
  const oneChannel = (intOf(node.attributes, 'spatial') ?? 1) === 0;
  const read = inputs[0]?.name ?? '';
  const whole = node.outputs.slice(1).every((name) => name === '');
  if (scale === null || variance === null || training || oneChannel || !whole || read === '') return;
  const epsilon = node.attributes.get('epsilon');
  into.set(read, { scale, variance, epsilon: epsilon?.kind === 'float' ? epsilon.value : 1e-5 });
}

/** How often each value is read: by nodes of the graph and of the graphs in it, and as an output. */
export function readersIn(graph: Graph | null): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  const read = (name: string): void => {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  };
  const visit = ({ nodes, outputs }: Graph): void => {
    for (const { inputs, attributes } of nodes) {
      inputs.forEach(read);
      for (const attribute of attributes.values())
        if (attribute.kind === 'graphs') attribute.graphs.forEach(visit);
    }
    for (const { name } of outputs) read(name);
  };
  if (graph !== null) visit(graph);
  return readers;
}

/** Operators whose outputs have their channels along axis 1, where a batch norm scales them. */
const channelled = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** The batch norm that alone reads the layer's output, and has a scale for each of its rows; null when there is none. */
export function normBehind(
  uses: readonly Use[],
  rows: number,
  norms: Norms,
  readers: ReadonlyMap<string, number>,
): Norm | null {
  const [use] = uses;
  if (use === undefined || uses.length > 1 || use.frame !== outermost) return null;
  const { output, role, operator } = use;
  if (!channelled.has(operator) || role.input !== 1 || (operator === 'MatMul' && output.rank !== 2))
    return null;
  const norm = norms.get(output.name);
  if (norm === undefined || readers.get(output.name) !== 1) return null;
  return [norm.scale, norm.variance].every(({ shape }) => elementsOf(shape) === rows) ? norm : null;
}

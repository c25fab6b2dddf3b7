import type { GraphNode } from '../graph.ts';
import type { Inference, InferenceTable } from './call.ts';
import { elementwiseOperators } from './elementwise.ts';
import { productOperators } from './products.ts';
import { reshapingOperators } from './reshaping.ts';
import { sequenceOperators } from './sequences.ts';
import { slicingOperators } from './slicing.ts';
import { windowOperators } from './windows.ts';

const operators: ReadonlyMap<string, Inference> = new Map(
  Object.entries({
    ...elementwiseOperators,
    ...productOperators,
    ...reshapingOperators,
    ...sequenceOperators,
    ...slicingOperators,
    ...windowOperators,
  } satisfies InferenceTable),
);

/** An operator as the tables call it: 'Conv', 'com.microsoft.QLinearAdd'. 'ai.onnx' is the domain without a name. */
export const operatorKey = (node: Pick<GraphNode, 'op' | 'domain'>): string =>
  node.domain === '' || node.domain === 'ai.onnx' ? node.op : `${node.domain}.${node.op}`;

/** How an operator's outputs follow from its inputs; null for operators that the tables do not know. */
export const inferenceOf = (node: Pick<GraphNode, 'op' | 'domain'>): Inference | null =>
  operators.get(operatorKey(node)) ?? null;

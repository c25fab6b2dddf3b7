import { isFloating } from './dtype.ts';
import type { GraphNode } from './graph.ts';
import type { Pieces } from './trace.ts';
import { storedTensor } from './trace.ts';
import { storedLayout } from './layout.ts';
import { isWhole } from './shapes/known.ts';
import type { Known } from './shapes/known.ts';
import { operatorKey } from './shapes/table.ts';
import { elementsOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import type { Traced } from './trace.ts';
import { farthest, plain, storedValue } from './value.ts';
import type { Value } from './value.ts';
import type { Effect, Walk } from './context.ts';

/** The value of a Constant node; null for other operators. */
export function constantValue(walk: Walk, node: GraphNode): Value | null {
  const [name] = node.outputs;
  if (operatorKey(node) !== 'Constant' || name === undefined) return null;
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === 'tensor') return storedValue(walk.model.tensors, attribute.tensor, name);
    // The argument of a function's attribute: known, but stored nowhere.
    if (attribute.kind === 'value') {
      const { tensor: values, numbers } = inlineNumbers(attribute.value);
      return { ...plain, name, shape: values.shape, dtype: values.dtype, numbers, reach: 'constant' };
    }
    const numbers =
      attribute.kind === 'int' || attribute.kind === 'float'
        ? [attribute.value]
        : attribute.kind === 'ints' || attribute.kind === 'floats'
          ? attribute.values
          : null;
    if (numbers === null) continue;
    const dtype = attribute.kind.startsWith('int') ? 'i64' : 'f32';
    const shape = attribute.kind === 'int' || attribute.kind === 'float' ? [] : [numbers.length];
    return {
      ...plain,
      name,
      shape,
      dtype,
      numbers: numbers.length <= 64 ? numbers : null,
      reach: 'constant',
    };
  }
  return { ...plain, name, reach: 'constant' };
}

const inlineNumbers = (tensor: Tensor) => ({
  tensor,
  numbers: tensor.data.kind === 'inline' && tensor.data.values.length <= 64 ? tensor.data.values : null,
});

const generators: ReadonlySet<string> = new Set([
  'ConstantOfShape',
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
]);

/** A tensor that the graph fills by an operator: its shape is known, its numbers stand nowhere. */
function generated(node: GraphNode, name: string, output: Known): Pieces | null {
  if (!generators.has(operatorKey(node)) || !isWhole(output.shape) || output.shape.length === 0) return null;
  const dtype = output.dtype ?? 'f32';
  if (!isFloating(dtype) || !Number.isSafeInteger(elementsOf(output.shape))) return null;
  const reason = `${name} is made by ${node.op} when the model runs; the file holds no weights for it`;
  const tensor: Tensor = {
    name,
    dtype,
    shape: output.shape,
    place: 'initializer',
    data: { kind: 'none', code: 'onnx/weights-generated', reason },
  };
  return [{ index: null, tensor, layout: storedLayout(tensor.shape), steps: null, quantised: false }];
}

const norms: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'InstanceNormalization',
  'LayerNormalization',
  'GroupNormalization',
  'RMSNormalization',
  'MeanVarianceNormalization',
  'LpNormalization',
]);

const passing: ReadonlySet<string> = new Set(
  'Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose Dropout QuantizeLinear DequantizeLinear'.split(
    ' ',
  ),
);

const selections: ReadonlySet<string> = new Set(['TopK', 'NonMaxSuppression', 'NonZero']);

/** The outputs of a node as values. */
export function outputValues(
  call: Traced,
  outputs: readonly Known[],
  pieces: readonly (Pieces | null)[],
  effect: Effect,
): readonly Value[] {
  const key = operatorKey(call.node);
  const reach = effect.layer ? 'hidden' : farthest(call.inputs);
  const selected =
    selections.has(key) || (!effect.layer && call.inputs.some((input) => input?.selected === true));
  const unscaled = effect.unscaled ?? (passing.has(key) ? (call.inputs[0]?.unscaled ?? null) : null);
  const scales = key === 'Mul' ? scaled(call) : [];
  if (key === 'DequantizeLinear') dequantised(call);
  return call.node.outputs.flatMap((name, i): Value[] => {
    if (name === '') return [];
    const output = outputs[i] ?? plain;
    const certain = output.numbers?.every((n) => n !== null) === true;
    return [
      {
        name,
        shape: output.shape,
        dtype: output.dtype,
        numbers: output.numbers,
        pieces: reach === 'constant' ? (pieces[i] ?? generated(call.node, name, output)) : null,
        reach: certain ? 'constant' : reach,
        assumed: output.shape !== null && call.inputs.some((input) => input?.assumed === true),
        selected,
        tail: effect.layer ? 'layer' : tailOf(call, key),
        unscaled,
        scales,
      },
    ];
  });
}

function tailOf(call: Traced, key: string): Value['tail'] {
  if (norms.has(key)) return 'norm';
  const [a, b] = [call.inputs[0]?.tail ?? null, call.inputs[1]?.tail ?? null];
  if (passing.has(key)) return a;
  if (key === 'Sqrt') return 'root';
  if (key === 'Reciprocal') return a === 'root' ? a : null;
  if (key === 'Div') return b === 'root' ? 'norm' : null;
  // A norm's scale: what it gives still takes a shift.
  if (key === 'Mul') return a === 'root' || b === 'root' || a === 'norm' || b === 'norm' ? 'norm' : null;
  return null;
}

/** What a table of integers gives may be dequantised behind the look-up, by one scale for all of it. */
function dequantised(call: Traced): void {
  const steps = call.inputs[0]?.unscaled?.steps;
  const scale = storedTensor(call.inputs[1]);
  if (steps === undefined || steps.scale !== null || scale === null || elementsOf(scale.shape) !== 1) return;
  steps.scale = scale;
  steps.zeroPoint ??= storedTensor(call.inputs[2]);
}

/** Multiplies what lacks its weight's scale by scales; gives the scales that this product itself is made of. */
function scaled(call: Traced): readonly Tensor[] {
  const inputs = call.inputs.filter((input) => input !== null);
  const scales = inputs.flatMap((input) => {
    const tensor = storedTensor(input);
    return tensor !== null && isFloating(tensor.dtype) ? [tensor] : input.scales;
  });
  for (const { unscaled } of inputs) {
    if (unscaled === null || unscaled.steps.scale !== null) continue;
    const { steps, axis, count } = unscaled;
    const fit = scales.filter((scale) => [1, count].includes(elementsOf(scale.shape)));
    // Two that fit: which one is the weight's cannot be told.
    const [only] = fit;
    if (only === undefined || fit.length !== 1) continue;
    steps.scale = only;
    if (elementsOf(only.shape) > 1) steps.axis = axis;
  }
  return scales;
}

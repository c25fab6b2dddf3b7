import { isFloating } from '../dtype.ts';
import type { DType } from '../dtype.ts';
import { dtypeOfCode } from '../onnxTypes.ts';
import { inputOf, int, ints, intsOrInput, numbersOf, shapeOf } from './call.ts';
import type { Call, Infer, InferenceTable } from './call.ts';
import { axisOf, broadcast, isWhole, known, pickNumbers, product, shaped, stridesOf } from './known.ts';
import type { Known, Numbers, Shape } from './known.ts';

type Fold = (a: number, b: number, integer: boolean) => number;

const isInteger = (dtype: DType | null): boolean => dtype !== null && !isFloating(dtype);

/** A number of a small value as broadcasting reads it at an index of the result. */
function spread(value: Known, shape: Shape | null): Numbers | null {
  const { numbers, shape: own } = value;
  if (numbers === null || shape === null || !isWhole(own)) return null;
  const strides = stridesOf(own);
  const shift = shape.length - own.length;
  return pickNumbers(numbers, shape, (index) =>
    own.reduce<number>(
      (at, extent, axis) => at + (extent === 1 ? 0 : index[axis + shift]!) * strides[axis]!,
      0,
    ),
  );
}

function binary(fold: Fold | null, dtype: DType | null = null): Infer {
  return (call) => {
    const [a, b] = [inputOf(call, 0), inputOf(call, 1)];
    const shape = call.inputs
      .slice(2)
      .reduce<Shape | null>((s, v) => broadcast(s, v?.shape ?? null), broadcast(a.shape, b.shape));
    const type = dtype ?? a.dtype ?? b.dtype;
    if (fold === null || call.inputs.length > 2) return [shaped(shape, type)];
    const [x, y] = [spread(a, shape), spread(b, shape)];
    const integer = isInteger(a.dtype);
    const numbers =
      x === null || y === null
        ? null
        : x.map((v, i) => {
            const w = y[i]!;
            if (v === null || w === null) return null;
            const value = fold(v, w, integer);
            return Number.isFinite(value) ? value : null;
          });
    return [known(shape ?? [null], type, shape === null ? null : numbers)].map((out) =>
      shape === null ? shaped(null, type) : out,
    );
  };
}

function unary(fold: ((a: number) => number) | null = null, dtype: DType | null = null): Infer {
  return (call) => {
    const data = inputOf(call, 0);
    const numbers = fold === null ? null : (data.numbers?.map((v) => (v === null ? null : fold(v))) ?? null);
    return [
      data.shape === null
        ? shaped(null, dtype ?? data.dtype)
        : known(data.shape, dtype ?? data.dtype, numbers),
    ];
  };
}

const folded = (infer: Infer) => ({ infer, reads: 'all' as const, floats: true });

const binaryFolds: Readonly<Record<string, Fold>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b, integer) => (integer ? Math.trunc(a / b) : a / b),
  Mod: (a, b) => a - b * Math.floor(a / b),
  Pow: (a, b) => a ** b,
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
};

const comparisons: Readonly<Record<string, Fold>> = {
  Equal: (a, b) => Number(a === b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
  Xor: (a, b) => Number((a !== 0) !== (b !== 0)),
};

const unaryFolds: Readonly<Record<string, (a: number) => number>> = {
  Neg: (a) => -a,
  Abs: (a) => Math.abs(a),
  Floor: (a) => Math.floor(a),
  Ceil: (a) => Math.ceil(a),
  Sqrt: (a) => Math.sqrt(a),
};

/** A float type keeps the numbers of a small value, an integer type cuts them. */
function cast(call: Call) {
  const data = inputOf(call, 0);
  const dtype = dtypeOfCode.get(int(call, 'to') ?? 0) ?? null;
  const change =
    dtype === 'bool' ? (v: number) => Number(v !== 0) : isInteger(dtype) ? Math.trunc : (v: number) => v;
  return unary(change, dtype)({ ...call, inputs: [data] });
}

function where(call: Call) {
  const [condition, a, b] = [inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)];
  const shape = broadcast(condition.shape, broadcast(a.shape, b.shape));
  const dtype = a.dtype ?? b.dtype;
  if (shape === null) return [shaped(null, dtype)];
  const [c, x, y] = [spread(condition, shape), spread(a, shape), spread(b, shape)];
  const numbers = c?.map((flag, i) => (flag === null ? null : ((flag === 0 ? y : x)?.[i] ?? null))) ?? null;
  return [known(shape, dtype, numbers)];
}

/** Extents of a reduction; numbers when everything is reduced to one. */
function reduce(fold: ((values: readonly number[]) => number) | null): Infer {
  return (call) => {
    const { shape, dtype, numbers } = inputOf(call, 0);
    if (shape === null) return [];
    const axes = intsOrInput(call, 'axes', 1);
    const keep = (int(call, 'keepdims') ?? 1) === 1;
    if (axes === 'unknown')
      return [
        keep
          ? shaped(
              shape.map(() => null),
              dtype,
            )
          : shaped(null, dtype),
      ];
    if ((axes === null || axes.length === 0) && int(call, 'noop_with_empty_axes') === 1)
      return [inputOf(call, 0)];
    const gone = new Set(
      axes === null || axes.length === 0 ? shape.keys() : axes.map((a) => axisOf(a, shape.length)),
    );
    const out = keep ? shape.map((e, i) => (gone.has(i) ? 1 : e)) : shape.filter((_, i) => !gone.has(i));
    const sure = numbers?.every((v) => v !== null) === true && gone.size === shape.length;
    const one = sure && fold !== null && numbers.length > 0 ? [fold(numbers)] : null;
    return [known(out, dtype, one)];
  };
}

const reductions: Readonly<Record<string, ((values: readonly number[]) => number) | null>> = {
  ReduceSum: (v) => v.reduce((a, b) => a + b, 0),
  ReduceProd: (v) => v.reduce((a, b) => a * b, 1),
  ReduceMax: (v) => Math.max(...v),
  ReduceMin: (v) => Math.min(...v),
  ReduceMean: null,
  ReduceL1: null,
  ReduceL2: null,
  ReduceLogSum: null,
  ReduceLogSumExp: null,
  ReduceSumSquare: null,
};

function argument(call: Call) {
  const shape = shapeOf(call, 0);
  const axis = axisOf(int(call, 'axis') ?? 0, shape?.length ?? 0);
  if (shape === null || axis === null) return [];
  const keep = (int(call, 'keepdims') ?? 1) === 1;
  return [
    shaped(keep ? shape.map((e, i) => (i === axis ? 1 : e)) : shape.filter((_, i) => i !== axis), 'i64'),
  ];
}

function constantOfShape(call: Call) {
  const target = numbersOf(call, 0);
  const value = call.node.attributes.get('value');
  const dtype = value?.kind === 'value' ? value.value.dtype : 'f32';
  if (target === null) return [shaped(null, dtype)];
  const count = product(target);
  const data = value?.kind === 'value' ? value.value.data : null;
  const fill = value === undefined ? 0 : data?.kind === 'inline' ? (data.values[0] ?? null) : null;
  const numbers =
    count === null || count > 64 || isFloating(dtype) ? null : new Array<number | null>(count).fill(fill);
  return [known(target, dtype, numbers)];
}

function range(call: Call) {
  const [start, limit, delta] = [0, 1, 2].map((i) => numbersOf(call, i)?.[0] ?? null) as [
    number | null,
    number | null,
    number | null,
  ];
  const dtype = inputOf(call, 0).dtype;
  if (start === null || limit === null || delta === null || delta === 0) return [shaped([null], dtype)];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(count)) return [shaped([null], dtype)];
  const numbers = count <= 64 ? Array.from({ length: count }, (_, i) => start + i * delta) : null;
  return [known([count], dtype, numbers)];
}

function oneHot(call: Call) {
  const indices = shapeOf(call, 0);
  const depth = numbersOf(call, 1)?.[0] ?? null;
  if (indices === null) return [];
  const axis = axisOf(int(call, 'axis') ?? -1, indices.length + 1);
  if (axis === null) return [];
  return [shaped([...indices.slice(0, axis), depth, ...indices.slice(axis)], inputOf(call, 2).dtype)];
}

/** Operators whose first output is as large as their first input, and of the same type. */
const sameAsInput =
  'Relu LeakyRelu PRelu ThresholdedRelu Elu Selu Celu Gelu Mish Sigmoid HardSigmoid HardSwish Swish Tanh Softmax LogSoftmax Hardmax Softplus Softsign ' +
  'Exp Log Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Sign Round Reciprocal Clip Shrink CumSum LRN Trilu ' +
  'BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization MeanVarianceNormalization LpNormalization SimplifiedLayerNormalization ' +
  'BitShift BitwiseNot Bernoulli RandomNormalLike RandomUniformLike EyeLike RotaryEmbedding DequantizeLinear QuantizeLinear ' +
  'com.microsoft.Gelu com.microsoft.FastGelu com.microsoft.BiasGelu com.microsoft.QuickGelu com.microsoft.SkipLayerNormalization com.microsoft.SimplifiedLayerNormalization ' +
  'com.microsoft.SkipSimplifiedLayerNormalization com.microsoft.QLinearSigmoid com.microsoft.QLinearLeakyRelu com.microsoft.QLinearSoftmax com.microsoft.RotaryEmbedding ' +
  'com.microsoft.QuantizeLinear com.microsoft.DequantizeLinear com.microsoft.GroupNorm com.microsoft.BiasAdd com.microsoft.BiasSoftmax';

const table = <V>(
  values: Readonly<Record<string, V>>,
  make: (value: V) => InferenceTable[string],
): InferenceTable => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(value)]));

export const elementwiseOperators: InferenceTable = {
  ...Object.fromEntries(sameAsInput.split(' ').map((name) => [name, { infer: unary() }])),
  ...table(binaryFolds, (fold) => folded(binary(fold))),
  ...table(comparisons, (fold) => folded(binary(fold, 'bool'))),
  ...table(unaryFolds, (fold) => folded(unary(fold))),
  ...table(reductions, (fold) => ({ infer: reduce(fold), reads: [0, 1] })),
  Sum: { infer: binary(null) },
  Mean: { infer: binary(null) },
  BitwiseAnd: { infer: binary(null) },
  BitwiseOr: { infer: binary(null) },
  Not: folded(unary((v) => Number(v === 0), 'bool')),
  IsNaN: { infer: unary(null, 'bool') },
  IsInf: { infer: unary(null, 'bool') },
  Cast: folded(cast),
  CastLike: { infer: (call) => [shaped(shapeOf(call, 0), inputOf(call, 1).dtype)] },
  Where: folded(where),
  ArgMax: { infer: argument },
  ArgMin: { infer: argument },
  ConstantOfShape: { infer: constantOfShape, reads: [0] },
  Range: { infer: range, reads: 'all', floats: true },
  OneHot: { infer: oneHot, reads: [1] },
  DynamicQuantizeLinear: {
    infer: (call) => [shaped(shapeOf(call, 0), 'u8'), shaped([], 'f32'), shaped([], 'u8')],
  },
  RandomNormal: { infer: (call) => [shaped(ints(call, 'shape'), 'f32')] },
  RandomUniform: { infer: (call) => [shaped(ints(call, 'shape'), 'f32')] },
  'com.microsoft.QLinearAdd': {
    infer: (call) => [shaped(broadcast(shapeOf(call, 0), shapeOf(call, 3)), inputOf(call, 0).dtype)],
  },
  'com.microsoft.QLinearMul': {
    infer: (call) => [shaped(broadcast(shapeOf(call, 0), shapeOf(call, 3)), inputOf(call, 0).dtype)],
  },
};

import { seeded } from './denseModel.ts';
import { f32, i64, onnxModel, type NodeSpec, type TensorSpec } from './onnxFixture.ts';
import { weights } from './deadNets.ts';

/** A value of a net that grows: its name, channels and extent (as wide as it is high; 0 when it is flat). */
interface At {
  readonly name: string;
  readonly channels: number;
  readonly size: number;
}

/** A net out of random blocks whose layers have dead rows and columns, norms with zero scales and all kinds of biases. */
export function randomNet(seed: number): { readonly bytes: Uint8Array; readonly ops: readonly string[] } {
  const random = seeded(1 + seed * 7919);
  for (let i = 0; i < 5; i += 1) random();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const between = (a: number, b: number): number => a + Math.floor(random() * (b - a + 1));
  const nodes: NodeSpec[] = [];
  const tensors: TensorSpec[] = [];
  let count = 0;
  const fresh = (what: string): string => `${what}${(count += 1).toString()}`;
  const add = (op: string, inputs: readonly string[], attributes: NodeSpec['attributes'] = {}): string => {
    const name = fresh(op);
    nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  };
  const tensor = (spec: TensorSpec): string => {
    tensors.push(spec);
    return spec.name!;
  };
  /** Some rows and some columns without weights. */
  const weight = (shape: readonly number[], rowAxis: number, colAxis: number): string => {
    const rows = new Set(Array.from({ length: shape[rowAxis]! }, (_, i) => i).filter(() => random() < 0.35));
    const cols = new Set(Array.from({ length: shape[colAxis]! }, (_, i) => i).filter(() => random() < 0.2));
    return tensor(
      weights(
        fresh('w'),
        shape,
        between(1, 1e6),
        (...at) => rows.has(at[rowAxis]!) || cols.has(at[colAxis]!),
      ),
    );
  };
  const vector = (n: number, shape: readonly number[] = [n], zeros = 0.3): string => {
    const values = Array.from({ length: n }, () => (random() < zeros ? 0 : random() - 0.5));
    return tensor(f32(fresh('v'), shape, (i) => values[i]!));
  };
  const conv = ({ name, channels, size }: At): At => {
    const out = between(3, 7);
    const k = pick([1, 3]);
    const pad = k === 3 && (size < 3 || random() < 0.5) ? 1 : 0;
    const inputs = [name, weight([out, channels, k, k], 0, 1), ...(random() < 0.7 ? [vector(out)] : [])];
    return {
      name: add('Conv', inputs, { pads: [pad, pad, pad, pad] }),
      channels: out,
      size: size + 2 * pad - k + 1,
    };
  };
  const blocks: Readonly<Record<string, (at: At) => At | null>> = {
    conv,
    norm: (at) => {
      const positive = tensor(f32(fresh('v'), [at.channels], (i) => 0.5 + (i % 3)));
      const [g, s, m] = [vector(at.channels), vector(at.channels), vector(at.channels)];
      return { ...at, name: add('BatchNormalization', [at.name, g, s, m, positive]) };
    },
    activation: (at) => {
      const op = pick([
        'Relu',
        'LeakyRelu',
        'Sigmoid',
        'Tanh',
        'HardSigmoid',
        'Elu',
        'Softplus',
        'Abs',
        'Selu',
        'HardSwish',
        'Erf',
      ]);
      return { ...at, name: add(op, [at.name]) };
    },
    clip: (at) => ({
      ...at,
      name: add('Clip', [
        at.name,
        tensor(f32(fresh('v'), [], () => 0)),
        tensor(f32(fresh('v'), [], () => 6)),
      ]),
    }),
    bias: (at) => ({
      ...at,
      name: add(pick(['Add', 'Sub', 'Mul']), [at.name, vector(at.channels, [at.channels, 1, 1])]),
    }),
    slope: (at) => ({ ...at, name: add('PRelu', [at.name, vector(at.channels, [at.channels, 1, 1])]) }),
    depthwise: (at) => {
      if (at.size < 3) return null;
      const pad = pick([0, 1]);
      const w = weight([at.channels, 1, 3, 3], 0, 1);
      const inputs = [at.name, w, ...(random() < 0.5 ? [vector(at.channels)] : [])];
      const name = add('Conv', inputs, { group: at.channels, pads: [pad, pad, pad, pad] });
      return { ...at, name, size: at.size + 2 * pad - 2 };
    },
    pool: (at) => {
      if (at.size < 4) return null;
      const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
      return {
        ...at,
        name: add(pick(['MaxPool', 'AveragePool']), [at.name], attributes),
        size: Math.floor(at.size / 2),
      };
    },
    paddedPool: (at) => {
      if (at.size < 3) return null;
      const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: pick([0, 1]) };
      return { ...at, name: add('AveragePool', [at.name], attributes) };
    },
    pad: (at) => {
      const pads = tensor(i64(fresh('p'), [0, 0, 1, 1, 0, 0, 1, 1]));
      return {
        ...at,
        name: add('Pad', [at.name, pads], { mode: pick(['constant', 'edge']) }),
        size: at.size + 2,
      };
    },
    upsample: (at) => {
      if (at.size > 6) return null;
      const scales = tensor(f32(fresh('s'), [4], (i) => (i < 2 ? 1 : 2)));
      return { ...at, name: add('Resize', [at.name, '', scales], { mode: 'nearest' }), size: 2 * at.size };
    },
    up: (at) => {
      if (at.size > 6) return null;
      const out = between(2, 5);
      const inputs = [at.name, weight([at.channels, out, 2, 2], 1, 0), vector(out)];
      return { name: add('ConvTranspose', inputs, { strides: [2, 2] }), channels: out, size: 2 * at.size };
    },
    residual: (at) => {
      const w = weight([at.channels, at.channels, 1, 1], 0, 1);
      const branch = add('Conv', [at.name, w, vector(at.channels)]);
      return { ...at, name: add(pick(['Add', 'Mul', 'Max']), [at.name, branch]) };
    },
    concat: (at) => {
      const [a, b] = [between(2, 4), between(2, 4)];
      const left = add('Conv', [at.name, weight([a, at.channels, 1, 1], 0, 1), vector(a)]);
      const right = add('Relu', [add('Conv', [at.name, weight([b, at.channels, 1, 1], 0, 1), vector(b)])]);
      return { ...at, name: add('Concat', [left, right], { axis: 1 }), channels: a + b };
    },
    gate: (at) => {
      const mean = add('GlobalAveragePool', [at.name]);
      const w = weight([at.channels, at.channels, 1, 1], 0, 1);
      return {
        ...at,
        name: add('Mul', [at.name, add('Sigmoid', [add('Conv', [mean, w, vector(at.channels)])])]),
      };
    },
    turned: (at) => {
      const name = add('Transpose', [add('Relu', [add('Transpose', [at.name], { perm: [0, 2, 3, 1] })])], {
        perm: [0, 3, 1, 2],
      });
      return { ...at, name };
    },
  };
  let at: At = conv({ name: 'x', channels: 3, size: 8 });
  for (let i = 0; i < between(2, 7); i += 1) at = blocks[pick(Object.keys(blocks))]!(at) ?? at;
  at = conv(
    at.size < 3
      ? {
          ...at,
          name: add('Pad', [at.name, tensor(i64(fresh('p'), [0, 0, 1, 1, 0, 0, 1, 1]))]),
          size: at.size + 2,
        }
      : at,
  );
  // Flat from here on: by Flatten, by a Reshape to fixed extents or to what remains, or by means.
  const places = at.size * at.size;
  const way = pick(['flatten', 'fixed', 'rest', 'mean', 'shape']);
  let flat: { name: string; width: number };
  if (way === 'flatten') flat = { name: add('Flatten', [at.name]), width: at.channels * places };
  else if (way === 'mean')
    flat = { name: add('ReduceMean', [at.name], { axes: [2, 3], keepdims: 0 }), width: at.channels };
  else if (way === 'shape') {
    const batch = add('Gather', [add('Shape', [at.name]), tensor(i64(fresh('i'), [0], []))], { axis: 0 });
    const rows = add('Unsqueeze', [batch, tensor(i64(fresh('a'), [0]))]);
    const target = add('Concat', [rows, tensor(i64(fresh('r'), [-1]))], { axis: 0 });
    flat = { name: add('Reshape', [at.name, target]), width: at.channels * places };
  } else {
    const target = way === 'fixed' ? [1, at.channels * places] : [0, -1];
    flat = { name: add('Reshape', [at.name, tensor(i64(fresh('t'), target))]), width: at.channels * places };
  }
  for (let i = 0; i < between(1, 3); i += 1) {
    const out = between(3, 8);
    if (random() < 0.5) {
      const transposed = random() < 0.5;
      const w = transposed ? weight([out, flat.width], 0, 1) : weight([flat.width, out], 1, 0);
      const inputs = [
        flat.name,
        w,
        ...(random() < 0.7 ? [vector(out, random() < 0.5 ? [out] : [1, out])] : []),
      ];
      flat = {
        name: add('Gemm', inputs, { transB: transposed ? 1 : 0, alpha: { float: 0.5 }, beta: { float: 2 } }),
        width: out,
      };
    } else {
      const stored = weight([flat.width, out], 1, 0);
      flat = { name: add('MatMul', [flat.name, stored]), width: out };
      if (random() < 0.6) flat = { ...flat, name: add('Add', [vector(out), flat.name]) };
    }
    if (random() < 0.7) flat = { ...flat, name: add(pick(['Relu', 'Tanh', 'Sigmoid']), [flat.name]) };
  }
  const last = weight([flat.width, 4], 1, 0);
  nodes.push({ op: 'MatMul', name: 'out', inputs: [flat.name, last], outputs: ['y'] });
  return {
    bytes: onnxModel({
      opset: 14,
      nodes,
      initializers: tensors,
      inputs: [{ name: 'x', shape: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'y', shape: [null, 4] }],
    }),
    ops: nodes.map(({ op }) => op),
  };
}

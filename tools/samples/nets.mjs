// The sample networks: { file name: bytes }.
import { external, float, int64, int8, model, node } from './graph.mjs';
import { dense, kernels, magnitudePruned, quantised, twoOfFour, vector } from './weights.mjs';

/** LeNet-5 as Caffe has it: 431,080 parameters. 22 neighbouring units of ip1 are dead: no weight into them is left. */
export function lenet() {
  const initializers = [
    float('conv1.weight', [20, 1, 5, 5], kernels(11, 20, 1, 5)),
    float('conv1.bias', [20], vector(12, 20, 0, 0.05)),
    float('conv2.weight', [50, 20, 5, 5], kernels(13, 50, 20, 5)),
    float('conv2.bias', [50], vector(14, 50, 0, 0.05)),
    float('ip1.weight', [500, 800], dense(15, 500, 800, { group: 16, dead: 22, deadFrom: 180 })),
    float('ip1.bias', [500], vector(16, 500, 0, 0.03)),
    float('ip2.weight', [10, 500], dense(17, 10, 500)),
    float('ip2.bias', [10], vector(18, 10, 0, 0.03)),
    int64('flat', [2], [-1, 800]),
  ];
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const nodes = [
    node('Conv', 'conv1', ['image', 'conv1.weight', 'conv1.bias'], 'c1', { kernel_shape: [5, 5] }),
    node('MaxPool', 'pool1', ['c1'], 'p1', pool),
    node('Conv', 'conv2', ['p1', 'conv2.weight', 'conv2.bias'], 'c2', { kernel_shape: [5, 5] }),
    node('MaxPool', 'pool2', ['c2'], 'p2', pool),
    node('Reshape', 'flatten', ['p2', 'flat'], 'f'),
    node('Gemm', 'ip1', ['f', 'ip1.weight', 'ip1.bias'], 'h', { transB: 1 }),
    node('Relu', 'relu1', ['h'], 'r'),
    node('Gemm', 'ip2', ['r', 'ip2.weight', 'ip2.bias'], 'scores', { transB: 1 }),
    node('Softmax', 'softmax', ['scores'], 'digit', { axis: 1 }),
  ];
  const [input, output] = [
    ['image', 'batch', 1, 28, 28],
    ['digit', 'batch', 10],
  ];
  return { 'lenet-synthetic.onnx': model({ name: 'lenet', input, output, nodes, initializers }) };
}

/** Depthwise-separable convolutions with batch norm, pruned already: one layer 2:4, one to 15 %, one to 30 %. */
export function mobile() {
  const initializers = [];
  const nodes = [];
  let from = 'image';
  const add = (op, name, tensors, attributes) => {
    const output = `${name}_out`;
    nodes.push(node(op, name, [from, ...tensors.map((tensor) => tensor.name)], output, attributes));
    initializers.push(...tensors);
    from = output;
  };
  const block = (name, seed, [filters, channels, side], { values, group = 1, stride = 1 }) => {
    const pad = (side - 1) / 2;
    const weight = float(`${name}.weight`, [filters, channels, side, side], values);
    const attributes = {
      kernel_shape: [side, side],
      group,
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    };
    add('Conv', name, [weight], attributes);
    const norm = (part, mean, spread, n) =>
      float(`${name}.norm.${part}`, [filters], vector(seed + n, filters, mean, spread));
    const vectors = [
      norm('scale', 1, 0.2, 1),
      norm('bias', 0, 0.2, 2),
      norm('mean', 0, 0.3, 3),
      norm('variance', 1, 0.2, 4),
    ];
    add('BatchNormalization', `${name}.norm`, vectors, { epsilon: 0.00001 });
    add('Relu', `${name}.relu`, []);
  };
  block('stem', 100, [16, 3, 3], { values: kernels(101, 16, 3, 3), stride: 2 });
  block('block1.depthwise', 110, [16, 1, 3], { values: kernels(111, 16, 1, 3), group: 16 });
  block('block1.pointwise', 120, [48, 16, 1], { values: dense(121, 48, 16) });
  block('block2.depthwise', 130, [48, 1, 3], { values: kernels(131, 48, 1, 3), group: 48, stride: 2 });
  block('block2.pointwise', 140, [96, 48, 1], { values: twoOfFour(dense(141, 96, 48)) });
  block('block3.depthwise', 150, [96, 1, 3], { values: kernels(151, 96, 1, 3), group: 96, stride: 2 });
  block('block3.pointwise', 160, [192, 96, 1], { values: magnitudePruned(dense(161, 192, 96), 0.15) });
  add('GlobalAveragePool', 'pool', []);
  add('Flatten', 'flatten', [], { axis: 1 });
  const classifier = magnitudePruned(dense(171, 10, 192), 0.3);
  add(
    'Gemm',
    'classifier',
    [
      float('classifier.weight', [10, 192], classifier),
      float('classifier.bias', [10], vector(172, 10, 0, 0.05)),
    ],
    { transB: 1 },
  );
  const [input, output] = [
    ['image', 'batch', 3, 32, 32],
    [from, 'batch', 10],
  ];
  return { 'mobile-pruned-synthetic.onnx': model({ name: 'mobile', input, output, nodes, initializers }) };
}

/** Three dense layers in int8 with a scale for each row; the codes lie in a file beside the model. */
export function keyword() {
  const file = { name: 'keyword-int8-synthetic.weights', bytes: new Uint8Array(0) };
  const initializers = [];
  const nodes = [];
  let from = 'spectrum';
  const sizes = [490, 256, 256, 12];
  for (let at = 1; at < sizes.length; at++) {
    const [cols, rows, name] = [sizes[at - 1], sizes[at], `dense${at}`];
    const { codes, scales } = quantised(dense(200 + 10 * at, rows, cols, { group: at === 1 ? 10 : 1 }), rows);
    initializers.push(
      external(int8(`${name}.weight_quantized`, [rows, cols], codes), file),
      float(`${name}.weight_scale`, [rows], scales),
      int8(`${name}.weight_zero_point`, [rows], new Int8Array(rows)),
      float(`${name}.bias`, [rows], vector(201 + 10 * at, rows, 0, 0.05)),
    );
    const parts = ['quantized', 'scale', 'zero_point'].map((part) => `${name}.weight_${part}`);
    const last = at === sizes.length - 1;
    nodes.push(
      node('DequantizeLinear', `${name}.dequantize`, parts, `${name}.weight`, { axis: 0 }),
      node('Gemm', name, [from, `${name}.weight`, `${name}.bias`], last ? 'keyword' : `${name}_out`, {
        transB: 1,
      }),
    );
    if (!last) nodes.push(node('Relu', `${name}.relu`, [`${name}_out`], `${name}_relu`));
    from = `${name}_relu`;
  }
  const [input, output] = [
    ['spectrum', 'batch', 490],
    ['keyword', 'batch', 12],
  ];
  const bytes = model({ name: 'keyword', input, output, nodes, initializers });
  return { 'keyword-int8-synthetic.onnx': bytes, [file.name]: file.bytes };
}

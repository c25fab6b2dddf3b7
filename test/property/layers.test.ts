import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { layersIn, placesOf } from '../support/layersIn.ts';
import { f32, i64 } from '../support/onnxFixture.ts';
import type { AttributeSpec, GraphSpec, NodeSpec, TensorSpec } from '../support/onnxFixture.ts';

const extents = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const lists = fc.array(fc.integer({ min: -3, max: 6 }), { maxLength: 4 });
const names = Array.from({ length: 14 }, (_, i) => `v${i}`);

const operators = (
  'Conv ConvTranspose Gemm MatMul MatMulInteger QLinearConv QLinearMatMul LSTM GRU Einsum Gather Reshape Transpose Flatten Squeeze Unsqueeze ' +
  'Slice Split Concat Cast DequantizeLinear QuantizeLinear Identity Expand Tile Pad Resize Shape ConstantOfShape Add Mul Div Where ReduceSum TopK ' +
  'BatchNormalization Softmax MaxPool Range Nothing'
).split(' ');

const attributes: fc.Arbitrary<Record<string, AttributeSpec>> = fc.dictionary(
  fc.constantFrom(
    'axis',
    'axes',
    'perm',
    'group',
    'pads',
    'strides',
    'kernel_shape',
    'transA',
    'transB',
    'starts',
    'ends',
    'to',
    'equation',
    'keepdims',
    'hidden_size',
    'num_outputs',
    'split',
    'dilations',
    'ceil_mode',
    'block_size',
  ),
  fc.oneof(
    fc.integer({ min: -4, max: 9 }),
    lists,
    fc.constantFrom('ab,bc->ac', 'SAME_UPPER', 'bidirectional'),
  ),
  { maxKeys: 3 },
);

const node: fc.Arbitrary<NodeSpec> = fc.record({
  op: fc.constantFrom(...operators),
  inputs: fc.array(fc.constantFrom(...names, ''), { maxLength: 6 }),
  outputs: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
  attributes,
});

const tensor: fc.Arbitrary<TensorSpec> = fc.oneof(
  extents.map((shape) => f32('', shape)),
  lists.map((values) => i64('', values)),
  extents.map((shape) => ({
    dtype: 'i8' as const,
    shape,
    raw: new Uint8Array(shape.reduce((n, e) => n * e, 1)),
  })),
);

const graph: fc.Arbitrary<GraphSpec> = fc.record({
  nodes: fc.array(node, { maxLength: 10 }),
  initializers: fc
    .array(tensor, { maxLength: 5 })
    .map((tensors) => tensors.map((t, i) => ({ ...t, name: names[i + 2]! }))),
  inputs: fc
    .array(fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant('N')), { maxLength: 4 }), {
      maxLength: 2,
    })
    .map((shapes) => shapes.map((shape, i) => ({ name: names[i]!, shape }))),
});

const nested: fc.Arbitrary<GraphSpec> = fc
  .tuple(graph, graph, fc.constantFrom('If', 'Loop', 'Scan'))
  .map(([outer, inner, op]) => {
    const body: AttributeSpec = { graph: { ...inner, outputs: [{ name: names[3]! }, { name: names[9]! }] } };
    const bodies: Record<string, AttributeSpec> =
      op === 'If' ? { then_branch: body, else_branch: body } : { body, num_scan_inputs: 1 };
    const holder: NodeSpec = {
      op,
      inputs: [names[0]!, names[2]!, names[4]!],
      outputs: [names[11]!],
      attributes: bodies,
    };
    return { ...outer, nodes: [...(outer.nodes ?? []), holder, ...(outer.nodes ?? [])] };
  });

test('whatever a graph says, layers are matrices over whole tensors, and counts are numbers or unknown', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(graph, nested), async (spec) => {
      const { layers, parameters } = await layersIn(spec);
      assert.ok(Number.isSafeInteger(parameters) && parameters >= 0);
      for (const layer of layers) {
        const { view, rows, cols, weight, macs } = layer;
        const elements = weight.shape.reduce((n, e) => n * e, 1);
        assert.equal(rows * cols, elements);
        assert.deepEqual(
          [...view.rowAxes, ...view.colAxes].toSorted((a, b) => a - b),
          view.shape.map((_, axis) => axis),
        );
        // Every place of the matrix is taken once.
        assert.equal(new Set(placesOf(layer).map(([row, col]) => row * cols + col)).size, elements);
        assert.ok(macs === null || (Number.isSafeInteger(macs) && macs >= 0), String(macs));
        assert.ok(layer.usedBy.length > 0);
        assert.ok(view.reductionAxis === null || view.colAxes.includes(view.reductionAxis));
      }
    }),
    { numRuns: 400 },
  );
});

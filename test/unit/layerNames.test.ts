import assert from 'node:assert/strict';
import test from 'node:test';
import { distinctNames, layerName } from '../../analyzers/model/naming.ts';

const named = (tensor: string) => layerName(tensor, 'node', 'conv', 3);

test("a layer is called as its tensor, without the exporters' endings", () => {
  assert.equal(named('ip1.weight'), 'ip1');
  assert.equal(named('block/dense/kernel'), 'block/dense');
  assert.equal(named('conv1_w'), 'conv1');
  assert.equal(named('fc_weight'), 'fc');
  assert.equal(named('classifier.1.weight_quantized'), 'classifier.1');
  assert.equal(named('conv1_w_0'), 'conv1_w_0');
  assert.equal(named('model.layers.0.self_attn.q_proj.weight'), 'model.layers.0.self_attn.q_proj');
  assert.equal(named('Parameter193'), 'Parameter193');
});

test('a tensor whose name says nothing leaves the name to its node, and a node without one to its kind', () => {
  for (const tensor of [
    '190',
    '545_quantized',
    'onnx::MatMul_214',
    'val_7',
    'weight',
    'const_fold_opt__57',
    '/model/Constant_3_output_0',
    '',
  ])
    assert.equal(layerName(tensor, 'encoder/MatMul', 'dense', 3), 'encoder/MatMul', tensor);
  assert.equal(layerName('190', '', 'conv', 3), 'conv_3');
});

test('names are distinct, and a name that is there already is not taken', () => {
  assert.deepEqual(distinctNames(['a', 'b', 'a', 'a']), ['a', 'b', 'a (2)', 'a (3)']);
  assert.deepEqual(distinctNames(['a', 'a', 'a (2)']), ['a', 'a (3)', 'a (2)']);
});

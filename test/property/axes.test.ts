import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forEachRun } from '../../analyzers/kernels/axes.ts';
import { axisMapOf, formOf } from '../../analyzers/model/view.ts';
import { rawTensor } from '../support/numbers.ts';
import { naivePlace, product } from '../support/naiveProfile.ts';
import { views } from '../support/views.ts';

test('the runs of any part of any view give every element its row and column, in order', () => {
  fc.assert(
    fc.property(views(4), fc.nat(), fc.nat(), (view, a, b) => {
      const elements = product(view.shape);
      const first = a % elements;
      const length = b % (elements - first + 1);
      let next = 0;
      forEachRun(axisMapOf(view), first, length, (start, run, row, col, rowStep, colStep) => {
        assert.equal(start, next);
        assert.ok(run > 0 && (rowStep === 0 || colStep === 0));
        for (let i = 0; i < run; i += 1)
          assert.deepEqual([row + i * rowStep, col + i * colStep], naivePlace(view, first + start + i));
        next += run;
      });
      assert.equal(next, length);
    }),
    { numRuns: 500 },
  );
});

test('axes that step alike are one: a convolution of OIHW runs over whole rows', () => {
  const view = { shape: [8, 4, 3, 3], rowAxes: [0], colAxes: [1, 2, 3], reductionAxis: 1, positions: 9 };
  assert.deepEqual(axisMapOf(view), { dims: [8, 36], rowStep: [1, 0], colStep: [0, 1] });
});

test('the reduction axis is told as one of the stored tensor, also where groups split an axis', () => {
  const grouped = {
    shape: [2, 4, 6, 3, 3],
    rowAxes: [0, 1],
    colAxes: [2, 3, 4],
    reductionAxis: 2,
    positions: 9,
  };
  const form = formOf({ view: grouped, weight: rawTensor('f32', [8, 6, 3, 3], 0) });
  assert.deepEqual(form.reduction, { size: 6, inner: 9, axis: 1 });
});

test('where a view joins stored axes, the reduction is told to run along the inner one of them', () => {
  const joined = { shape: [6, 4], rowAxes: [1], colAxes: [0], reductionAxis: 0, positions: 1 };
  const inner = formOf({ view: joined, weight: rawTensor('f32', [2, 3, 4], 0) });
  assert.deepEqual(inner.reduction, { size: 6, inner: 4, axis: 1 });
  const last = formOf({ view: { ...joined, reductionAxis: 1 }, weight: rawTensor('f32', [2, 3, 4], 0) });
  assert.deepEqual(last.reduction, { size: 4, inner: 1, axis: 2 });
});

test('a layer of more rows than can be counted is refused before anything is allocated', () => {
  const view = { shape: [2 ** 31, 1], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 };
  assert.throws(() => formOf({ view, weight: rawTensor('u2', view.shape, 0) }), {
    code: 'limits/shape-overflow',
  });
});

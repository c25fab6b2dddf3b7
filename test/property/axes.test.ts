import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forEachRun } from '../../analyzers/kernels/axes.ts';
import type { View } from '../../analyzers/model/layer.ts';
import { axisMapOf, formOf } from '../../analyzers/model/view.ts';

/** A view of up to five axes, each given to the rows or the columns in any order. */
const views = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 4 }), row: fc.boolean(), order: fc.integer() }), {
    maxLength: 5,
  })
  .map((axes): View => {
    const ordered = [...axes.entries()].toSorted(([, a], [, b]) => a.order - b.order);
    const of = (row: boolean): number[] => ordered.filter(([, a]) => a.row === row).map(([i]) => i);
    return {
      shape: axes.map((a) => a.size),
      rowAxes: of(true),
      colAxes: of(false),
      reductionAxis: null,
      positions: 1,
    };
  });

const count = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

/** Row and column of an element by the definition: its coordinates, read along the axes of each. */
function naivePlace(view: View, index: number): [row: number, col: number] {
  const at: number[] = [];
  let rest = index;
  for (const size of view.shape.toReversed()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const along = (axes: readonly number[]): number => axes.reduce((n, a) => n * view.shape[a]! + at[a]!, 0);
  return [along(view.rowAxes), along(view.colAxes)];
}

test('the runs of any part of any view give every element its row and column, in order', () => {
  fc.assert(
    fc.property(views, fc.nat(), fc.nat(), (view, a, b) => {
      const elements = count(view.shape);
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
  const form = formOf({
    view: grouped,
    weight: {
      name: 'w',
      dtype: 'f32',
      shape: [8, 6, 3, 3],
      place: 'initializer',
      data: { kind: 'none', code: '', reason: '' },
    },
  });
  assert.deepEqual(form.reduction, { size: 6, inner: 9, axis: 1 });
});

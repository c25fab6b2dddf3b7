import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cut, picked, reshaped, simplified, storedLayout, transposed } from '../../analyzers/model/layout.ts';
import type { Layout } from '../../analyzers/model/layout.ts';
import { filled, reshape, slice, transpose } from '../support/naive.ts';
import type { Naive } from '../support/naive.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

/** A random regrouping of a count into extents. */
function regrouped(count: number, picks: readonly number[]): number[] {
  const extents: number[] = [];
  let rest = count;
  for (const pick of picks) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0);
    const divisor = divisors[pick % divisors.length]!;
    extents.push(divisor);
    rest /= divisor;
  }
  return [...extents, rest];
}

/** Where in the stored tensor each element of the rearranged one stands, read off the layout. */
function storedPlaces(layout: Layout): number[] {
  const strides = layout.factors.map((_, i) => layout.factors.slice(i + 1).reduce((n, f) => n * f, 1));
  const count = layout.shape.reduce((n, extent) => n * extent, 1);
  return Array.from({ length: count }, (_, flat) => {
    let rest = flat;
    let place = 0;
    for (let axis = layout.shape.length - 1; axis >= 0; axis -= 1) {
      let digit = (rest % layout.shape[axis]!) + layout.from[axis]!;
      rest = Math.floor(rest / layout.shape[axis]!);
      for (const factor of layout.axes[axis]!.toReversed()) {
        place += (digit % layout.factors[factor]!) * strides[factor]!;
        digit = Math.floor(digit / layout.factors[factor]!);
      }
      assert.equal(digit, 0);
    }
    return place;
  });
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('transpose', 'reshape', 'slice', 'simplify'),
    picks: fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }),
  }),
  { maxLength: 5 },
);

/** One rearrangement of numbers and of the layout; null when the layout refuses. */
function rearranged(
  naive: Naive,
  layout: Layout,
  kind: string,
  picks: readonly number[],
): readonly [Naive, Layout | null] {
  const rank = naive.shape.length;
  if (kind === 'transpose') {
    const perm = naive.shape
      .map((_, i) => i)
      .toSorted((a, b) => ((picks[a % 3]! * 7 + a * 3) % 5) - ((picks[b % 3]! * 7 + b * 3) % 5));
    return [transpose(naive, perm), transposed(layout, perm)];
  }
  if (kind === 'reshape') {
    const shape = regrouped(naive.data.length, picks);
    return [reshape(naive, shape), reshaped(layout, shape)];
  }
  if (kind === 'slice') {
    const axis = picks[0]! % rank;
    const start = picks[1]! % naive.shape[axis]!;
    const length = 1 + (picks[2]! % (naive.shape[axis]! - start));
    return [slice(naive, axis, start, length), cut(layout, axis, start, length)];
  }
  return [naive, simplified(layout)];
}

test('a layout finds every element where the rearranged numbers have it', () => {
  fc.assert(
    fc.property(shapes, steps, (shape, chain) => {
      let naive = filled(shape, (i) => i);
      let layout = storedLayout(shape);
      for (const { kind, picks } of chain) {
        const [next, its] = rearranged(naive, layout, kind, picks);
        if (its === null) return;
        [naive, layout] = [next, its];
        assert.deepEqual(layout.shape, naive.shape);
        // A place that was picked for good is not told; where it lies shifts all elements alike.
        const shift = naive.data[0]! - (layout.fixed.length > 0 ? storedPlaces(layout)[0]! : naive.data[0]!);
        assert.deepEqual(
          storedPlaces(layout).map((place) => place + shift),
          naive.data,
        );
      }
      const factors = layout.factors.reduce((n, f) => n * f, 1);
      assert.equal(
        factors,
        shape.reduce((n, e) => n * e, 1),
      );
    }),
    { numRuns: 1000 },
  );
});

test('reshapes alone are never refused when axes are split or merged whole', () => {
  fc.assert(
    fc.property(shapes, fc.array(fc.nat(30), { minLength: 3, maxLength: 3 }), (shape, picks) => {
      const merged = [shape.reduce((n, e) => n * e, 1)];
      const flat = reshaped(storedLayout(shape), merged);
      assert.ok(flat !== null);
      const back = reshaped(flat, shape);
      assert.ok(back !== null);
      assert.deepEqual(storedPlaces(back), filled(shape, (i) => i).data);
      assert.ok(reshaped(storedLayout(merged), regrouped(merged[0]!, picks)) !== null);
    }),
  );
});

test('axes that an index picked one place of stay in the layout', () => {
  const layout = picked(storedLayout([3, 4, 5]), 0);
  assert.deepEqual(layout.shape, [4, 5]);
  assert.deepEqual(layout.fixed, [0]);
  const merged = simplified(reshaped(layout, [20])!);
  assert.deepEqual([merged.factors, merged.axes, merged.fixed], [[3, 20], [[1]], [0]]);
});

test('a part of an axis is not mixed with others, and a tensor without elements has no layout', () => {
  const part = cut(storedLayout([4, 6]), 0, 1, 2);
  assert.equal(reshaped(part, [12]), null);
  assert.deepEqual(reshaped(part, [1, 2, 6])?.axes, [[], [0], [1]]);
  assert.equal(reshaped(storedLayout([0, 4]), [4, 0]), null);
});

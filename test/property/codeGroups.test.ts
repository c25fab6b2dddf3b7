import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { forEachRun } from '../../analyzers/kernels/axes.ts';
import { codeGroups, groupFinder } from '../../analyzers/kernels/codeGroups.ts';
import { heldCap } from '../../analyzers/analyses/heldValues.ts';
import { axisMapOf } from '../../analyzers/model/view.ts';
import type { View } from '../../analyzers/model/layer.ts';
import { codebookMethods } from '../../analyzers/report/rules.ts';
import { codedLayerOf, decoded, settled as makeSettled, streamsOf, whole } from '../support/codedLayers.ts';
import { denseLayer, normals, reportOn } from '../support/layerFixture.ts';

const { signal } = new AbortController();

/** Weights of convolutions and of matrices, either way round. */
const views: fc.Arbitrary<View> = fc
  .record({
    out: fc.integer({ min: 1, max: 7 }),
    ins: fc.integer({ min: 1, max: 7 }),
    kernel: fc.constantFrom(1, 2, 3),
    order: fc.constantFrom('OIHW', 'HWIO', 'OHWI', 'IO'),
  })
  .map(({ out, ins, kernel, order }) => {
    const positions = kernel * kernel;
    const common = { positions: order === 'IO' ? 1 : positions };
    if (order === 'OIHW')
      return {
        ...common,
        shape: [out, ins, kernel, kernel],
        rowAxes: [0],
        colAxes: [1, 2, 3],
        reductionAxis: 1,
      };
    if (order === 'HWIO')
      return {
        ...common,
        shape: [kernel, kernel, ins, out],
        rowAxes: [3],
        colAxes: [2, 0, 1],
        reductionAxis: 2,
      };
    if (order === 'OHWI')
      return {
        ...common,
        shape: [out, kernel, kernel, ins],
        rowAxes: [0],
        colAxes: [3, 1, 2],
        reductionAxis: 3,
      };
    return { ...common, shape: [ins, out], rowAxes: [1], colAxes: [0], reductionAxis: 0 };
  });

/** Row and column of every element, as the statistics see them. */
function placesOf(view: View): { row: number; col: number }[] {
  const n = view.shape.reduce((all, size) => all * size, 1);
  const places: { row: number; col: number }[] = [];
  forEachRun(axisMapOf(view), 0, n, (_start, length, row, col, rowStep, colStep) => {
    for (let i = 0; i < length; i += 1) places.push({ row: row + i * rowStep, col: col + i * colStep });
  });
  return places;
}

const layerOf = (view: View) => {
  const sizes = (axes: readonly number[]): number => axes.reduce((all, axis) => all * view.shape[axis]!, 1);
  const [rows, cols] = [sizes(view.rowAxes), sizes(view.colAxes)];
  const layer = denseLayer(rows, cols, { view });
  return { ...layer, weight: { ...layer.weight, shape: view.shape } };
};

const groupings = fc.record({
  by: fc.constantFrom('rows' as const, 'columns' as const, 'pes' as const),
  size: fc.integer({ min: 1, max: 6 }),
});

test('the group of an element is that of its row or column, in any order of asking', () => {
  fc.assert(
    fc.property(views, groupings, fc.boolean(), (view, { by, size }, backwards) => {
      const layer = layerOf(view);
      const groups = codeGroups(by, size, axisMapOf(view), layer);
      const find = groupFinder(groups);
      const places = [...placesOf(view).entries()];
      const seen = new Set<number>();
      for (const [element, { row, col }] of backwards ? places.toReversed() : places) {
        const line = by === 'columns' ? col : row;
        const wanted = by === 'pes' ? line % size : Math.floor(line / size);
        assert.equal(find(element), wanted);
        seen.add(wanted);
      }
      assert.equal(seen.size, groups.count, 'every group has an element');
    }),
  );
});

test('each group has the codebook that a layer of its weights alone has, and its weights decode to it', async () => {
  const cases = fc.record({
    view: views,
    grouping: groupings,
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    method: fc.constantFrom(...codebookMethods.filter((name) => name !== 'rate'), '3:uniform-symmetric'),
    threshold: fc.constantFrom(0, 0.04),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ view, grouping: { by, size }, seed, method, threshold }) => {
      const layer = layerOf(view);
      const places = placesOf(view);
      const values = normals(places.length, seed, 0.05);
      const share = method.includes(':') ? method : `k=3:${method}`;
      const prune = threshold === 0 ? 'none' : `threshold=${threshold.toString()}`;
      const bytes = new Uint8Array(values.buffer);
      const { settled, passes } = await makeSettled(
        { dtype: 'f32', rows: layer.rows, cols: layer.cols, bytes, view },
        { prune, share: `${share}/${by}=${size.toString()}` },
      );
      const { groups, centroids } = settled.codebook!;
      const lines = places.map(({ row, col }) => (by === 'columns' ? col : row));
      for (let group = 0; group < groups!.map.count; group += 1) {
        const own = values.filter(
          (_, at) => group === (by === 'pes' ? lines[at]! % size : Math.floor(lines[at]! / size)),
        );
        // A zero more, so that code 0 is reserved where it is in the layer.
        const alone = await reportOn(denseLayer(1, own.length + 1), Float32Array.of(...own, 0), {
          prune,
          share,
        });
        const table = centroids.subarray(groups!.starts[group], groups!.starts[group + 1]);
        if (settled.zeroReserved || !method.includes(':'))
          assert.deepEqual(Array.from(table), alone.share!.centroids);
      }
      const streams = await streamsOf(settled, passes);
      assert.deepEqual(
        await decoded(codedLayerOf(settled), streams),
        await whole(passes.newWeights(signal), values.length, 32),
      );
    }),
    { numRuns: 150 },
  );
});

test('a group of more weights than are held has the codebook of a layer of as many', async () => {
  const values = normals(heldCap + 90_000, 3, 0.1);
  const layer = denseLayer(1, values.length);
  const rule = { prune: 'threshold=0.0001' };
  const one = await reportOn(layer, values, { ...rule, share: '4:optimal' });
  const group = await reportOn(layer, values, { ...rule, share: '4:optimal/pes=1' });
  assert.ok(one.prune!.kept > heldCap);
  assert.deepEqual(group.share!.groups!.tables, [one.share!.centroids]);
  assert.deepEqual(group.share!.counts, one.share!.counts);
  // The number of centroids is charged besides.
  assert.equal(group.encode!.bits.coded, one.encode!.bits.coded + 5);
});

test('rate with groups is never larger than a published or optimal codebook of as many or fewer values, at no more error than linear', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 2, max: 24 }),
        cols: fc.integer({ min: 4, max: 60 }),
        seed: fc.integer({ min: 1, max: 1 << 30 }),
        bits: fc.integer({ min: 2, max: 4 }),
        density: fc.constantFrom(0.1, 0.3, 1),
        per: fc.constantFrom('rows=1', 'rows=4', 'columns=3', 'pes=2'),
      }),
      async ({ rows, cols, seed, bits, density, per }) => {
        const layer = denseLayer(rows, cols);
        const values = normals(rows * cols, seed, 0.05);
        const prune = `density=${density.toString()}`;
        const figures = async (
          share: string,
        ): Promise<{ bits: number; mse: number; width: number; heads: number }> => {
          const { encode, share: told } = await reportOn(layer, values, { prune, share: `${share}/${per}` });
          // What is as wide as a code: the head of each group, and the symbols of the code table.
          const heads = told!.groups!.count + told!.k + (told!.paddingLength === null ? 0 : 1);
          return { bits: encode!.bits.coded, mse: told!.mse, width: told!.bits, heads };
        };
        const rate = await figures(`${bits.toString()}:rate`);
        const linear = await figures(`${bits.toString()}:linear`);
        assert.ok(rate.mse <= linear.mse * (1 + 1e-12));
        for (let width = bits; width > 1; width -= 1)
          for (const method of ['optimal', 'linear', 'density', 'forgy']) {
            const one = await figures(`k=${(2 ** width - 1).toString()}:${method}`);
            if (one.mse > linear.mse) continue;
            // Codes of `rate` are as wide as its rule asks for.
            const wide = one.bits + (bits - one.width) * one.heads;
            assert.ok(rate.bits <= wide, `${rate.bits.toString()} ${method} ${one.bits.toString()}`);
          }
      },
    ),
    { numRuns: 25 },
  );
});

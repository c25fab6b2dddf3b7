import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { codedLayerOf, decoded, settled as settledLayer, streamsOf, whole } from '../support/codedLayers.ts';
import { denseLayer, normals, reportOn } from '../support/layerFixture.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { filesOf, opened, slimOf, wanted } from '../support/slim.ts';
import { chain, recipeBy } from '../support/slimModels.ts';

const { signal } = new AbortController();

test('k=K gives K centroids whether code 0 is reserved or not, in codes as wide as these need', async () => {
  const values = normals(4000, 2);
  for (const [k, plain, pruned] of [
    [2, 1, 2],
    [24, 5, 5],
    [31, 5, 5],
    [32, 5, 6],
    [255, 8, 8],
    [256, 8, 9],
  ] as const) {
    const all = await reportOn(denseLayer(40, 100), values, { share: `k=${k.toString()}:optimal` });
    const some = await reportOn(denseLayer(40, 100), values, {
      prune: 'density=0.5',
      share: `k=${k.toString()}:optimal`,
    });
    assert.deepEqual([all.share!.k, all.share!.zeroReserved, all.share!.bits], [k, false, plain]);
    assert.deepEqual([some.share!.k, some.share!.zeroReserved, some.share!.bits], [k, true, pruned]);
  }
});

test('bits give 2^bits - 1 centroids beside a reserved zero, and 2^bits without one', async () => {
  const values = normals(4000, 3);
  const all = await reportOn(denseLayer(40, 100), values, { share: '4:optimal' });
  const some = await reportOn(denseLayer(40, 100), values, { prune: 'density=0.5', share: '4:optimal' });
  assert.deepEqual([all.share!.k, some.share!.k], [16, 15]);
});

test('65,536 values and a zero have codes of 17 bits, which a container can hold', async () => {
  const values = normals(150_000, 4).map((value, i) => (i % 50 === 0 ? 0 : value));
  const bytes = new Uint8Array(values.buffer);
  const { settled, passes } = await settledLayer(
    { dtype: 'f32', rows: 300, cols: 500, bytes },
    { share: 'k=65536:density', index: 'none' },
    'escape',
    4096,
  );
  assert.equal(settled.rule.share.kind === 'codebook' && settled.rule.share.bits, 17);
  assert.ok(17 <= limits.slimSymbolBits);
  const streams = await streamsOf(settled, passes);
  assert.deepEqual(
    await decoded(codedLayerOf(settled), streams, 4096),
    await whole(passes.newWeights(signal), values.length, 32),
  );
});

test('tables of groups are charged whole: every centroid, and how many each group has', async () => {
  const values = normals(6000, 5);
  const one = await reportOn(denseLayer(60, 100), values, { share: '3:optimal', index: 'none' });
  const { share, encode } = await reportOn(denseLayer(60, 100), values, {
    share: '3:optimal/rows=7',
    index: 'none',
  });
  assert.deepEqual(
    { ...share!.groups, tables: share!.groups!.tables!.map((table) => table.length) },
    { by: 'rows', size: 7, count: 9, tables: new Array<number>(9).fill(8) },
  );
  assert.deepEqual([share!.centroids, share!.k], [[], 8]);
  assert.equal(share!.tableBits, 9 * (8 * 32 + 4));
  assert.equal(one.share!.tableBits, 8 * 32);
  assert.ok(share!.mse < one.share!.mse);
  const codes = share!.counts.reduce((sum, count, code) => sum + count * share!.codeLengths[code]!, 0);
  assert.equal(encode!.bits.coded, codes + share!.tableBits + 8 * (3 + 5));
});

test('groups of a model are in its container, and come back from it', async () => {
  const bytes = onnxModel(chain([30, 24, 18, 12]));
  const recipe = recipeBy({
    fc1: { prune: 'density=0.3', share: '2:rate/columns=10' },
    fc2: { share: 'k=3:optimal/pes=4' },
    fc3: { share: '3:uniform-asymmetric/rows=5' },
  });
  const model = await opened(memorySource('net.onnx', bytes));
  const expected = bytes.slice();
  for (const layer of model.layers) {
    assert.ok(layer.weight.data.kind === 'raw');
    expected.set(await wanted(layer, recipe, model.sources), layer.weight.data.extents[0]!.offset);
  }
  const { slim } = await slimOf(model, recipe);
  assert.deepEqual((await filesOf(slim)).get('net.onnx'), Uint8Array.from(expected));
});

test('more codebooks than are searched at once are refused with what to do', async () => {
  const values = new Float32Array(4200 * 600).fill(1);
  await assert.rejects(
    reportOn(denseLayer(4200, 600), values, { share: 'k=500:optimal/rows=1' }),
    (error) =>
      error instanceof ReadError &&
      error.code === 'limits/codebook-groups' &&
      /4200 codebooks of up to 500 values each.*take more rows, columns or PEs together/.test(error.message),
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { exportModel } from '../../analyzers/container/exportModel.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';
import { bothWays, exportOf, placesIn } from '../support/exporting.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { memorySink, numbersIn, opened, quiet, slimOf, wanted } from '../support/slim.ts';
import { chain, drawn, recipeBy } from '../support/slimModels.ts';
import { product } from '../support/writtenModels.ts';

const pruned = recipeBy({ '*': { prune: 'density=0.4' } });
const shared = recipeBy({ '*': { prune: 'density=0.4', share: '2' } });
const { signal } = new AbortController();

const reportOn = (bytes: Uint8Array, recipe: Recipe) =>
  analyze({ kind: 'bytes', name: 'net.onnx', bytes: bytes.slice().buffer }, recipe, {
    open: (ref) => {
      assert.ok(ref.kind === 'bytes');
      return Promise.resolve(memorySource(ref.name, new Uint8Array(ref.bytes)));
    },
    digest: () => ({ update: () => {}, finish: () => '' }),
    signal,
  });

test('files beside the model are written under their own names, weights in place', async () => {
  const w = drawn('w', [30, 20], 3);
  const data = pb.concat(new Uint8Array(16).fill(9), w.raw!, new Uint8Array(5).fill(7));
  const spec = product([30, 20], {
    initializers: [
      { name: 'w', shape: [30, 20], external: { location: 'deep/net.data', offset: 16, length: 2400 } },
    ],
  });
  const bytes = onnxModel(spec);
  const both = await bothWays(bytes, shared, new Map([['deep/net.data', data]]));
  assert.deepEqual([...both.exported.keys()], ['net.onnx', 'deep/net.data']);
  assert.deepEqual(both.decompressed, both.exported);
  assert.deepEqual(both.exported.get('net.onnx'), bytes);
  const now = both.exported.get('deep/net.data')!;
  assert.deepEqual([now.length, ...now.subarray(0, 16)], [data.length, ...data.subarray(0, 16)]);
  assert.deepEqual(now.subarray(2416), data.subarray(2416));
  assert.deepEqual(
    [...now.subarray(16, 2416)],
    await wanted(both.before.layers[0]!, shared, both.before.sources),
  );
});

test('a report on what was exported has the zeros that were told, and at most as many values', async () => {
  const bytes = onnxModel(chain([60, 50, 40, 8]));
  const model = await opened(memorySource('net.onnx', bytes));
  for (const [prune, share] of [
    ['density=0.3', '4'],
    ['density=0.3', '4:rate'],
    ['std=1', '3:linear'],
    ['nm=2:4', '2'],
    ['block=2x2:0.25', 'none'],
    ['filters=0.5', '5:density'],
  ] as const) {
    const recipe = recipeBy({ '*': { prune, share } });
    const told = await reportOn(bytes, recipe);
    const { written } = await exportOf(model, recipe);
    const own = written.get('net.onnx')!;
    const found = await reportOn(own, presets['as-is']);
    const after = await opened(memorySource('net.onnx', own));
    for (const [i, layer] of after.layers.entries()) {
      const before = told.layers[i]!;
      const zeros = before.rows * before.cols - before.prune!.kept;
      assert.equal(found.layers[i]!.profile!.zeros, zeros, `${prune} ${share} ${layer.name}`);
      const kept = (await numbersIn(layer, after.sources)).filter((value) => value !== 0);
      if (before.share !== null) assert.ok(new Set(kept).size <= before.share.k);
    }
  }
});

test('a container and a model without its data are not exported, and a cancel leaves nothing', async () => {
  const model = await opened(memorySource('net.onnx', onnxModel(chain([40, 30]))));
  const { slim } = await slimOf(model, pruned);
  const inside = await opened(memorySource('net.slim', slim));
  await assert.rejects(exportOf(inside, pruned), { code: 'slim/twice' });
  const control = new AbortController();
  const sink = memorySink();
  const stop = {
    ...quiet,
    signal: control.signal,
    progress: (share: number) => {
      if (share > 0.75) control.abort();
    },
  };
  await assert.rejects(
    exportModel({ ...model, recipe: pruned }, async () => sink, stop),
    { name: 'AbortError' },
  );
  assert.equal(sink.state, 'discarded');
});

/** What a sink does, to be changed. */
const bind = (sink: ReturnType<typeof memorySink>) => ({
  append: (some: Uint8Array) => sink.append(some),
  writeAt: (offset: number, some: Uint8Array) => sink.writeAt(offset, some),
  readBack: (offset: number, into: Uint8Array) => sink.readBack(offset, into),
  commit: () => sink.commit(),
  discard: () => sink.discard(),
});

test('a model that changes while it is written from is told of, and nothing is kept', async () => {
  const ones = new Array<number>(1200).fill(0x3c00);
  const w = { name: 'w', dtype: 'f16', shape: [40, 30], int32s: ones } as const;
  const bytes = onnxModel(product([40, 30], { initializers: [w] }, { dtype: 'f16' }));
  const model = await opened(memorySource('net.onnx', bytes));
  const { offset, byteLength } = placesIn(model.layers[0]!.weight)[0]!;
  const sink = memorySink();
  const changing = {
    ...bind(sink),
    get size() {
      return sink.size;
    },
    append(some: Uint8Array) {
      for (let at = offset; at < offset + byteLength; at += 2) bytes.set([0x81, 0], at);
      return sink.append(some);
    },
  };
  const recipe = recipeBy({ '*': { prune: 'threshold=0.00000001' } });
  await assert.rejects(
    exportModel({ ...model, recipe }, async () => changing, quiet),
    {
      code: 'file/changed',
    },
  );
  assert.equal(sink.state, 'discarded');
});

test('a disk that does not keep what was written is told, and nothing is kept', async () => {
  const model = await opened(memorySource('net.onnx', onnxModel(chain([40, 30]))));
  const sink = memorySink();
  const forgetful = {
    ...bind(sink),
    get size() {
      return sink.size;
    },
    readBack: async (_: number, into: Uint8Array) => void into.fill(0),
  };
  await assert.rejects(
    exportModel({ ...model, recipe: pruned }, async () => forgetful, quiet),
    {
      code: 'file/unwritable',
    },
  );
  assert.equal(sink.state, 'discarded');
});

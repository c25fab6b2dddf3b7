import assert from 'node:assert/strict';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import type { OpenSource } from '../../analyzers/bytes/source.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { compress } from '../../analyzers/container/compress.ts';
import { readContainer } from '../../analyzers/formats/slim/container.ts';
import { slimSizeOf } from '../../analyzers/formats/slim/header.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { concat } from '../support/protobuf.ts';
import { filesOf, memorySink, numbersIn, opened, quiet, slimOf, wanted } from '../support/slim.ts';
import { chain, drawn, everyForm, recipeBy } from '../support/slimModels.ts';

const { signal } = new AbortController();
const open: OpenSource = (ref) => {
  assert.ok(ref.kind === 'bytes');
  return Promise.resolve(memorySource(ref.name, new Uint8Array(ref.bytes)));
};
const digest = () => ({ update: () => {}, finish: () => '' });

/** A matrix whose numbers lie in a file beside the model. */
const tensor = (name: string, offset: number) => ({
  name,
  shape: [5, 6],
  external: { location: 'd', offset, length: 120 },
});
const reportOn = (name: string, bytes: Uint8Array) =>
  analyze({ kind: 'bytes', name, bytes: bytes.slice().buffer }, presets['deep-compression'], {
    open,
    digest,
    signal,
  });
const pruned = recipeBy({ '*': { prune: 'density=0.1', share: '3' } });

test('a container gives back the pruned and shared weights, and every other byte of the model', async () => {
  const bytes = onnxModel(everyForm.spec);
  for (const runs of ['escape', 'padding'] as const) {
    const recipe = { ...everyForm.recipe, runs };
    const model = await opened(memorySource('net.onnx', bytes));
    const { slim } = await slimOf(model, recipe);
    const expected = bytes.slice();
    for (const layer of model.layers) {
      assert.ok(layer.weight.data.kind === 'raw');
      expected.set(await wanted(layer, recipe, model.sources), layer.weight.data.extents[0]!.offset);
    }
    const files = await filesOf(slim);
    assert.deepEqual([...files.keys()], ['net.onnx']);
    assert.deepEqual(files.get('net.onnx'), Uint8Array.from(expected));
  }
});

test('the model has a layer in every form that there is', async () => {
  const { slim } = await slimOf(
    await opened(memorySource('net.onnx', onnxModel(everyForm.spec))),
    everyForm.recipe,
  );
  const { header } = await readContainer(memorySource('net.slim', slim), signal);
  assert.deepEqual(
    header.layers.map(({ coded }) => `${coded.form} ${coded.share === null ? '' : 'shared'}`.trim()),
    ['relative shared', 'relative', 'dense shared', 'lossless', 'raw'],
  );
  assert.equal(header.layers[0]?.done, 'prune density=0.1, share 2:optimal/rows=10');
});

test('an opened container has the layers of the model that it gives back, with the same weights', async () => {
  const model = await opened(memorySource('net.onnx', onnxModel(everyForm.spec)));
  const { slim, bytes } = await slimOf(model, everyForm.recipe);
  assert.equal(bytes, slim.length);
  const again = await opened(memorySource('net.slim', slim));
  const exported = await opened(memorySource('net.onnx', (await filesOf(slim)).get('net.onnx')!));
  assert.equal(again.model.format, 'slim');
  assert.deepEqual(again.model.files, [{ name: 'net.slim', bytes: slim.length }]);
  assert.equal(again.layers.length, 5);
  for (const [i, layer] of again.layers.entries()) {
    const other = exported.layers[i]!;
    assert.deepEqual(
      [layer.name, layer.weight.name, layer.weight.shape, layer.rows, layer.cols, layer.macs],
      [other.name, other.weight.name, other.weight.shape, other.rows, other.cols, other.macs],
    );
    assert.equal(layer.weight.data.kind, 'coded');
    assert.deepEqual(await numbersIn(layer, again.sources), await numbersIn(other, exported.sources));
  }
});

test('the size is known from the header before anything is written', async () => {
  for (const sizes of [
    [3, 2],
    [40, 30, 1],
    [100, 90, 80],
  ]) {
    const { slim } = await slimOf(await opened(memorySource('net.onnx', onnxModel(chain(sizes)))), pruned);
    const { header } = await readContainer(memorySource('net.slim', slim), signal);
    const blank = (stream: (typeof header)['skeleton']) => ({ ...stream, crc: 0 });
    const draft = {
      ...header,
      skeleton: blank(header.skeleton),
      layers: header.layers.map((layer) => ({ ...layer, checksum: 0, streams: layer.streams.map(blank) })),
    };
    assert.equal(slimSizeOf(draft), slim.length);
  }
});

test('weights that lie one by one come back with their tags, and are read like the others', async () => {
  const bytes = onnxModel(chain([6, 5, 4], 'floats'));
  const model = await opened(memorySource('net.onnx', bytes));
  const { slim, notes } = await slimOf(model, pruned);
  assert.deepEqual(notes, []);
  const again = await opened(memorySource('net.slim', slim));
  const back = await opened(memorySource('net.onnx', (await filesOf(slim)).get('net.onnx')!));
  const [before, inside, now] = [model, again, back].map(({ layers }) => layers[1]!.weight.data);
  assert.equal(inside?.kind, 'coded');
  assert.ok(before?.kind === 'tagged' && now?.kind === 'tagged');
  assert.deepEqual(now, before);
  const numbers = await numbersIn(again.layers[1]!, again.sources);
  assert.deepEqual(numbers, await numbersIn(back.layers[1]!, back.sources));
  assert.equal(numbers.filter((value) => value === 0).length, 18);
});

test('weights of files beside the model come back without these files', async () => {
  const fc1 = drawn('fc1.weight', [30, 20], 3);
  const external = { location: 'net.data', offset: 16, length: 2400 };
  const { raw, ...rest } = fc1;
  const spec = { ...chain([30, 20]), initializers: [{ ...rest, external }] };
  const data = concat(new Uint8Array(16).fill(9), raw!, Uint8Array.of(1, 2, 3));
  const beside = new Map<string, Uint8Array>([['net.data', data]]);
  const model = await opened(memorySource('net.onnx', onnxModel(spec), beside));
  const { slim } = await slimOf(model, pruned);
  const again = await opened(memorySource('net.slim', slim));
  assert.equal(again.model.sources.length, 1);
  const files = await filesOf(slim);
  assert.deepEqual([...files.keys()], ['net.onnx', 'net.data']);
  assert.deepEqual(files.get('net.onnx'), onnxModel(spec));
  const expected = data.slice();
  expected.set(await wanted(model.layers[0]!, pruned, model.sources), 16);
  assert.deepEqual(files.get('net.data'), Uint8Array.from(expected));
  const back = await opened(
    memorySource('net.onnx', files.get('net.onnx')!, new Map([['net.data', expected]])),
  );
  assert.deepEqual(
    await numbersIn(again.layers[0]!, again.sources),
    await numbersIn(back.layers[0]!, back.sources),
  );
});

test('tensors that share some of their bytes are carried as they are', async () => {
  const data = drawn('', [40], 5).raw!;
  const nodes = ['a', 'b'].map((name) => ({
    op: 'MatMul',
    name,
    inputs: ['x', name],
    outputs: [`${name}y`],
  }));
  const spec = {
    nodes,
    initializers: [tensor('a', 0), tensor('b', 40)],
    inputs: [{ name: 'x', shape: [1, 5] }],
  };
  const beside = new Map<string, Uint8Array>([['d', data]]);
  const model = await opened(memorySource('net.onnx', onnxModel(spec), beside));
  const { slim, notes } = await slimOf(model, pruned);
  assert.equal(notes.length, 2);
  assert.deepEqual((await filesOf(slim)).get('d'), data);
});

test('tensors at the same place are coded once and read by both names', async () => {
  const data = drawn('', [30], 5).raw!;
  const nodes = ['a', 'b'].map((name) => ({
    op: 'MatMul',
    name,
    inputs: ['x', name],
    outputs: [`${name}y`],
  }));
  const spec = {
    nodes,
    initializers: [tensor('a', 0), tensor('b', 0)],
    inputs: [{ name: 'x', shape: [1, 5] }],
  };
  const model = await opened(memorySource('net.onnx', onnxModel(spec), new Map([['d', data]])));
  const { slim } = await slimOf(model, pruned);
  const again = await opened(memorySource('net.slim', slim));
  const [layer, ...more] = again.layers;
  assert.deepEqual([layer?.usedBy, more.length], [['a', 'b'], 0]);
  const [a, b] = again.model.tensors.map((weight) => ({ ...layer!, weight }));
  assert.deepEqual([a?.weight.data.kind, b?.weight.data.kind], ['coded', 'coded']);
  assert.deepEqual(await numbersIn(a!, again.sources), await numbersIn(b!, again.sources));
});

test('a model without its data file, and a container, are not compressed', async () => {
  const spec = {
    ...chain([3, 2]),
    initializers: [{ name: 'fc1.weight', shape: [3, 2], external: { location: 'gone' } }],
  };
  const source = memorySource('net.onnx', onnxModel(spec));
  const model = await onnxFormat.read(source, signal);
  const sources = { at: () => Promise.resolve(source), close: () => Promise.resolve() };
  const job = { model, layers: [], sources, recipe: pruned, tool: 't' };
  const sink = memorySink();
  await assert.rejects(compress(job, sink, quiet), { code: 'onnx/external-data-missing' });
  assert.equal(sink.state, 'discarded');
  const { slim } = await slimOf(await opened(memorySource('net.onnx', onnxModel(chain([3, 2])))), pruned);
  const twice = await opened(memorySource('net.slim', slim));
  await assert.rejects(slimOf(twice, pruned), { code: 'slim/twice' });
});

test('a cancel and a failing disk leave nothing behind', async () => {
  const model = await opened(memorySource('net.onnx', onnxModel(chain([40, 30]))));
  const control = new AbortController();
  const sink = memorySink();
  const job = { ...model, recipe: pruned, tool: 't' };
  const stop = {
    ...quiet,
    signal: control.signal,
    progress: (share: number) => share > 0.7 && control.abort(),
  };
  await assert.rejects(compress(job, sink, stop), { name: 'AbortError' });
  assert.equal(sink.state, 'discarded');
  const flipping = memorySink();
  const readBack = (offset: number, into: Uint8Array) =>
    flipping.readBack(offset, into).then(() => into.fill(0));
  const broken = {
    ...bind(flipping),
    readBack: async (o: number, i: Uint8Array) => void (await readBack(o, i)),
  };
  await assert.rejects(compress(job, broken, quiet), { code: 'slim/differs' });
  assert.equal(flipping.state, 'discarded');
});

const bind = (sink: ReturnType<typeof memorySink>) => ({
  get size() {
    return sink.size;
  },
  append: (bytes: Uint8Array) => sink.append(bytes),
  writeAt: (offset: number, bytes: Uint8Array) => sink.writeAt(offset, bytes),
  commit: () => sink.commit(),
  discard: () => sink.discard(),
});

test('a container under the name of another format is told as what it is', async () => {
  const { slim } = await slimOf(await opened(memorySource('net.onnx', onnxModel(chain([3, 2])))), pruned);
  await assert.rejects(opened(memorySource('net.onnx', slim)), {
    code: 'file/not-a-model',
    message: /\.slim$/,
  });
});

test('a version that is not known is refused', async () => {
  const { slim } = await slimOf(await opened(memorySource('net.onnx', onnxModel(chain([3, 2])))), pruned);
  const newer = slim.slice();
  newer[7] = 2;
  await assert.rejects(
    readContainer(memorySource('net.slim', newer), signal),
    (error) => error instanceof ReadError && error.code === 'slim/version' && error.offset === 7,
  );
});

test('the report on a container is that on the model that it gives back', async () => {
  const { slim } = await slimOf(
    await opened(memorySource('net.onnx', onnxModel(everyForm.spec))),
    everyForm.recipe,
  );
  const back = (await filesOf(slim)).get('net.onnx')!;
  const [ours, theirs] = [await reportOn('net.slim', slim), await reportOn('net.onnx', back)];
  assert.deepEqual(ours.layers, theirs.layers);
  assert.equal(ours.model.tensors.zeros, theirs.model.tensors.zeros);
  assert.deepEqual([ours.model.format, ours.model.bytes], ['slim', slim.length]);
});

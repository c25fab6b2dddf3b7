import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { crc32 } from '../../analyzers/bytes/crc32.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { decodeSlim } from '../../analyzers/container/decodeSlim.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { fileSinks } from '../../analyzers/node/fileSink.ts';
import { noContext } from '../../analyzers/report/context.ts';
import { write } from '../../analyzers/run/write.ts';
import { seeded } from '../support/denseModel.ts';
import { withFolder } from '../support/folder.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';
import { opened, quiet, slimOf, wanted } from '../support/slim.ts';
import { everyForm, recipeBy } from '../support/slimModels.ts';

const { signal } = quiet;

test('a layer of any form is read in chunks of any size, with its own bytes', async () => {
  const model = await opened(memorySource('net.onnx', onnxModel(everyForm.spec)));
  const { slim } = await slimOf(model, everyForm.recipe);
  const reader = await decodeSlim(memorySource('net.slim', slim), signal);
  assert.deepEqual(
    reader.layers.map(({ tensor }) => tensor),
    model.layers.map(({ weight }) => weight.name),
  );
  for (const [at, layer] of model.layers.entries()) {
    const whole = await wanted(layer, everyForm.recipe, model.sources);
    for (const chunk of [8, 64, 1 << 20]) {
      const bytes: number[] = [];
      let next = 0;
      for await (const piece of reader.elements(at, signal, chunk)) {
        assert.equal(piece.first, next);
        assert.ok(piece.count <= chunk && piece.bytes.length === 4 * piece.count);
        next += piece.count;
        bytes.push(...piece.bytes);
      }
      assert.deepEqual(bytes, whole, `${layer.name}, ${chunk.toString()}`);
    }
  }
  await assert.rejects(reader.elements(0, signal, 10).next(), RangeError);
  await assert.rejects(reader.elements(5, signal).next(), RangeError);
});

/** Bytes of buffers and objects, garbage included. */
const held = (): number => {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
};

/** A model of one weight of so many floats, most of them a hole in the file. */
function writeHoles(file: string, elements: number): void {
  const payload = 4 * elements;
  const weight = pb.concat(
    pb.bytes(1, pb.varints([elements / 1024, 1024])),
    pb.int(2, 1),
    pb.text(8, 'large'),
    pb.claim(9, payload),
  );
  const node = pb.bytes(
    1,
    pb.concat(pb.text(1, 'x'), pb.text(1, 'large'), pb.text(2, 'y'), pb.text(4, 'MatMul')),
  );
  const head = pb.concat(node, pb.claim(5, weight.length + payload), weight);
  const start = pb.concat(pb.int(1, 8), pb.claim(7, head.length + payload), head);
  const handle = fs.openSync(file, 'w');
  fs.writeSync(handle, start, 0, start.length, 0);
  const random = seeded(5);
  const block = Float32Array.from({ length: 1024 }, () => random() - 0.5);
  for (let at = 0; at < payload; at += 1 << 18)
    fs.writeSync(handle, block, 0, block.byteLength, start.length + at + 4096 * (at % 7));
  fs.ftruncateSync(handle, start.length + payload);
  fs.closeSync(handle);
}

test('a layer of 64 MB is compressed, and streamed out of its container, in bounded memory', (t) =>
  withFolder(async (folder) => {
    const elements = 16 * 1024 * 1024;
    const model = path.join(folder, 'large.onnx');
    writeHoles(model, elements);
    const out = path.join(folder, 'large.slim');
    const before = held();
    let most = 0;
    const look = (): Promise<void> => {
      most = Math.max(most, held() - before);
      return new Promise((resolve) => setImmediate(resolve));
    };
    const { bytes } = await write(
      {
        what: 'compress',
        source: { kind: 'file', path: model },
        recipe: recipeBy({ large: { prune: 'density=0.01', share: '4:linear' } }),
        context: noContext,
        out,
        draft: '.d',
        overwrite: false,
        budget: null,
        removeDeadUnits: false,
      },
      {
        ...quiet,
        breathe: look,
        open: openFile,
        name: 'large.slim',
        sinks: (own) => fileSinks({ out, draft: '.d', overwrite: false, own }),
      },
    );
    assert.ok(bytes < 400_000, bytes.toString());
    const compressing = most;
    most = 0;
    const source = await openFile({ kind: 'file', path: out });
    const reader = await decodeSlim(source, signal);
    let count = 0;
    let crc = 0;
    for await (const piece of reader.elements(0, signal, 1 << 16)) {
      count += piece.count;
      crc = crc32(piece.bytes, crc);
      await look();
    }
    await source.close();
    assert.deepEqual([count, crc], [elements, reader.layers[0]?.checksum]);
    assert.ok(compressing < 48e6, `compressing held ${compressing.toString()} bytes`);
    assert.ok(most < 32e6, `reading held ${most.toString()} bytes`);
    t.diagnostic(`held ${compressing.toString()} bytes while compressing, ${most.toString()} while reading`);
  }));

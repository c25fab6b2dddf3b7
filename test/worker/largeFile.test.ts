import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { formats } from '../../analyzers/formats/index.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { countingSource, f32 } from '../support/onnxFixture.ts';
import { tensorBytes } from '../support/onnxFixture.ts';
import * as pb from '../support/protobuf.ts';

/** 750,000,000 floats, which a sparse file holds in no space. */
const elements = 750_000_000;
const payload = elements * 4;

/** Writes a model whose one large weight is a hole in the file; structure lies before and behind it. */
function writeLarge(file: string): number {
  const weight = pb.concat(
    pb.bytes(1, pb.varints([elements / 1000, 1000])),
    pb.int(2, 1),
    pb.text(8, 'large'),
    pb.claim(9, payload),
  );
  const before = pb.bytes(
    1,
    pb.concat(pb.text(1, 'x'), pb.text(1, 'large'), pb.text(2, 'y'), pb.text(4, 'MatMul')),
  );
  const after = pb.bytes(5, tensorBytes(f32('small', [4], (i) => i)));
  const head = pb.concat(pb.claim(5, weight.length + payload), weight);
  const graph = pb.claim(7, before.length + head.length + payload + after.length);
  const start = pb.concat(pb.int(1, 8), graph, before, head);
  const end = pb.concat(after, pb.bytes(8, pb.int(2, 17)));
  const handle = fs.openSync(file, 'w');
  fs.writeSync(handle, start, 0, start.length, 0);
  fs.ftruncateSync(handle, start.length + payload);
  fs.writeSync(handle, end, 0, end.length, start.length + payload);
  fs.closeSync(handle);
  return start.length;
}

test('a file of 3 GB opens by reading a few kilobytes, in bounded memory', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slimscope-large-'));
  try {
    const file = path.join(folder, 'large.onnx');
    const offset = writeLarge(file);
    const { source, counts } = countingSource(await openFile({ kind: 'file', path: file }));
    const before = process.memoryUsage().rss;
    const model = await formats[0]?.read(source, new AbortController().signal);
    const grown = process.memoryUsage().rss - before;
    await source.close();
    assert.deepEqual(
      model?.tensors.map((t) => [t.name, t.shape]),
      [
        ['large', [elements / 1000, 1000]],
        ['small', [4]],
      ],
    );
    assert.deepEqual(model?.tensors[0]?.data, {
      kind: 'raw',
      extents: [{ source: 0, offset, byteLength: payload }],
    });
    assert.deepEqual(model?.problems, []);
    assert.ok(counts.bytes <= 4096, `${counts.bytes.toString()} bytes were read`);
    assert.ok(grown <= 64 * 1024 * 1024, `memory grew by ${grown.toString()} bytes`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

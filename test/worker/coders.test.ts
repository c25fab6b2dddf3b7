import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { countedThreads } from '../support/threads.ts';

const signal = new AbortController().signal;

/** What every coder makes of every layer of a model: no encoded stream is below its bound. */
async function compare(file: string, tell: (line: string) => void): Promise<void> {
  const source = { kind: 'file', path: path.resolve(file) } as const;
  const pool = new Pool(countedThreads().spawn, 2);
  try {
    const analysed = await pool.analyze(source, presets['deep-compression'], { signal });
    for (const [i, layer] of analysed.report.layers.entries()) {
      const shares: number[] = [];
      const { coders } = await pool.study(source, analysed, i, 'coders', {
        signal,
        progress: (share) => shares.push(share),
      });
      assert.ok(shares.every((share, at) => share >= (shares[at - 1] ?? 0) && share <= 1));
      const bits = new Map(coders!.sizes.map((size) => [size.id, size.bits]));
      const of = (id: string): number => bits.get(id) ?? assert.fail(`no ${id}`);
      for (const form of ['padding', 'escape', 'dense'])
        for (const coder of ['huffman', 'rans'])
          assert.ok(of(`${form}-${coder}`) >= of(`${form}-order0`), `${layer.name} ${form} ${coder}`);
      const encoded = layer.encode!.bits;
      assert.equal(of('stored'), encoded.dense);
      assert.ok(
        Math.min(of('stored'), of('padding-huffman'), of('escape-huffman'), of('dense-huffman')) >=
          encoded.slim,
      );
      const share = (id: string): string => `${id} ${((100 * of(id)) / encoded.dense).toFixed(2)} %`;
      tell(
        `${layer.name}: ${['zlib', 'brotli', 'csr', 'eie', 'padding-huffman', 'padding-rans', 'escape-huffman', 'escape-rans', 'escape-order0', 'limit'].map(share).join(', ')}`,
      );
    }
  } finally {
    await pool.close();
  }
}

test('the study of coders over worker threads', async (t) => {
  await compare('samples/lenet-synthetic.onnx', (line) => {
    t.diagnostic(line);
  });
});

const folder = '../shared/models/onnx';
for (const name of ['lenet5_caffe', 'bidi_lstm'])
  test(
    `the study of coders of ${name}`,
    { skip: fs.existsSync(`${folder}/${name}.onnx`) ? false : `there is no ${folder}/${name}.onnx` },
    async (t) => {
      await compare(`${folder}/${name}.onnx`, (line) => {
        t.diagnostic(line);
      });
    },
  );

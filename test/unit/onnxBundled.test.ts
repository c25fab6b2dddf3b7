import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { memorySource } from '../../analyzers/bytes/memorySource.ts';
import type { formats } from '../../analyzers/formats/index.ts';
import { integer } from '../../analyzers/formats/onnx/decode.ts';
import { seedBytes } from '../support/onnxSeeds.ts';
import { readBytes } from '../support/readOnnx.ts';

/** What the bundle is made of; its errors are of its own class, so its sources must be too. */
const entry = `
  export { formats } from './analyzers/formats/index.ts';
  export { memorySource } from './analyzers/bytes/memorySource.ts';
`;
interface Bundle {
  readonly formats: typeof formats;
  readonly memorySource: typeof memorySource;
}

test('64-bit integers are read as numbers and as objects of the long package', () => {
  assert.equal(integer(13), 13);
  assert.equal(integer({ toNumber: () => -1 }), -1);
  assert.equal(integer(undefined), 0);
  assert.equal(integer(null), 0);
});

test('bundled and minified, as it is shipped, the reader answers the same', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slimscope-bundle-'));
  try {
    const outfile = path.join(folder, 'formats.mjs');
    await esbuild.build({
      stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
      outfile,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['main'],
      logLevel: 'silent',
    });
    const bundle = (await import(pathToFileURL(outfile).href)) as Bundle;
    const [onnx] = bundle.formats;
    for (const [name, bytes] of seedBytes()) {
      const bundled = await onnx?.read(
        bundle.memorySource('model.onnx', bytes),
        new AbortController().signal,
      );
      assert.deepEqual(structuredClone(bundled), structuredClone(await readBytes(bytes)), name);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

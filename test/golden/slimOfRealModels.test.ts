import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { crc32 } from '../../analyzers/bytes/crc32.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { passesOf, settleForWriting } from '../../analyzers/container/layerSource.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { readRaw } from '../../analyzers/model/weights.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { filesOf, opened, quiet, slimOf, type Opened } from '../support/slim.ts';

const folder = path.resolve('../shared/models/onnx');
const names = fs.existsSync(folder)
  ? fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.onnx') && fs.statSync(path.join(folder, name)).size < 2e7)
  : [];
const skip = names.length === 0 ? 'the shared models are not here' : false;
const { signal } = new AbortController();

async function checksumOf({ sources }: Opened, layer: Layer): Promise<number> {
  let crc = 0;
  for await (const { bytes } of readRaw(sources, layer.weight, signal)) crc = crc32(bytes, crc);
  return crc;
}

for (const preset of ['as-is', 'deep-compression'] as const)
  test(`real models come back from their containers, with ${preset}`, { skip }, async (t) => {
    const recipe = presets[preset];
    for (const name of names) {
      const source = await openFile({ kind: 'file', path: path.join(folder, name) });
      const model = await opened(source);
      try {
        const { slim, notes } = await slimOf(model, recipe);
        const again = await opened(memorySource('model.slim', slim));
        assert.deepEqual(
          again.layers.map((layer) => [layer.name, layer.weight.shape, layer.macs]),
          model.layers.map((layer) => [layer.name, layer.weight.shape, layer.macs]),
        );
        for (const [i, layer] of again.layers.entries()) {
          const { data } = layer.weight;
          if (data.kind !== 'coded') continue;
          const settled = await settleForWriting(model.layers[i]!, recipe, model.sources, quiet);
          let wanted = 0;
          const passes = passesOf(settled, model.sources, quiet.breathe);
          for await (const { bytes } of passes.newWeights(signal)) wanted = crc32(bytes, wanted);
          assert.equal(await checksumOf(again, layer), wanted, `${name} ${layer.name}`);
        }
        const files = await filesOf(slim);
        if (preset === 'as-is')
          assert.deepEqual(files.get(name), new Uint8Array(fs.readFileSync(path.join(folder, name))), name);
        t.diagnostic(
          `${name}: ${source.size.toString()} -> ${slim.length.toString()} bytes (${(source.size / slim.length).toFixed(2)}x), ${notes.length.toString()} layers carried`,
        );
      } catch (error) {
        if (!(error instanceof ReadError) || error.code !== 'onnx/external-data-missing') throw error;
        t.diagnostic(`${name}: ${error.message}`);
      } finally {
        await source.close();
      }
    }
  });

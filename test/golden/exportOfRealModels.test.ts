import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import proto from 'onnx-proto';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { memorySource } from '../../analyzers/bytes/memorySource.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { exportOf, placesIn } from '../support/exporting.ts';
import { loadOnnx } from '../support/ort.ts';
import { filesOf, numbersIn, opened, slimOf } from '../support/slim.ts';

const folder = path.resolve('../shared/models/onnx');
const names = fs.existsSync(folder)
  ? fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.onnx') && fs.statSync(path.join(folder, name)).size < 2e7)
  : [];
const skip = names.length === 0 ? 'the shared models are not here' : false;

const loads = async (bytes: Uint8Array): Promise<boolean> => {
  try {
    await (await loadOnnx(bytes)).release();
    return true;
  } catch {
    return false;
  }
};

test(
  'real models: export and decompress write the same bytes, and what onnxruntime loads it still loads',
  { skip },
  async (t) => {
    const recipe = presets['deep-compression'];
    let loaded = 0;
    for (const name of names) {
      const source = await openFile({ kind: 'file', path: path.join(folder, name) });
      const bytes = new Uint8Array(fs.readFileSync(path.join(folder, name)));
      const model = await opened(source);
      try {
        const { written, notes } = await exportOf(model, recipe);
        const own = written.get(name)!;
        const { slim } = await slimOf(model, recipe);
        assert.deepEqual(await filesOf(slim), written, name);
        assert.equal(own.length, bytes.length, name);
        const isEmpty = model.layers.every(({ weight }) => weight.data.kind === 'none');
        assert.equal(notes.length, isEmpty ? 1 : 0, name);
        const elsewhere = (all: Uint8Array): Buffer => {
          const copy = Buffer.from(all);
          for (const { weight } of model.layers)
            for (const { offset, byteLength } of placesIn(weight)) copy.fill(0, offset, offset + byteLength);
          return copy;
        };
        assert.ok(elsewhere(own).equals(elsewhere(bytes)), name);
        assert.equal(proto.onnx.ModelProto.decode(own).graph!.node!.length, model.model.graph!.nodes.length);
        const again = await opened(memorySource(name, own));
        let zeros = 0;
        for (const layer of again.layers) {
          if (layer.weight.data.kind === 'none') continue;
          const numbers = await numbersIn(layer, again.sources);
          const kept = numbers.filter((value) => value !== 0);
          zeros += numbers.length - kept.length;
          // The preset shares 5 bits, of convolutions 8; where the zero point is not 0 it is one value more.
          const most = 2 ** (layer.op === 'conv' || layer.op === 'depthwise' ? 8 : 5);
          assert.ok(new Set(kept).size <= most, `${name} ${layer.name}`);
        }
        const [before, after] = [await loads(bytes), await loads(own)];
        assert.equal(after, before, name);
        if (after) loaded += 1;
        t.diagnostic(
          `${name}: ${own.length.toString()} bytes, ${slim.length.toString()} as .slim, ${zeros.toString()} zeros${before ? '' : ' (onnxruntime loads neither)'}`,
        );
      } catch (error) {
        if (!(error instanceof ReadError) || error.code !== 'onnx/external-data-missing') throw error;
        assert.equal(await loads(bytes), false);
        t.diagnostic(`${name}: ${error.message}`);
      } finally {
        await source.close();
      }
    }
    t.diagnostic(`onnxruntime loads ${loaded.toString()} of ${names.length.toString()}`);
    if (names.length === 14) assert.equal(loaded, 12);
  },
);

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openSources } from '../../analyzers/bytes/sources.ts';
import { onnxFormat } from '../../analyzers/formats/onnx/onnx.ts';
import { elementsOf } from '../../analyzers/model/tensor.ts';
import { readTensor } from '../../analyzers/model/weights.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { never } from '../support/numbers.ts';

interface Facts {
  readonly file: string;
  /** `zeroAll`: share of zeros among all elements, to five decimals. */
  readonly onnx?: { readonly params: number; readonly zeroAll: number };
}

const folder = path.resolve('../shared/models');
const index = path.join(folder, 'index.json');
const skip = fs.existsSync(index) ? false : 'the folder of real models is not here';

test('every number of every real model is read: the share of zeros is the known one', { skip }, async () => {
  const all = JSON.parse(fs.readFileSync(index, 'utf8')) as readonly Facts[];
  let compared = 0;
  for (const { file, onnx } of all) {
    if (onnx === undefined || !file.startsWith('onnx/')) continue;
    const ref = { kind: 'file', path: path.join(folder, file) } as const;
    const source = await openFile(ref);
    const { tensors, sources: refs } = await onnxFormat.read(source, never);
    await source.close();
    const sources = openSources(refs, openFile);
    let zeros = 0;
    let elements = 0;
    for (const tensor of tensors) {
      elements += elementsOf(tensor.shape);
      if (tensor.data.kind === 'none') continue;
      let read = 0;
      for await (const { first, values } of readTensor(sources, tensor, never)) {
        assert.equal(first, read);
        read += values.length;
        for (const value of values) if (value === 0) zeros += 1;
      }
      assert.equal(read, elementsOf(tensor.shape), `${file}: ${tensor.name}`);
    }
    await sources.close();
    assert.equal(elements, onnx.params, file);
    const share = elements === 0 ? 0 : zeros / elements;
    assert.ok(Math.abs(share - onnx.zeroAll) <= 0.000_005_1, `${file}: ${share}, not ${onnx.zeroAll}`);
    compared += 1;
  }
  assert.ok(compared >= 14);
});

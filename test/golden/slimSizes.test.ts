import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { SourceRef } from '../../analyzers/bytes/source.ts';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { noContext } from '../../analyzers/report/context.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { withOptions } from '../../analyzers/report/recipeEdit.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { write } from '../../analyzers/run/write.ts';
import { memorySink, quiet, type MemorySink } from '../support/slim.ts';

const shared = path.resolve('../shared/models/onnx');
const models = (folder: string): string[] =>
  fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => name.endsWith('.onnx'))
        .map((name) => path.join(folder, name))
        .filter((file) => fs.statSync(file).size < 2e7)
    : [];
const recipes = {
  'deep-compression': presets['deep-compression'],
  eie: { ...presets.eie, runs: 'padding' as const },
  lossless: withOptions(presets['as-is'], { lossless: true }),
  pruned: withOptions(presets['as-is'], { prune: 'density=0.2' }),
};

/** With these real models too; with the others, the samples. */
const withReal = ['deep-compression', 'lossless'];

for (const [name, recipe] of Object.entries(recipes))
  test(`the report tells the size of the container to the byte, ${name}`, async (t) => {
    const all = [...models(path.resolve('samples')), ...(withReal.includes(name) ? models(shared) : [])];
    if (!fs.existsSync(shared)) t.diagnostic('the shared models are not here; the samples are');
    for (const file of all) {
      const source: SourceRef = { kind: 'file', path: file };
      const { totals, model } = await analyze(source, recipe, {
        open: openFile,
        digest: sha256,
        signal: quiet.signal,
      });
      const sinks: MemorySink[] = [];
      const job = { source, recipe, context: noContext, out: '', draft: '', overwrite: false };
      const writing = write(
        { ...job, what: 'compress', budget: null, removeDeadUnits: false },
        {
          ...quiet,
          open: openFile,
          name: 'm.slim',
          sinks: () => async () => {
            sinks.push(memorySink());
            return sinks.at(-1)!;
          },
        },
      );
      if (totals.slimBytes === null) {
        await assert.rejects(writing, { code: 'onnx/external-data-missing' }, file);
        assert.equal(totals.fileFactor, null);
        continue;
      }
      const written = await writing;
      assert.equal(totals.slimBytes, written.bytes, file);
      assert.equal(sinks[0]?.bytes.length, written.bytes, file);
      assert.equal(totals.fileFactor, written.modelBytes / written.bytes);
      assert.equal(written.modelBytes, model.bytes);
      t.diagnostic(`${path.basename(file)}: ${written.bytes.toString()} of ${model.bytes.toString()}`);
    }
  });

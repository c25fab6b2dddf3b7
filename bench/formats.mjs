// Opening and analysing sample models from disk, against one pass that reads and sums the file's bytes.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../tools/fresh.mjs';
import { load, measure, print, sum } from './harness.mjs';

export async function formats() {
  const { opening, analysing, files, digests, presets } = await load({
    opening: 'analyzers/run/openModel.ts',
    analysing: 'analyzers/run/analyze.ts',
    files: 'analyzers/node/fileSource.ts',
    digests: 'analyzers/node/digest.ts',
    presets: 'analyzers/report/presets.ts',
  });
  const { signal } = new AbortController();
  for (const name of fs.readdirSync(path.join(root, 'samples')).filter((file) => file.endsWith('.onnx'))) {
    const file = path.join(root, 'samples', name);
    const ref = { kind: 'file', path: file };
    const bytes = fs.statSync(file).size;
    const analyse = (recipe) => () =>
      analysing.analyze(ref, recipe, { open: files.openFile, digest: digests.sha256, signal });
    const rows = await measure(
      {
        open: { run: () => opening.openModel(ref, files.openFile, signal), bytes },
        'analyze, as-is': { run: analyse(presets.presets['as-is']), bytes },
        'analyze, deep-compression': { run: analyse(presets.presets['deep-compression']), bytes },
      },
      () => sum(fs.readFileSync(file)),
      { warmUp: 2, rounds: 5 },
    );
    print(`formats: ${name}`, `one pass that reads and sums the ${bytes} bytes of the file`, rows);
  }
}

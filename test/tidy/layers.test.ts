import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';

interface Layer {
  readonly layers: readonly string[];
  readonly packages?: readonly RegExp[];
}
const { layers } = (await import(pathToFileURL(path.resolve('lint-layers.mjs')).href)) as {
  readonly layers: Readonly<Record<string, Layer>>;
};

test('every layer names only layers above it in the table', () => {
  const names = Object.keys(layers);
  names.forEach((name, at) => {
    for (const other of layers[name]?.layers ?? [])
      assert.ok(names.indexOf(other) !== -1 && names.indexOf(other) < at, `${name} names ${other}`);
  });
});

test('no file lies directly in analyzers', () => {
  const files = fs.readdirSync('analyzers', { withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    files.map(({ name }) => name),
    ['tsconfig.json'],
  );
});

test('the rule is an error in the configuration of the lint', () => {
  const config = JSON.parse(fs.readFileSync('.oxlintrc.json', 'utf8')) as {
    readonly rules: Record<string, unknown>;
    readonly jsPlugins: unknown;
  };
  assert.equal(config.rules['house/layers'], 'error');
  assert.equal(config.rules['import/no-cycle'], 'error');
  assert.deepEqual(config.jsPlugins, [{ name: 'house', specifier: './lint-layers.mjs' }]);
});

/** A file, what it says, and whether that must be reported. */
const planted: readonly [file: string, text: string, wrong: boolean][] = [
  ['analyzers/bytes/a.ts', `import { x } from '../kernels/x.ts';`, true],
  ['analyzers/bytes/b.ts', `import fs from 'node:fs';`, true],
  ['analyzers/kernels/a.ts', `import { x } from '../bytes/x.ts';`, true],
  ['analyzers/kernels/b.ts', `import type { x } from '../model/x.ts';`, true],
  ['analyzers/model/a.ts', `export { x } from '../formats/x.ts';`, true],
  ['analyzers/model/b.ts', `export * from '../report/x.ts';`, true],
  ['analyzers/formats/a.ts', `import { x } from '../report/x.ts';`, true],
  ['analyzers/formats/onnx/b.ts', `import { x } from '../../analyses/x.ts';`, true],
  ['analyzers/report/a.ts', `import { x } from '../analyses/x.ts';`, true],
  ['analyzers/report/b.ts', `import { onnx } from 'onnx-proto';`, true],
  ['analyzers/analyses/a.ts', `import { x } from '../run/x.ts';`, true],
  ['analyzers/rpc/a.ts', `const x = import('../run/x.ts');`, true],
  ['analyzers/run/a.ts', `import { Worker } from 'node:worker_threads';`, true],
  ['analyzers/run/b.ts', `import { x } from '../node/x.ts';`, true],
  ['analyzers/node/a.ts', `import * as vscode from 'vscode';`, true],
  ['analyzers/node/b.ts', `import { x } from '../../extension/x.ts';`, true],
  ['webview/a.ts', `import { x } from '../extension/x.ts';`, true],
  ['webview/b.ts', `import { x } from '../analyzers/kernels/x.ts';`, true],
  ['webview/ui/c.ts', `import * as vscode from 'vscode';`, true],
  ['webview/d.ts', `import { Chart } from 'chart.js-plugin-x';`, true],
  ['extension/a.ts', `import { x } from '../webview/x.ts';`, true],
  ['extension/b.ts', `import { x } from '../analyzers/formats/x.ts';`, true],
  ['extension/commands/c.ts', `import { onnx } from 'onnx-proto';`, true],
  ['analyzers/web/a.ts', `export const x = 1;`, true],
  ['analyzers/a.ts', `export const x = 1;`, true],
  ['analyzers/model/fine.ts', `import { x } from '../bytes/x.ts';`, false],
  ['analyzers/formats/onnx/fine.ts', `import { onnx } from 'onnx-proto';`, false],
  ['analyzers/node/cli/fine.ts', `import fs from 'node:fs';`, false],
  ['webview/views/fine.ts', `import type { Report } from '../../analyzers/report/report.ts';`, false],
  ['extension/fine.ts', `import * as vscode from 'vscode';\nexport * from './a.ts';`, false],
  ['test/unit/fine.ts', `import { x } from '../../analyzers/kernels/x.ts';`, false],
];

let folder = '';
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layers-'));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('planted violations are each reported, in every form of import, and nothing else is', () => {
  fs.copyFileSync('lint-layers.mjs', path.join(folder, 'lint-layers.mjs'));
  fs.writeFileSync(
    path.join(folder, 'lint.json'),
    JSON.stringify({
      categories: { correctness: 'off' },
      jsPlugins: [{ name: 'house', specifier: './lint-layers.mjs' }],
      rules: { 'house/layers': 'error' },
    }),
  );
  for (const [file, text] of planted) {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), `${text}\n`);
  }
  const { stdout, stderr } = spawnSync(
    path.resolve('node_modules/.bin/oxlint'),
    ['-c', 'lint.json', '--format=json', 'analyzers', 'extension', 'webview', 'test'],
    { cwd: folder, encoding: 'utf8' },
  );
  assert.match(stdout, /^\{/, stderr);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const reported = diagnostics.map(({ code, filename }) => {
    assert.equal(code, 'house(layers)');
    return filename;
  });
  const wrong = planted.filter(([, , isWrong]) => isWrong).map(([file]) => file);
  assert.deepEqual(reported.toSorted(), wrong.toSorted());
});

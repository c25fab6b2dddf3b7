import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { zipEntries } from '../support/zip.ts';

const vsix = process.env['SLIMSCOPE_VSIX'] ?? 'out/slimscope.vsix';
const entries = zipEntries(fs.readFileSync(vsix)).filter(({ name }) => name.startsWith('extension/'));
const files = entries.map(({ name }) => name.slice('extension/'.length));
const sizeOf = (name: string): number =>
  entries.find((entry) => entry.name === `extension/${name}`)?.size ?? 0;

test('the packaged extension has its products, documents and samples', () => {
  const needed = [
    'package.json readme.md changelog.md LICENSE.txt SECURITY.md media/slimscope.svg media/icon.png',
    'dist/extension.cjs dist/worker.cjs dist/cli.cjs dist/webview.js dist/webview.css dist/NOTICES.txt',
    'samples/lenet-synthetic.onnx samples/README.md samples/lenet.slimscope.yaml',
    'docs/recipes.md docs/report-schema.md docs/problems.md',
  ];
  for (const file of needed.join(' ').split(' ')) assert.ok(files.includes(file), `${file} is missing`);
});

test('the packaged extension has no tests, sources, maps or packages', () => {
  const allowed =
    /^(dist\/(extension|worker|cli)\.cjs|dist\/webview\.(js|css)|dist\/NOTICES\.txt|(samples|media|docs)\/.*|\w+\.(md|txt)|package\.json)$/;
  assert.deepEqual(
    files.filter((file) => !allowed.test(file)),
    [],
  );
});

test('the packaged extension and its parts keep to their size budgets', () => {
  assert.ok(fs.statSync(vsix).size < 4_000_000);
  assert.ok(sizeOf('dist/extension.cjs') < 300_000);
  assert.ok(sizeOf('dist/worker.cjs') < 600_000);
  assert.ok(sizeOf('dist/webview.js') < 650_000);
});

test('the icon of the extension is a square picture large enough for a list', () => {
  const { icon } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { icon: string };
  const png = fs.readFileSync(icon);
  assert.equal(png.readUInt32BE(16), png.readUInt32BE(20));
  assert.ok(png.readUInt32BE(16) >= 128);
});

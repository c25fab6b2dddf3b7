import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<
    Record<
      string,
      { readonly bytes: number; readonly imports: readonly { path: string; external?: boolean }[] }
    >
  >;
}

const products = ['extension', 'worker', 'cli', 'webview'] as const;
type Product = (typeof products)[number];

const meta = (product: Product): Metafile =>
  JSON.parse(fs.readFileSync(`dist/${product}.meta.json`, 'utf8')) as Metafile;

/** Names of the packages that a product holds. */
function packagesOf(product: Product): string[] {
  const found = Object.keys(meta(product).inputs)
    .map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(found)].toSorted();
}

/** Our own folders that a product holds, two deep under analyzers. */
function roomsOf(product: Product): string[] {
  const own = Object.keys(meta(product).inputs).filter(
    (input) => !input.includes('node_modules/') && !input.startsWith('(disabled)'),
  );
  return [...new Set(own.map((input) => /^(analyzers\/)?[^/]+/.exec(input)?.[0] ?? input))].toSorted();
}

const outside = (product: Product): string[] =>
  Object.values(meta(product).outputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  );

test('the page holds only what draws reports, and no React', () => {
  const allowed = ['webview', 'analyzers/report', 'analyzers/rpc', 'analyzers/model', 'analyzers/bytes'];
  for (const room of roomsOf('webview')) assert.ok(allowed.includes(room), room);
  const packages = packagesOf('webview');
  for (const name of packages)
    assert.match(
      name,
      /^(chart\.js|@kurkle\/color|@vscode\/webview-ui-toolkit|@microsoft\/fast-[\w-]+|exenv-es6|tabbable|tslib)$/,
    );
  assert.ok(packages.includes('@vscode/webview-ui-toolkit'));
  assert.deepEqual(outside('webview'), []);
});

test('the page is smaller than 650 KB', () => {
  const { size } = fs.statSync('dist/webview.js');
  assert.ok(size < 650_000, `${size.toString()} bytes`);
});

test('the window holds no decoder of model files and computes nothing', () => {
  for (const room of roomsOf('extension'))
    assert.doesNotMatch(room, /^(analyzers\/(formats|analyses|kernels)|webview)$/);
  assert.deepEqual(
    packagesOf('extension').filter((name) => name !== 'yaml'),
    [],
  );
});

test('the worker and the command line know nothing of VS Code and need no package beside them', () => {
  for (const product of ['worker', 'cli'] as const) {
    assert.doesNotMatch(fs.readFileSync(`dist/${product}.cjs`, 'utf8'), /require\(["']vscode["']\)/, product);
    for (const name of outside(product)) assert.match(name, /^node:/, product);
    for (const name of packagesOf(product))
      assert.match(name, /^(onnx-proto|protobufjs|@protobufjs\/\w+|long|yaml)$/, product);
    for (const room of roomsOf(product)) assert.match(room, /^analyzers\//, product);
  }
});

test('the extension needs only VS Code and Node', () => {
  for (const name of outside('extension')) assert.match(name, /^(node:|vscode$)/);
});

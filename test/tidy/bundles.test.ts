import assert from 'node:assert/strict';
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import test from 'node:test';

interface Output {
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
  readonly imports: readonly { readonly path: string; readonly external?: boolean }[];
}

interface Metafile {
  readonly outputs: Readonly<Record<string, Output>>;
}

const products = ['extension', 'worker', 'cli', 'webview'] as const;
type Product = (typeof products)[number];

const meta = (product: Product): Metafile =>
  JSON.parse(fs.readFileSync(`dist/${product}.meta.json`, 'utf8')) as Metafile;

/** The files of which something is left in a product. */
const heldBy = (product: Product): string[] =>
  Object.values(meta(product).outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0),
  );

/** Names of the packages that a product holds. */
function packagesOf(product: Product): string[] {
  const found = heldBy(product)
    .map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1])
    .filter((name) => name !== undefined);
  return [...new Set(found)].toSorted();
}

/** Our own folders that a product holds, two deep under analyzers. */
function roomsOf(product: Product): string[] {
  const own = heldBy(product).filter(
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

test('the window holds no decoder of model files, and of the analyses only what joins the answers of layers', () => {
  assert.deepEqual(
    packagesOf('extension').filter((name) => name !== 'yaml'),
    [],
  );
  const held = Object.values(meta('extension').outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const ofRoom = (room: RegExp): number =>
    held.filter(([input]) => room.test(input)).reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  // How large a container's header is, which the report says.
  assert.equal(ofRoom(/^(analyzers\/formats|webview)\/(?!slim\/header\.ts$)/), 0);
  // What takes long is asked of a worker: no kernel that sees weights, and no search over choices.
  const joining = ['equalSlopes', 'hull', 'select', 'smallFloats'];
  for (const [input] of held) {
    const kernel = /^analyzers\/kernels\/(\w+)\.ts$/.exec(input)?.[1];
    assert.ok(kernel === undefined || joining.includes(kernel), kernel);
  }
  assert.ok(ofRoom(/^analyzers\/(analyses|kernels)\//) < 15_000);
});

test('the worker and the command line know nothing of VS Code and need no package beside them', () => {
  for (const product of ['worker', 'cli'] as const) {
    assert.doesNotMatch(fs.readFileSync(`dist/${product}.cjs`, 'utf8'), /require\(["']vscode["']\)/, product);
    for (const name of outside(product)) assert.ok(isBuiltin(name), `${product}: ${name}`);
    for (const name of packagesOf(product))
      assert.match(name, /^(onnx-proto|protobufjs|@protobufjs\/\w+|long|yaml)$/, product);
    for (const room of roomsOf(product)) assert.match(room, /^analyzers\//, product);
  }
});

test('the extension needs only VS Code and Node', () => {
  for (const name of outside('extension')) assert.ok(name === 'vscode' || isBuiltin(name), name);
});

test('every package that a product holds is named in the notices, with its licence', () => {
  const notices = fs.readFileSync('dist/NOTICES.txt', 'utf8');
  for (const name of new Set(products.flatMap(packagesOf)))
    assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\S*, licence \\S+`, 'm'));
});

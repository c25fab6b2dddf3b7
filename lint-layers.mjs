// The dependency rule: a file may import its own layer and the layers and packages named here, nothing else.
// Read it top to bottom. Every layer names only layers above it, so there can be no cycle between layers.
import fs from 'node:fs';
import path from 'node:path';

const onnx = /^(onnx-proto|protobufjs)(\/|$)/;

export const layers = {
  'analyzers/bytes': { layers: [] },
  'analyzers/kernels': { layers: [] },
  'analyzers/model': { layers: ['analyzers/bytes', 'analyzers/kernels'] },
  'analyzers/formats': { layers: ['analyzers/bytes', 'analyzers/model'], packages: [onnx] },
  'analyzers/report': { layers: ['analyzers/model'], packages: [/^yaml$/] },
  'analyzers/hardware': { layers: ['analyzers/kernels', 'analyzers/model', 'analyzers/report'] },
  'analyzers/analyses': {
    layers: [
      'analyzers/bytes',
      'analyzers/kernels',
      'analyzers/model',
      'analyzers/hardware',
      'analyzers/report',
    ],
  },
  'analyzers/container': {
    layers: [
      'analyzers/bytes',
      'analyzers/kernels',
      'analyzers/model',
      'analyzers/formats',
      'analyzers/report',
      'analyzers/analyses',
    ],
  },
  'analyzers/rpc': { layers: ['analyzers/bytes', 'analyzers/model', 'analyzers/report'] },
  'analyzers/run': {
    layers: [
      'analyzers/bytes',
      'analyzers/model',
      'analyzers/formats',
      'analyzers/analyses',
      'analyzers/container',
      'analyzers/report',
      'analyzers/rpc',
    ],
  },
  'analyzers/node': {
    layers: ['analyzers/bytes', 'analyzers/model', 'analyzers/report', 'analyzers/rpc', 'analyzers/run'],
    packages: [/^node:/],
  },
  webview: {
    layers: ['analyzers/model', 'analyzers/report', 'analyzers/rpc'],
    packages: [/^chart\.js(\/|$)/, /^@vscode\/webview-ui-toolkit$/],
  },
  extension: {
    layers: [
      'analyzers/bytes',
      'analyzers/model',
      'analyzers/report',
      'analyzers/rpc',
      'analyzers/run',
      'analyzers/node',
    ],
    packages: [/^vscode$/, /^node:/],
  },
};

/** Folders whose every file must lie in a layer: a new room under them is an error until it has a line above. */
const roots = ['analyzers/', 'extension/', 'webview/'];

const posix = (file, root) => path.relative(root, file).split(path.sep).join('/');
const layerOf = (file) => Object.keys(layers).find((layer) => file.startsWith(`${layer}/`));

/** The project's root: the nearest folder above `file` with this rule in it, so that a copy of the tree lints alike. */
const rootOf = (file) => {
  let folder = path.dirname(file);
  while (!fs.existsSync(path.join(folder, 'lint-layers.mjs'))) {
    const up = path.dirname(folder);
    if (up === folder) return process.cwd();
    folder = up;
  }
  return folder;
};

const rule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      no: '{{from}} may not import {{to}} (see lint-layers.mjs)',
      homeless: '{{file}} lies in no layer: add a line to lint-layers.mjs',
    },
  },
  create(context) {
    const root = rootOf(context.filename);
    const file = posix(context.filename, root);
    const from = layerOf(file);
    if (from === undefined) {
      if (!roots.some((r) => file.startsWith(r))) return {};
      return { Program: (node) => context.report({ node, messageId: 'homeless', data: { file } }) };
    }
    const allowed = (specifier) => {
      if (!specifier.startsWith('.'))
        return [(layers[from].packages ?? []).some((p) => p.test(specifier)), specifier];
      const target = posix(path.resolve(path.dirname(context.filename), specifier), root);
      const to = layerOf(target);
      return [to === from || layers[from].layers.includes(to), to ?? target];
    };
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const [ok, to] = allowed(specifier);
      if (!ok) context.report({ node: node.source, messageId: 'no', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

export default { meta: { name: 'house' }, rules: { layers: rule } };

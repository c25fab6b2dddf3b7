// Installs the VS Code host beside this file: two repeatable npm installs without scripts, two stubs, some pruning.
import fs from 'node:fs';
import path from 'node:path';
import { run } from '../run.mjs';
import { nativeStubs } from './nativeStubs.mjs';
import { here, vscode } from './paths.mjs';

const stamp = path.join(here, 'node_modules/.installed');

/** Parts of VS Code that Slimscope's workbench never opens: about 290 MB. */
const unused = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
  'extensions/ms-vscode.js-debug',
  'extensions/ms-vscode.js-debug-companion',
  'extensions/ms-vscode.vscode-js-profile-table',
  'extensions/microsoft-authentication',
];

/** What an installation is made from: when this changes, it is made again. */
const recipe = () =>
  ['package-lock.json', 'nativeStubs.mjs', 'install.mjs']
    .map((name) => fs.readFileSync(path.join(here, name), 'utf8'))
    .join('\n');

export const isInstalled = () => fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === recipe();

/** Does nothing when the same host is already there. What npm says goes to stderr. */
export async function installHost() {
  if (isInstalled()) return;
  process.stderr.write('Installing the VS Code host into tools/host (about 240 MB to fetch, once).\n');
  const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ci, { cwd: here });
  // The lock of VS Code's own packages comes with the package above, whose hash our lock pins.
  await run('npm', [...ci, '--omit=dev', '--legacy-peer-deps'], { cwd: vscode });
  for (const [name, text] of Object.entries(nativeStubs))
    fs.writeFileSync(path.join(vscode, 'node_modules', name, 'index.js'), text);
  for (const folder of unused) fs.rmSync(path.join(vscode, folder), { recursive: true, force: true });
  fs.writeFileSync(stamp, recipe());
}

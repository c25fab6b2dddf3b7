import fs from 'node:fs';
import path from 'node:path';

const made = new Set(['node_modules', 'dist', 'out', '.git', '.host-data', '__pycache__']);

/** Every file of the project, without what is installed or built: paths with '/', relative to the root. */
export function projectFiles(folder = '.'): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (made.has(entry.name) || entry.name.endsWith('.vsix')) return [];
    return entry.isDirectory() ? projectFiles(file) : entry.isFile() ? [file] : [];
  });
}

const textual = /\.(ts|mjs|css|md|json|ya?ml|py|svg)$|(^|\/)(\.[\w]+(ignore|attributes|rc)|run|LICENSE)$/;

export const textFiles = (): string[] => projectFiles().filter((file) => textual.test(file));

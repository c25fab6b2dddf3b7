// npm run package [-- --out FILE]: the .vsix, built for production.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, root } from './fresh.mjs';
import { run } from './run.mjs';

export async function packageExtension(args = []) {
  const { values } = parseArgs({ args, options: { out: { type: 'string' } } });
  const { name, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const out =
    values.out === undefined
      ? `${name}-${version}.vsix`
      : path.resolve(process.env.INIT_CWD ?? root, values.out);
  const bytes = await makeVsix(path.resolve(root, out));
  process.stdout.write(
    `${path.relative(process.env.INIT_CWD ?? root, path.resolve(root, out))}: ${(bytes / 1e6).toFixed(2)} MB\n`,
  );
}

/** Writes the .vsix and returns its size in bytes. Everything is bundled: no node_modules goes in. */
export async function makeVsix(file) {
  await ensureBuilt({ production: true });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const args = [
    'package',
    '--no-dependencies',
    '--skip-license',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ];
  const { code, output } = await run(process.execPath, [vsce, ...args], {
    cwd: root,
    output: 'capture',
    check: false,
  });
  if (code !== 0) throw new Error(`vsce could not package the extension:\n${output}`);
  return fs.statSync(file).size;
}

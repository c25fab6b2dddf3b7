// Builds every product with esbuild: the extension host, the analysis worker, the command line, the page, and the tests.
// node build.mjs [--production]      minified, without tests and source maps: what goes into the .vsix
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { noticesText } from './tools/notices.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

const common = (production) => ({
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  logLevel: 'warning',
  sourcemap: production ? false : 'linked',
  minify: production,
  define: { SLIMSCOPE_VERSION: JSON.stringify(version) },
});
const node = { platform: 'node', format: 'cjs', target: 'node20' };

const products = (production) => ({
  extension: {
    ...node,
    entryPoints: ['extension/main.ts'],
    outfile: 'dist/extension.cjs',
    external: ['vscode'],
  },
  worker: { ...node, entryPoints: ['analyzers/node/worker.ts'], outfile: 'dist/worker.cjs' },
  cli: {
    ...node,
    entryPoints: ['analyzers/node/cli/main.ts'],
    outfile: 'dist/cli.cjs',
    banner: { js: '#!/usr/bin/env node' },
  },
  webview: {
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: ['webview/main.ts'],
    outfile: 'dist/webview.js',
    minify: true,
  },
  styles: {
    platform: 'browser',
    entryPoints: ['webview/theme.css'],
    outfile: 'dist/webview.css',
    minify: production,
  },
});

/** Every *.test.ts under test/, found and never listed by hand. */
const testFiles = () =>
  fs
    .readdirSync(path.join(root, 'test'), { recursive: true })
    .filter((f) => f.endsWith('.test.ts'))
    .map((f) => path.join('test', f));

/** `manyRuns` makes the property tests of npm run test:long, in out/long. */
export async function build({ production = false, tests = true, only = null, manyRuns = false } = {}) {
  const wanted = Object.entries(products(production)).filter(
    ([name, p]) => (only === null || only.includes(name)) && fs.existsSync(path.join(root, p.entryPoints[0])),
  );
  const jobs = wanted.map(async ([name, options]) => {
    const result = await esbuild.build({ ...common(production), ...options });
    fs.writeFileSync(path.join(root, `dist/${name}.meta.json`), JSON.stringify(result.metafile));
    return result.metafile;
  });
  if (tests && !production && only === null) {
    const outdir = manyRuns ? 'out/long' : 'out/test';
    fs.rmSync(path.join(root, outdir), { recursive: true, force: true });
    jobs.push(
      esbuild.build({
        ...common(false),
        ...node,
        format: 'esm',
        entryPoints: testFiles(),
        outdir,
        alias: manyRuns ? { 'fast-check': path.join(root, 'tools/manyRuns.mjs') } : {},
        outbase: 'test',
        outExtension: { '.js': '.mjs' },
        packages: 'external',
      }),
    );
  }
  const metafiles = (await Promise.all(jobs)).slice(0, wanted.length);
  if (only === null) fs.writeFileSync(path.join(root, 'dist/NOTICES.txt'), noticesText(root, metafiles));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const only = process.argv.filter((a) => a.startsWith('--only=')).flatMap((a) => a.slice(7).split(','));
  fs.mkdirSync(path.join(root, 'dist'), { recursive: true });
  // What the tools know of dist no longer holds.
  fs.rmSync(path.join(root, 'dist/.built'), { force: true });
  await build({ production: process.argv.includes('--production'), only: only.length > 0 ? only : null });
}

// Which test files passed as they are now, so that the fast gate runs only those that a change can have broken.
// The whole gate never asks.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fingerprint, root } from './fresh.mjs';

const memory = path.join(root, 'out/passed.json');

/** What a test may read beside the code that is bundled into it. */
const surroundings = () =>
  fingerprint(
    fs
      .readdirSync(root)
      .filter((name) => !['node_modules', 'dist', 'out', '.git', '.host-data'].includes(name))
      .filter((name) => !['analyzers', 'extension', 'webview', 'test'].includes(name)),
  );

/** A test's source as the file that was built from it. */
const builtOf = (name) => (name.startsWith('test/') ? `out/${name.replace(/\.ts$/, '.mjs')}` : name);

/**
 * `open` are the test files that must run, the others passed before with the same code and surroundings.
 * `remember(broken)` notes what passes now; `broken` are the files that Node blames, as it names them.
 */
export function forgetPassed(files) {
  const around = surroundings();
  const products = fingerprint(['dist']);
  const sources = fingerprint(['analyzers', 'extension', 'webview', 'test']);
  const keyOf = (file) => {
    const code = fs.readFileSync(path.join(root, file));
    const hash = crypto.createHash('sha256').update(code).update(around).update(process.version);
    if (code.includes('dist/')) hash.update(products);
    // These look at every source file.
    if (file.includes('/tidy/')) hash.update(sources);
    return hash.digest('hex');
  };
  const keys = new Map(files.map((file) => [file, keyOf(file)]));
  const passed = new Set(fs.existsSync(memory) ? JSON.parse(fs.readFileSync(memory, 'utf8')) : []);
  return {
    open: files.filter((file) => !passed.has(keys.get(file))),
    remember(broken) {
      const blamed = broken.map((name) => path.relative(root, path.resolve(root, name)));
      const failed = new Set(blamed.map(builtOf));
      // A failure in a file that several tests share says nothing of which one it was.
      const known = [...failed].every((file) => keys.has(file));
      const now = known ? files.filter((file) => !failed.has(file)).map((file) => keys.get(file)) : [];
      fs.writeFileSync(memory, JSON.stringify(now));
    },
  };
}

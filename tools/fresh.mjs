// What must be there before anything runs: the packages of package-lock.json, and products newer than their sources.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const json = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

/** npm writes what it installed into a lock of its own: the same versions as in ours mean that nothing is to be done. */
function dependenciesMatch() {
  const installed = path.join(root, 'node_modules/.package-lock.json');
  if (!fs.existsSync(installed)) return false;
  const wanted = json('package-lock.json').packages;
  const there = JSON.parse(fs.readFileSync(installed, 'utf8')).packages;
  const same = (name) => there[name]?.version === wanted[name]?.version;
  return (
    Object.keys(there).every(same) &&
    Object.entries(wanted).every(
      ([name, { optional, peer }]) => name === '' || optional || peer || same(name),
    )
  );
}

export async function ensureDependencies() {
  if (dependenciesMatch()) return;
  process.stderr.write('Installing the packages of package-lock.json.\n');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
}

const sources = {
  products: ['analyzers', 'extension', 'webview', 'build.mjs', 'package.json', 'package-lock.json'],
  tests: ['test'],
};

/** One text for what lies under `places`: another text means that something changed, appeared or went. */
function fingerprint(places) {
  const hash = crypto.createHash('sha256');
  const visit = (place) => {
    if (place.endsWith('/node_modules')) return;
    const stat = fs.statSync(path.join(root, place), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      hash.update(`${place} ${stat.mtimeMs} ${stat.size}\n`);
      return;
    }
    for (const name of fs.readdirSync(path.join(root, place)).toSorted()) visit(`${place}/${name}`);
  };
  places.forEach(visit);
  return hash.digest('hex');
}

/** Builds what is older than its sources. `production` asks for the minified products, which serve every use but tests. */
export async function ensureBuilt({ tests = false, production = false } = {}) {
  const stamp = path.join(root, tests ? 'out/test/.built' : 'dist/.built');
  const print = fingerprint(tests ? [...sources.products, ...sources.tests] : sources.products);
  const built = fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : '';
  if (built === `production ${print}` || (built === `development ${print}` && !production)) return;
  const { build } = await import('../build.mjs');
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  fs.mkdirSync(path.join(root, 'dist'), { recursive: true });
  await build({ production, tests });
  const mode = production ? 'production' : 'development';
  fs.writeFileSync(path.join(root, 'dist/.built'), `${mode} ${fingerprint(sources.products)}`);
  if (tests) fs.writeFileSync(stamp, `${mode} ${print}`);
}

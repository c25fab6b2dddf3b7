// npm run check, npm test and npm run test:long.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { ensureBuilt, root } from './fresh.mjs';
import { installHost } from './host/install.mjs';
import { makeVsix } from './package.mjs';
import { run } from './run.mjs';

const bin = (name) => path.join(root, 'node_modules/.bin', name);
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`;

const formatCache = ['--cache', '--cache-strategy=content', '--cache-location=out/prettier.cache'];
const projects = ['analyzers', 'analyzers/node', 'extension', 'webview', 'test'];
const statics = [
  ...projects.map((project) => [`types ${project}`, bin('tsc'), ['-p', project]]),
  ['lint', bin('oxlint'), ['-c', '.oxlintrc.json', '.']],
  ['format', bin('prettier'), ['--check', '--log-level=warn', ...formatCache, '.']],
];

const fast = ['unit', 'tidy'];
const all = [...fast, 'property', 'golden', 'worker', 'fuzz'];

/** The built test files of some folders of test/: files, because Node 20 and 22 differ about folders. */
const testFiles = (folders, built = 'out/test') =>
  folders
    .map((folder) => path.join(built, folder))
    .filter((folder) => fs.existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true })
        .filter((file) => file.endsWith('.test.mjs'))
        .map((file) => path.join(folder, file)),
    )
    .toSorted();

/**
 * Runs test files under node --test, its report on stdout, and counts. No test: that is a failure too.
 * `timeout` ends a file that hangs, in milliseconds; Node counts it for the file as a whole.
 * `together` runs them in one process for each processor; without it every file has its own.
 */
async function runTests(name, folders, options) {
  const { env = {}, timeout, concurrency = os.availableParallelism(), built, together = false } = options;
  const found = testFiles(folders, built);
  const files = together && found.length > 0 ? gathered(name, found, concurrency) : found;
  const from = performance.now();
  const { code, counts } = await runFiles(name, files, { env, timeout, concurrency });
  const broken = files.length === 0 || code !== 0;
  console.log(`${broken ? 'failed' : 'ok'}  ${name} tests (${folders.join(', ')}), ${seconds(from)}`);
  return { ...counts, failed: Math.max(counts.failed, broken ? 1 : 0) };
}

/** One file for each process, which imports its share of the test files: starting Node for each takes longer than most. */
function gathered(name, files, processes) {
  return Array.from({ length: Math.min(processes, files.length) }, (_, at) => {
    const file = path.join('out', `${name}.${at}.mjs`);
    const share = files.filter((_file, i) => i % processes === at);
    const lines = share.map((one) => `import ${JSON.stringify(`../${one}`)};\n`);
    fs.writeFileSync(path.join(root, file), lines.join(''));
    return file;
  });
}

async function runFiles(name, files, { env, timeout, concurrency }) {
  const result = path.join(root, 'out', `${name}.counts.json`);
  fs.rmSync(result, { force: true });
  const { code } = await run(
    process.execPath,
    [
      ...['--enable-source-maps', '--test', `--test-timeout=${timeout}`],
      `--test-concurrency=${concurrency}`,
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      `--test-reporter=${path.join(root, 'tools/countTests.mjs')}`,
      `--test-reporter-destination=${result}`,
      ...files,
    ],
    { cwd: root, env, output: 'stdout', check: false, timeout: timeout * 2 },
  );
  const counts = fs.existsSync(result)
    ? JSON.parse(fs.readFileSync(result, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0 };
  return { code, counts };
}

/** Runs the checks that execute nothing of ours, as many at once as there are processors to spare. */
async function runStatics() {
  const failures = [];
  const queue = [...statics];
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const [name, command, args] = step;
      const from = performance.now();
      const { code, output } = await run(command, args, { cwd: root, output: 'capture', check: false });
      console.log(`${code === 0 ? 'ok' : 'failed'}  ${name}, ${seconds(from)}`);
      if (code !== 0) failures.push(`${name}\n${output}`);
    }
  };
  await Promise.all([worker(), worker()]);
  for (const failure of failures) console.error(failure);
  return failures.length;
}

async function buildAll() {
  const from = performance.now();
  try {
    await ensureBuilt({ tests: true });
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    // esbuild has said where.
    console.log(`failed  build, ${seconds(from)}`);
    return false;
  }
  console.log(`ok  build, ${seconds(from)}`);
  return true;
}

const notBuilt = { passed: 0, failed: 1, skipped: 0 };

/** Ends with one line of totals, which counts the static checks as tests too. */
function conclude(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') === 0 ? 0 : 1;
}

const asCounts = (failed) => ({ passed: statics.length - failed, failed, skipped: 0 });

/** npm run build: the products and the tests. */
export const buildOnly = async () => ((await buildAll()) ? 0 : 1);

export async function check() {
  if (!(await buildAll())) return conclude([notBuilt]);
  const [failed, tests] = await Promise.all([
    runStatics(),
    runTests('fast', fast, { timeout: 180_000, together: true }),
  ]);
  return conclude([asCounts(failed), tests]);
}

export async function test() {
  const chromium = await ensureChromium();
  if (!(await buildAll())) return conclude([notBuilt]);
  const failed = await runStatics();
  const pure = await runTests('all', all, { timeout: 300_000 });
  const host = await hostTests(chromium);
  return conclude([asCounts(failed), pure, host]);
}

/** The packaged extension, installed into the real VS Code and driven there. */
async function hostTests(chromium) {
  await installHost();
  const vsix = path.join(root, 'out/slimscope.vsix');
  const bytes = await makeVsix(vsix);
  console.log(`ok  package, ${(bytes / 1e6).toFixed(2)} MB`);
  const env = { CHROMIUM: chromium, SLIMSCOPE_VSIX: vsix };
  return runTests('host', ['host'], { env, timeout: 480_000, concurrency: 1 });
}

/** The property tests with twenty times as many cases, from new seeds: for a night or a doubt. */
export async function testLong() {
  if (!(await buildAll())) return conclude([notBuilt]);
  const { build } = await import('../build.mjs');
  await build({ manyRuns: true });
  return conclude([await runTests('long', ['property'], { built: 'out/long', timeout: 3_600_000 })]);
}

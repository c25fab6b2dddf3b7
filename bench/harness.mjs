// Timing for the benchmarks: each function is warmed up, then run in turn with a floor in the same process, so that a
// ratio says something on a loaded machine. The floor is one plain pass that sums the same bytes.
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { root } from '../tools/fresh.mjs';
import { normal, uniform } from '../tools/samples/random.mjs';

/** Bundles modules of the project, { name: path }, and loads them. */
export async function load(modules) {
  const outfile = path.join(root, 'out/bench', `${Object.keys(modules).join('-')}.mjs`);
  const contents = Object.entries(modules)
    .map(([name, file]) => `export * as ${name} from './${file}';`)
    .join('\n');
  await esbuild.build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    define: { SLIMSCOPE_VERSION: '"bench"' },
    logLevel: 'warning',
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

/** [count] nearly normal weights, the same every time. */
export function weights(count, seed = 1) {
  const draw = normal(uniform(seed));
  return Float32Array.from({ length: count }, () => 0.05 * draw());
}

export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += values[i];
  return total;
}

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function once(task) {
  const from = performance.now();
  await task();
  return performance.now() - from;
}

/**
 * tasks  { name: { run, bytes? } }: what is timed, and how many bytes it goes through
 * floor  what all are compared with, over as many bytes
 *
 * Returns a row each: { minMs, medianMs, gbPerSecond, timesFloor }, ratios by the minima.
 */
export async function measure(tasks, floor, { warmUp = 3, rounds = 9 } = {}) {
  const all = { floor: { run: floor, bytes: null }, ...tasks };
  const times = Object.fromEntries(Object.keys(all).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1)
    for (const [name, { run }] of Object.entries(all)) {
      const time = await once(run);
      if (round >= 0) times[name].push(time);
    }
  const least = Math.min(...times.floor);
  return Object.entries(all).map(([name, { bytes }]) => {
    const min = Math.min(...times[name]);
    return {
      name,
      minMs: Number(min.toFixed(3)),
      medianMs: Number(median(times[name]).toFixed(3)),
      gbPerSecond: bytes ? Number((bytes / min / 1e6).toFixed(3)) : null,
      timesFloor: Number((min / least).toFixed(2)),
    };
  });
}

/** A line on stderr for a piece of work that is done: the result comes at the end, and may be minutes away. */
export const tell = (item, seconds) => void process.stderr.write(`${item}: ${seconds.toFixed(2)} s\n`);

/** One JSON object on stdout. */
export function print(bench, floor, rows) {
  const machine = {
    node: process.versions.node,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
  };
  process.stdout.write(`${JSON.stringify({ bench, machine, floor, rows }, null, 2)}\n`);
}

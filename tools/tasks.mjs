// What each npm script does, once Node is known to be new enough.
import { ensureBuilt, ensureDependencies } from './fresh.mjs';

const tasks = {
  build: async () => (await import('./gate.mjs')).buildOnly(),
  start: async (args) => (await import('./serve.mjs')).serve(args),
  slimscope: async (args) => (await import('./commandLine.mjs')).commandLine(args),
  check: async () => (await import('./gate.mjs')).check(),
  test: async () => (await import('./gate.mjs')).test(),
  'test:long': async () => (await import('./gate.mjs')).testLong(),
  bench: async (args) => (await import('../bench/run.mjs')).bench(args),
  package: async (args) => (await import('./package.mjs')).packageExtension(args),
};

/** Returns the exit code. */
export async function runTask(name, args) {
  const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined;
  if (task === undefined) {
    process.stderr.write(`Usage: node tools/bootstrap.mjs ${Object.keys(tasks).join(' | ')}\n`);
    return 2;
  }
  await ensureDependencies();
  if (name === 'start' || name === 'slimscope') await ensureBuilt();
  return (await task(args)) ?? 0;
}

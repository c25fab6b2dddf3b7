import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { spawnWorker } from '../../analyzers/node/spawn.ts';
import type { SpawnedWorker } from '../../analyzers/run/crew.ts';

/** The worker as it is shipped. */
export const builtWorker = path.resolve('dist/worker.cjs');

/** Starts worker threads and knows which of them have not ended, and what they were asked. */
export function countedThreads(file: string = builtWorker) {
  const living = new Set<SpawnedWorker>();
  const asked: string[] = [];
  let started = 0;
  const spawn = (): SpawnedWorker => {
    const worker = spawnWorker(file);
    started += 1;
    living.add(worker);
    worker.port.onClose(() => living.delete(worker));
    const port = {
      ...worker.port,
      post: (...[message, transfer]: Parameters<typeof worker.port.post>) => {
        if (message.kind === 'call') asked.push(message.method);
        worker.port.post(message, transfer);
      },
    };
    return { port, terminate: () => worker.terminate() };
  };
  return { spawn, living, asked, started: () => started };
}

/** Does to a layer what its name says: 'exit', 'hang', 'heap' or 'throw' (a hang can tell by a file); everything else is left to the real worker. */
const trap = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  if (message.kind !== 'call' || message.method !== 'layer') return;
  const { name } = message.args.layer;
  if (name.startsWith('exit')) process.exit(3);
  if (name.startsWith('throw')) throw new Error('out of the blue');
  if (name.startsWith('hang')) {
    if (process.env.SLIMSCOPE_TEST_HANGS) require('node:fs').writeFileSync(process.env.SLIMSCOPE_TEST_HANGS, '');
    for (;;) {}
  }
  if (name.startsWith('heap')) {
    const kept = [];
    for (;;) kept.push(new Array(1_000_000).fill(kept.length + 0.5));
  }
});
`;

/** A worker that fails over layers of certain names, in the file `folder`/worker.cjs. */
export async function trappedWorker(folder: string): Promise<string> {
  const file = path.join(folder, 'worker.cjs');
  await writeFile(file, `${trap}require(${JSON.stringify(builtWorker)});\n`);
  return file;
}

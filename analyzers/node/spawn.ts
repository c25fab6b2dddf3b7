import { Worker } from 'node:worker_threads';
import type { SpawnedWorker } from '../run/crew.ts';
import { workerPort } from './ports.ts';

/**
 * What V8 may take in one worker, in MB (2^20 bytes), its stack included. Structures of models live there; weights
 * are in array buffers, which these limits do not see and the code that allocates them bounds.
 */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 };

/** Starts dist/worker.cjs, given by its path, as a thread. */
export function spawnWorker(path: string): SpawnedWorker {
  // Nothing that a worker prints may reach standard output: it carries only results.
  const worker = new Worker(path, { resourceLimits, stdout: true, stderr: true, execArgv: [] });
  return { port: workerPort(worker), terminate: () => worker.terminate() };
}

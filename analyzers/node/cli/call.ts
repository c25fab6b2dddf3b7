import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Pool } from '../../run/pool.ts';
import { spawnWorker } from '../spawn.ts';
import type { ParsedArgs } from './args.ts';
import { usageOf, type Command } from './command.ts';
import { UsageError } from './exitCode.ts';
import { defaultThreads, mostThreads } from './threads.ts';

// What every command takes from its call.

/** The one file that the command is about. Throws UsageError when there is none, or there are several. */
export function modelOf({ positional }: ParsedArgs, command: Pick<Command, 'name' | 'takes'>): string {
  const [model, ...more] = positional;
  if (model === undefined) throw new UsageError(`no model is given; ${usageOf(command)}`);
  if (more.length > 0)
    throw new UsageError(
      `one model at a time, ${positional.length.toString()} are given; put a name with spaces in quotes`,
    );
  return model;
}

export function threadsOf(text: string | undefined): number {
  if (text === undefined) return defaultThreads(availableParallelism());
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads < 1 || threads > mostThreads)
    throw new UsageError(`--threads takes a number from 1 to ${mostThreads.toString()}`);
  return threads;
}

/** The built worker lies beside the built command line. */
export function poolOf(threads: number): Pool {
  const file = path.join(__dirname, 'worker.cjs');
  return new Pool(() => spawnWorker(file), threads);
}

import os from 'node:os';
import type { Machine } from '../report/breakEven.ts';

/** The machine that this thread runs on, as its system and its runtime name it. */
const machine: Machine = {
  processor: os.cpus()[0]?.model.trim() ?? 'unknown',
  runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
  threads: 1,
};

export const stopwatch = { machine, now: (): number => performance.now() } as const;

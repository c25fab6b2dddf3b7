import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Report } from '../../analyzers/report/report.ts';

/** The command line as it is shipped. */
export const builtCli = path.resolve('dist/cli.cjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another copy of the command line. */
  readonly file?: string;
  /** Called with the running process. */
  readonly started?: (child: ReturnType<typeof spawn>) => void;
}

/** A run that takes longer than this hangs: milliseconds. */
const patience = 120_000;

/** Runs `slimscope ARGS` to its end, without a terminal. */
export function slimscope(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.file ?? builtCli, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    });
    const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (data: Buffer) => output[name].push(data));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code,
        stdout: Buffer.concat(output.stdout).toString(),
        stderr: Buffer.concat(output.stderr).toString(),
      }),
    );
    options.started?.(child);
  });
}

/** The report of a model that can be read. */
export async function reportOf(model: string, ...options: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await slimscope(['analyze', model, '--format', 'json', ...options]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '', 'nothing on standard error but progress on a terminal');
  return JSON.parse(stdout) as Report;
}

/** A call that is refused: exit code 2, nothing on standard output, one line that says why on standard error. */
export function assertRefused({ code, stdout, stderr }: Ended, why: RegExp): void {
  assert.match(stderr, why);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^slimscope: [^\n]+\n$/, 'one line');
  assert.doesNotMatch(stderr, /\p{Cc}(?!$)|\n\s+at |node:internal/u, 'no stack, no control characters');
}

/** Runs tasks, three at a time, and answers in their order. */
export async function threeAtATime<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = [...items.entries()];
  const runner = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      results[next[0]] = await task(next[1]);
  };
  await Promise.all([runner(), runner(), runner()]);
  return results;
}

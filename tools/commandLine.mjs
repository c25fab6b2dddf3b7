// npm run --silent slimscope -- …: the built command line, in the folder where npm was called.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { root } from './fresh.mjs';
import { whenAbandoned } from './run.mjs';

export function commandLine(args) {
  const child = spawn(process.execPath, [path.join(root, 'dist/cli.cjs'), ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
  });
  // The terminal's Ctrl-C reaches the child by itself; a signal sent to us alone is handed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  whenAbandoned(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

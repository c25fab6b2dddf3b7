// Child processes of the tools: each in a process group of its own, ended with everything that it started.
import { spawn } from 'node:child_process';

const open = new Set();

/** Ends every child that is still running, with its children. */
export function endChildren(signal = 'SIGTERM') {
  for (const child of open) endGroup(child, signal);
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * npm hands a signal to the shell that it runs us in, and that shell does not hand it on: when it is gone, so is
 * whoever asked. Without npm nobody stands between.
 */
export function whenAbandoned(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, 250);
  timer.unref();
}

/** Ends the children, then this process. */
function leave(code) {
  endChildren('SIGTERM');
  setTimeout(() => endChildren('SIGKILL'), 3000).unref();
  const timer = setInterval(() => {
    if (open.size === 0) process.exit(code);
  }, 20);
  setTimeout(() => (clearInterval(timer), process.exit(code)), 4000);
}

let watching = false;
function watchSignals() {
  if (watching) return;
  watching = true;
  process.on('SIGINT', () => leave(130));
  process.on('SIGTERM', () => leave(143));
  process.on('SIGHUP', () => leave(129));
  whenAbandoned(() => leave(143));
  process.on('exit', () => endChildren('SIGKILL'));
}

/**
 * Runs a program to its end and returns { code, output }. By default what it prints goes to our stderr, because
 * stdout belongs to results; `output: 'stdout'` passes it on, `output: 'capture'` collects it. It has no stdin.
 * A code other than 0 throws, unless `check` is false. After `timeout` milliseconds it is ended.
 */
export function run(command, args, { cwd, env, output = 'stderr', check = true, timeout = 0 } = {}) {
  watchSignals();
  const out = { stderr: 2, stdout: 1, capture: 'pipe' }[output];
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', out, output === 'capture' ? 'pipe' : 2],
    detached: true,
  });
  open.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
  let late = false;
  const timer =
    timeout > 0 &&
    setTimeout(() => {
      late = true;
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), 3000).unref();
    }, timeout);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      // Whatever it left behind goes with it.
      endGroup(child, 'SIGKILL');
      open.delete(child);
      if (late) text += `\nended after ${timeout / 1000} s without an answer\n`;
      const result = { code: late ? 1 : (code ?? 1), output: text };
      if (check && result.code !== 0)
        reject(
          new Error(`${command} ${args.join(' ')}: ${signal ?? `exit code ${result.code}`}\n${text}`.trim()),
        );
      else resolve(result);
    });
  });
}

// Runs one program and ends it, with everything that it started, as soon as whoever started this keeper is gone:
// the keeper's stdin is a pipe that closes then, however that process died.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });

const end = (signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
};

let ending = false;
function stop() {
  if (ending) return;
  ending = true;
  end('SIGTERM');
  setTimeout(() => end('SIGKILL'), 4000).unref();
}

process.stdin.resume().on('end', stop).on('error', stop);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code) => {
  end('SIGKILL');
  process.exit(ending ? 0 : (code ?? 1));
});

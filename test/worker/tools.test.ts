import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { waitFor } from '../support/waitFor.ts';

const bootstrap = path.resolve('tools/bootstrap.mjs');

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a task that does not exist is answered with those that do', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bootstrap, 'fly'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /start .* check .* test/);
});

test('npm run slimscope reads files from the folder where it was called, and stdout is the result alone', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [bootstrap, 'slimscope', 'analyze', 'mobile-pruned-synthetic.onnx', '--format', 'json'],
    { encoding: 'utf8', env: { ...process.env, INIT_CWD: path.resolve('samples') } },
  );
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout) as { model: { name: string }; layers: unknown[] };
  assert.equal(report.model.name, 'mobile-pruned-synthetic.onnx');
  assert.equal(report.layers.length, 8);
});

test('npm start refuses a port that is none, in one line', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bootstrap, 'start', '--port', 'http'], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^--port http is not a port number\.\n$/);
});

test('without Chromium and without leave to install it, one sentence says what to do', () => {
  const script = `import('./tools/chromium.mjs').then((m) => m.ensureChromium()).catch((e) => console.log(e.message))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, PATH: '', CHROMIUM: undefined },
  });
  assert.match(stdout, /^The end-to-end tests need Chromium: install it .*\.\n$/);
});

test('the keeper ends a server and its children as soon as whoever started it is gone', async () => {
  const server = 'sleep 60 & echo $! $$; wait';
  const keeper = spawn(process.execPath, ['tools/host/keeper.mjs', 'sh', '-c', server], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const code = new Promise<number | null>((resolve) => keeper.once('exit', resolve));
  const pids = await new Promise<number[]>((resolve) => {
    keeper.stdout.once('data', (data: Buffer) => resolve(data.toString().trim().split(' ').map(Number)));
  });
  assert.equal(pids.length, 2);
  assert.ok(pids.every(alive));
  keeper.stdin.end();
  await waitFor('the end of all', () => !pids.some(alive));
  assert.equal(await code, 0);
});

test('a program that takes too long is ended with its children', async () => {
  const script = `
    import('./tools/run.mjs').then(async ({ run }) => {
      const result = await run('sh', ['-c', 'sleep 60 & echo $!; wait'], { output: 'capture', check: false, timeout: 300 });
      console.log(JSON.stringify(result));
    });`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  const { code, output } = JSON.parse(stdout) as { code: number; output: string };
  assert.equal(code, 1);
  assert.match(output, /ended after 0\.3 s/);
  await waitFor('the end of the child', () => !alive(Number.parseInt(output, 10)));
});

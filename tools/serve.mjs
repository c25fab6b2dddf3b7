// npm start [-- --port N] [FOLDER]: a real VS Code with the extension in it, at one address printed on stdout.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './fresh.mjs';
import { installHost } from './host/install.mjs';
import { whenAbandoned } from './run.mjs';
import { freePort, startHost } from './host/start.mjs';

export async function serve(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { port: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = path.resolve(process.env.INIT_CWD ?? root, positionals[0] ?? path.join(root, 'samples'));
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${folder} is not a folder.`);
  const port = await portFor(values.port);
  await installHost();
  const dataDir = path.join(root, '.host-data', `start-${port}`);
  const host = await startHost({ port, folder, extension: root, dataDir });
  process.stdout.write(`Open ${host.url}\n`);
  process.stderr.write('Ctrl-C ends it.\n');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void host.stop());
  whenAbandoned(() => void host.stop());
  const code = await host.closed;
  process.exit(code);
}

async function portFor(wished) {
  if (wished === undefined) return freePort(8080);
  const port = Number(wished);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`--port ${wished} is not a port number.`);
  if ((await freePort(port)) !== port) throw new Error(`Port ${port} is taken: choose another with --port.`);
  return port;
}

// Starts a real VS Code in the browser with the extension in it, on 127.0.0.1 only.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { run } from '../run.mjs';
import { entry, here, hostNode } from './paths.mjs';
import { hostSettings } from './settings.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A port that nobody listens on: the one wished for, or any. */
export const freePort = (wished = 0) =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error) => (wished === 0 ? reject(error) : resolve(freePort())));
    server.listen(wished, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The environment of the server: a home of its own, no gallery, nothing that another VS Code left behind. */
function environment(dataDir) {
  const env = { ...process.env, HOME: path.join(dataDir, 'home'), EXTENSIONS_GALLERY: '{}' };
  for (const name of Object.keys(env))
    if (/^(VSCODE_|PORT$|PASSWORD$|HASHED_PASSWORD$)/.test(name)) delete env[name];
  return env;
}

const folders = (dataDir) => ({
  userData: path.join(dataDir, 'user-data'),
  extensions: path.join(dataDir, 'extensions'),
});

const folderArgs = (dataDir) => {
  const { userData, extensions } = folders(dataDir);
  return [
    '--user-data-dir',
    userData,
    '--extensions-dir',
    extensions,
    '--config',
    path.join(dataDir, 'config.yaml'),
  ];
};

/** Installs a .vsix as a user would, and returns what is installed then, one `publisher.name@version` a line. */
export async function installVsix(vsix, dataDir) {
  fs.mkdirSync(path.join(dataDir, 'home'), { recursive: true });
  const cli = (...args) =>
    run(hostNode(), [entry, ...folderArgs(dataDir), ...args], {
      env: environment(dataDir),
      output: 'capture',
    });
  await cli('--install-extension', path.resolve(vsix));
  const { output } = await cli('--list-extensions', '--show-versions');
  return output.split('\n').filter((line) => /^[\w-]+\.[\w-]+@/.test(line));
}

/** An unpacked extension is found when the list of installed ones is not there yet. */
function linkExtension(extension, dataDir) {
  const { extensions } = folders(dataDir);
  fs.mkdirSync(extensions, { recursive: true });
  fs.rmSync(path.join(extensions, 'extensions.json'), { force: true });
  const { publisher, name, version } = JSON.parse(
    fs.readFileSync(path.join(extension, 'package.json'), 'utf8'),
  );
  const link = path.join(extensions, `${publisher}.${name}-${version}`);
  fs.rmSync(link, { recursive: true, force: true });
  fs.symlinkSync(path.resolve(extension), link);
}

/**
 * folder     the workspace
 * extension  an unpacked extension, linked in; null when dataDir has what is needed (installVsix)
 * dataDir    everything the server writes: settings, logs, extensions
 * trust      workspace trust as VS Code ships it; otherwise every folder is trusted
 * settings   more user settings
 *
 * Resolves when the workbench itself answers, with { url, base, port, setSettings, stop, closed }. The server ends
 * with this process, however it ends.
 */
export async function startHost({
  port,
  folder,
  extension,
  dataDir,
  trust = false,
  git = false,
  theme,
  settings,
}) {
  const { userData } = folders(dataDir);
  for (const name of [path.join(userData, 'User'), path.join(dataDir, 'home')])
    fs.mkdirSync(name, { recursive: true });
  const settingsFile = path.join(userData, 'User/settings.json');
  const setSettings = (more) =>
    fs.writeFileSync(
      settingsFile,
      JSON.stringify({ ...hostSettings({ theme, trust, git }), ...settings, ...more }, null, 2),
    );
  setSettings({});
  if (extension !== null) linkExtension(extension, dataDir);

  const args = [
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
    ...[
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      '--disable-proxy',
    ],
    ...(trust ? [] : ['--disable-workspace-trust']),
    // By default the extension host of a closed page lives on for three hours.
    ...['--reconnection-grace-time', '5'],
    ...folderArgs(dataDir),
    path.resolve(folder),
  ];
  const log = fs.openSync(path.join(dataDir, 'server.log'), 'w');
  const child = spawn(process.execPath, [path.join(here, 'keeper.mjs'), hostNode(), entry, ...args], {
    stdio: ['pipe', log, log],
    env: environment(dataDir),
    // Not in the terminal's group: the server is ended by us, in order.
    detached: true,
  });
  fs.closeSync(log);
  child.stdin.on('error', () => {});
  const closed = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.stdin.end();
    await closed;
  };

  const base = `http://127.0.0.1:${port}`;
  const url = `${base}/?folder=${encodeURIComponent(path.resolve(folder)).replaceAll('%2F', '/')}`;
  const until = Date.now() + 60_000;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(
        `The VS Code host did not start:\n${fs.readFileSync(path.join(dataDir, 'server.log'), 'utf8')}`,
      );
    }
    await pause(100);
  }
  return { url, base, port, setSettings, stop, closed };
}

/** The workbench is loaded by the first request for its page; a server that listens says nothing yet. */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

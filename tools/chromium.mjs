// Chromium for the end-to-end tests: the one that is there, or Debian's.
import fs from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file));

const find = () => process.env.CHROMIUM ?? names.map(onPath).find((file) => file !== undefined);

/** Path of a Chromium; installs Debian's when there is none and we may. */
export async function ensureChromium() {
  const there = find();
  if (there !== undefined) return there;
  const mayInstall = process.getuid?.() === 0 && onPath('apt-get') !== undefined;
  if (!mayInstall)
    throw new Error(
      'The end-to-end tests need Chromium: install it (on Debian: apt-get install chromium, as root) or name one in the variable CHROMIUM.',
    );
  process.stderr.write('Installing Chromium from the packages of this system.\n');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, output: 'capture' });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    env,
    output: 'capture',
  });
  const installed = find();
  if (installed === undefined) throw new Error('Chromium was installed but is not on the PATH.');
  return installed;
}

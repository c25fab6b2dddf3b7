import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { Workbench } from '../support/workbench.ts';
import { makeWorkspace } from '../support/workspace.ts';
import { containers } from './scenes/containers.ts';
import { exports } from './scenes/exports.ts';
import { layers } from './scenes/layers.ts';
import { layout } from './scenes/layout.ts';
import { opening } from './scenes/opening.ts';
import { pictures } from './scenes/pictures.ts';
import { runs } from './scenes/runs.ts';
import { scenes } from './scenes/scene.ts';
import { shots } from './scenes/shots.ts';
import { writes } from './scenes/writes.ts';
import { studies } from './scenes/studies.ts';
import { surfaces } from './scenes/surfaces.ts';

// One VS Code and one page for all scenes: starting them takes longer than any of them.
let workbench: Workbench;
let folder = '';

before(
  async () => {
    folder = makeWorkspace();
    workbench = await Workbench.open(folder);
  },
  { timeout: 120_000 },
);

after(async () => {
  await workbench.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('the packaged extension is what is installed, when there is a package', () => {
  const packaged = process.env['SLIMSCOPE_VSIX'] !== undefined;
  assert.deepEqual(workbench.installed, packaged ? ['slimscope.slimscope@0.1.0'] : []);
});

const scene = scenes(() => workbench);
for (const register of [
  opening,
  layers,
  layout,
  pictures,
  runs,
  exports,
  containers,
  writes,
  studies,
  surfaces,
  shots,
])
  register(scene);

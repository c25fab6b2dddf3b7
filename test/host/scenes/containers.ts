import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { openFile } from '../../../analyzers/node/fileSource.ts';
import { presets } from '../../../analyzers/report/presets.ts';
import { opened, slimOf } from '../../support/slim.ts';
import type { Scene } from './scene.ts';

/** The container of a model in the workspace. */
async function containerOf(folder: string, model: string): Promise<Uint8Array> {
  const source = await openFile({ kind: 'file', path: path.join(folder, model) });
  try {
    return (await slimOf(await opened(source), presets['deep-compression'])).slim;
  } finally {
    await source.close();
  }
}

export function containers(scene: Scene): void {
  scene(
    'a container that is cut off or damaged says where, and opens when it is whole again',
    async ({ workbench, report }) => {
      const slim = await containerOf(workbench.folder, 'lenet-synthetic.onnx');
      const file = path.join(workbench.folder, 'packed.slim');
      fs.writeFileSync(file, slim.subarray(0, slim.length - 100));
      await workbench.openFile('packed.slim');
      await report.frame.getByText('slim/truncated').waitFor();
      await report.frame.getByText('The container ends too soon').waitFor();
      await report.frame.getByText(/before the end of the stream "\w[\w-]*" of ip2/).waitFor();
      await workbench.editorShot('container-cut-dark');

      const flipped = slim.slice();
      flipped[flipped.length - 100]! ^= 1;
      fs.writeFileSync(file, flipped);
      await report
        .button(/read again/i)
        .first()
        .click();
      await report.done();
      assert.match((await report.row('ip1').textContent()) ?? '', /B/);
      assert.match((await report.row('ip2').textContent()) ?? '', /not readable/);
      await report.button(/problem/).click();
      await report.frame.getByRole('dialog').getByText('slim/damaged').first().waitFor();
      await workbench.page.keyboard.press('Escape');

      fs.writeFileSync(file, slim);
      await report.frame.getByText('changed on disk: rerun').waitFor();
      await report.frame.getByRole('status').getByRole('button', { name: 'rerun' }).click();
      await report.frame.getByText('changed on disk: rerun').waitFor({ state: 'detached' });
      await report.done();
      assert.equal(await report.heading.textContent(), 'packed.slim');
      assert.match((await report.row('ip2').textContent()) ?? '', /B/);
      fs.rmSync(file);
    },
  );
}

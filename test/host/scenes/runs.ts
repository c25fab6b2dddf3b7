import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../support/waitFor.ts';
import { denseModel } from '../../support/workspace.ts';
import { choosePreset } from './preset.ts';
import type { Scene } from './scene.ts';

export function runs(scene: Scene): void {
  scene('rows stream in during a long run, and cancelling keeps those that are done', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('long.onnx');
    const finished = report.grid.locator('.rows [role=row]:not(.waits)');
    await finished.first().waitFor({ timeout: 30_000 });
    await waitFor(
      'progress in the status bar',
      () => workbench.status.textContent(),
      (text) => /\d+\/60/.test(text ?? ''),
    );
    await report.frame.getByRole('progressbar').waitFor();
    await workbench.shot('running-dark');
    await report.button(/cancels/).click();
    await report.frame.getByText(/cancelled after \d+ of 60 layers/).waitFor();
    assert.ok((await finished.count()) > 0);
    await workbench.shot('cancelled-dark');
    await waitFor(
      'the status bar at rest',
      () => workbench.status.textContent(),
      (text) => text === 'Slimscope',
    );
  });

  scene('the status bar cancels a run, and the next model is analysed at once', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('long.onnx');
    await waitFor(
      'a run',
      () => workbench.status.textContent(),
      (text) => /\d+\/60/.test(text ?? ''),
    );
    await workbench.status.click();
    await report.frame.getByText(/cancelled after \d+ of 60 layers/).waitFor();
    await workbench.openFile('mobile-pruned-synthetic.onnx');
    await report.done();
    assert.equal(await report.heading.textContent(), 'mobile-pruned-synthetic.onnx');
  });

  scene('a rerun that is cancelled goes back to the report before it', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('long.onnx');
    await report.done();
    await choosePreset(report, 'eie');
    await report.button(/cancels/).click();
    await report.frame.getByText('those of the run before').waitFor();
    await report.done();
    assert.match(
      (await report.frame.locator('vscode-dropdown.preset').textContent()) ?? '',
      /deep-compression/,
    );
    assert.ok(await report.button('export').isEnabled());
    await report.frame.getByRole('status').getByRole('button', { name: 'rerun' }).click();
    await report.frame.getByText(/ran again/).waitFor();
  });

  scene('a model that changes on disk keeps its figures, marked, until it is run again', async (stage) => {
    const { workbench, report } = stage;
    const file = path.join(workbench.folder, 'training.onnx');
    fs.writeFileSync(file, denseModel(64));
    await workbench.openFile('training.onnx');
    await report.done();
    assert.equal(await report.cell('only', 'weights'), '4 096'.replace(' ', '\u202f'));
    fs.writeFileSync(file, denseModel(96));
    await report.frame.getByText('changed on disk: rerun').waitFor();
    await workbench.shot('changed-dark');
    assert.equal(await report.cell('only', 'weights'), '4 096'.replace(' ', '\u202f'));
    await report.frame.getByRole('status').getByRole('button', { name: 'rerun' }).click();
    await waitFor(
      'new figures',
      () => report.cell('only', 'weights'),
      (text) => text === '9\u202f216',
    );
    await report.frame.getByText('changed on disk: rerun').waitFor({ state: 'detached' });
    fs.rmSync(file);
    await report.frame.getByText('the file is gone').waitFor();
  });

  scene('what was arranged survives hiding the page and reloading the window', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await report.select('ip2');
    await report.tab('Codebook').click();
    await report.columnHead('density').click();
    const order = await report.names();
    // The page writes down what was arranged a moment after the last change.
    await workbench.page.waitForTimeout(400);
    const asArranged = async (): Promise<void> => {
      await report.done();
      await report.frame.locator('[role=row][aria-selected=true]', { hasText: 'ip2' }).waitFor();
      await report.frame.getByRole('tab', { name: 'Codebook', selected: true }).waitFor();
      assert.deepEqual(await report.names(), order);
    };
    await workbench.openFile('mobile-pruned-synthetic.onnx');
    await report.frame.getByRole('heading', { level: 1, name: 'mobile' }).waitFor();
    await workbench.editorTab('lenet-synthetic.onnx').click();
    await asArranged();
    await workbench.reload();
    await asArranged();
  });
}

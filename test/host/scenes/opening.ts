import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import type { Scene } from './scene.ts';

export function opening(scene: Scene): void {
  scene('a double click on a model opens its report: the layers, the sizes, and an end', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    assert.equal(await report.heading.textContent(), 'lenet-synthetic.onnx');
    assert.deepEqual(await report.names(), ['conv1', 'conv2', 'ip1', 'ip2']);
    for (const id of ['dense', 'lossless', 'pruned', 'shared', 'coded'])
      assert.match(await report.bytes(id), /[kM]B$/, id);
    assert.match((await report.wholeModel.textContent()) ?? '', /431/);
    await waitFor(
      'the status bar at rest',
      () => workbench.status.textContent(),
      (text) => text === 'Slimscope',
    );
  });

  scene('a right click on a model offers the analysis', async ({ workbench, report }) => {
    await workbench.chooseFromMenu('mobile-pruned-synthetic.onnx', 'Analyze Model Compression');
    await report.done();
    assert.equal(await report.heading.textContent(), 'mobile-pruned-synthetic.onnx');
    assert.equal((await report.names()).length, 8);
  });

  scene('the palette asks which model of the workspace to analyze', async ({ workbench, report }) => {
    await workbench.runAndChoose('Slimscope: Analyze Model Compression', 'keyword-int8-synthetic.onnx');
    await report.done();
    assert.equal(await report.heading.textContent(), 'keyword-int8-synthetic.onnx');
    assert.deepEqual(await report.names(), ['dense1', 'dense2', 'dense3']);
  });

  scene(
    'a sample that comes with the extension can be opened from the palette',
    async ({ workbench, report }) => {
      await workbench.runAndChoose('Slimscope: Open Sample Model…', 'lenet-synthetic.onnx');
      await report.done();
      assert.equal(await report.heading.textContent(), 'lenet-synthetic.onnx');
    },
  );

  scene(
    'a file that is no model is told as such, and the next model opens',
    async ({ workbench, report }) => {
      await workbench.openFile('page.onnx');
      await report.frame.getByText('file/not-a-model').waitFor();
      const bytes = report.frame.getByRole('group', { name: /^Bytes 0 to/ });
      assert.match((await bytes.textContent()) ?? '', /^000000003c 21 44 4f.*<!DOCTYPE html><.*end of file$/);
      await workbench.openFile('empty.onnx');
      await report.frame.getByText('file/empty').waitFor();
      await workbench.openFile('cut.onnx');
      await report.done();
      assert.match((await report.row('conv1').textContent()) ?? '', /B/);
      assert.match((await report.row('ip1').textContent()) ?? '', /not readable/);
      const cut = report.frame.getByRole('status').filter({ hasText: 'figures are of what is there' });
      await cut.getByRole('button', { name: 'read again' }).waitFor();
      await cut.getByRole('button', { name: 'show the place' }).click();
      await cut.getByText('end of file').waitFor();
      await report.button(/problem/).click();
      await report.frame.getByRole('dialog').getByText('file/truncated').first().waitFor();
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      assert.equal((await report.names()).length, 4);
    },
  );
}

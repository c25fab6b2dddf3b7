import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { ReportPage } from '../support/reportPage.ts';
import { waitFor } from '../support/waitFor.ts';
import { Workbench } from '../support/workbench.ts';
import { makeWorkspace } from '../support/workspace.ts';

let workbench: Workbench;
let folder = '';

before(
  async () => {
    folder = makeWorkspace();
    workbench = await Workbench.open(folder, { trust: true });
  },
  { timeout: 120_000 },
);

after(async () => {
  await workbench.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

test(
  'in a folder that is not trusted, files beside a model are withheld until it is',
  { timeout: 90_000 },
  async () => {
    try {
      const report = new ReportPage(workbench.report);
      await workbench.openFile('keyword-int8-synthetic.onnx');
      await report.frame.getByText('restricted mode').waitFor();
      await report.done();
      assert.match((await report.row('dense1').textContent()) ?? '', /not readable/);
      await workbench.shot('restricted-dark');

      await workbench.openFile('lenet-synthetic.onnx');
      await report.frame.getByRole('heading', { level: 1, name: 'lenet' }).waitFor();
      await report.done();
      assert.match(await report.bytes('coded'), /kB/);

      await workbench.runCommand('Workspaces: Manage Workspace Trust');
      await workbench.page
        .locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust/ })
        .first()
        .click();
      await workbench.page.locator('.workspace-trust-editor', { hasText: 'You trust this folder' }).waitFor();
      // VS Code shows this editor over the others.
      await workbench.page.locator('.monaco-modal-editor-block a.codicon-close').click();
      await workbench.editorTab('keyword-int8-synthetic.onnx').click();
      await report.frame.getByRole('heading', { level: 1, name: 'keyword' }).waitFor();
      const bits = await waitFor(
        'readable layers',
        () => report.cell('dense1', 'coded'),
        (text) => text.endsWith('B'),
      );
      assert.match(bits, /kB/);
      await report.frame.getByText('restricted mode').waitFor({ state: 'detached' });
    } catch (error) {
      await workbench.shot('failed-trust');
      throw error;
    }
  },
);

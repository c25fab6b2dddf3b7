import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import type { Scene } from './scene.ts';

export function surfaces(scene: Scene): void {
  scene('the Layers view says what can be opened, then lists the layers and selects them', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openView('Slimscope');
    const view = workbench.page.locator('.pane-body', {
      hasText: 'Open a model to see how small it can get',
    });
    await view.first().waitFor();
    await workbench.shot('welcome-dark');
    await workbench.openView('Explorer');
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await workbench.openView('Slimscope');
    const rows = workbench.page.locator('.pane-body .monaco-list-row');
    await waitFor(
      'the rows of the tree',
      () => rows.count(),
      (count) => count === 5,
    );
    await rows.filter({ hasText: 'ip1' }).click();
    await report.frame.locator('[role=row][aria-selected=true]', { hasText: 'ip1' }).waitFor();
    await workbench.shot('layers-view-dark');
    await workbench.openView('Explorer');
  });

  scene(
    'problems of a model are counted, told with their place, and explained',
    async ({ workbench, report }) => {
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.button(/\d notes?/).click();
      const told = report.frame.getByRole('dialog');
      await told.getByText('analysis/dead-units').first().waitFor();
      await workbench.shot('problems-dark');
      assert.match((await told.textContent()) ?? '', /149 of 500 outputs can go/);
    },
  );

  scene('the log can be shown', async ({ workbench }) => {
    await workbench.runCommand('Slimscope: Show Log');
    await workbench.page
      .locator('.panel .title', { hasText: /output/i })
      .first()
      .waitFor();
    await workbench.runCommand('View: Toggle Panel Visibility');
    await workbench.page.locator('.part.panel').waitFor({ state: 'hidden' });
  });
}

import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import type { Scene } from './scene.ts';

const tabs = ['Sparsity', 'Weights', 'Codebook', 'Streams'];

export function pictures(scene: Scene): void {
  scene('the heatmap of a layer is drawn, zoomed and moved by keys and by the wheel', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await report.select('ip1');
    await report.tab('Sparsity').click();
    const heatmap = report.frame.locator('[aria-roledescription=heatmap]');
    const colours = () => report.colours(heatmap.locator('canvas').first());
    await waitFor('a picture', colours, (count) => count > 8);
    const readout = () => report.frame.locator('.reading').textContent();
    const far = await readout();
    await heatmap.focus();
    await workbench.page.keyboard.press('+');
    const near = await waitFor('smaller blocks', readout, (text) => text !== far);
    await workbench.page.keyboard.press('ArrowDown');
    await waitFor('a place', readout, (text) => /row/.test(text ?? ''));
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('0');
    await waitFor('the whole layer', readout, (text) => text === far);
    await heatmap.hover({ position: { x: 120, y: 120 } });
    await workbench.page.mouse.wheel(0, -200);
    await waitFor('the wheel zooms', readout, (text) => text !== far);
    assert.notEqual(near, far);
  });

  scene('every tab shows a picture, and "t" a table in its place', async ({ workbench, report }) => {
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await report.select('conv2');
    for (const title of tabs) {
      await report.tab(title).click();
      const panel = report.frame.getByRole('tabpanel');
      await waitFor(
        `a picture of ${title}`,
        async () => report.colours(panel.locator('canvas').first()),
        (n) => n > 2,
      );
      await report.tab(title).focus();
      await workbench.page.keyboard.press('t');
      await panel.getByRole('table').first().waitFor();
      assert.ok((await panel.getByRole('row').count()) > 2, title);
      await workbench.page.keyboard.press('t');
      await panel.locator('canvas').first().waitFor();
    }
  });
}

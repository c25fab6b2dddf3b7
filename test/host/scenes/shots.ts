import { themes } from '../../support/workbench.ts';
import type { Scene } from './scene.ts';

/** Pictures to be looked at: every view in every theme, in out/shots; the guide shows copies of some in docs/shots. */
export function shots(scene: Scene): void {
  for (const theme of Object.keys(themes) as (keyof typeof themes)[])
    scene(`every view is drawn in the theme ${theme}`, async ({ workbench, report }) => {
      await workbench.setTheme(theme);
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await workbench.editorShot(`overview-${theme}`);
      for (const [title, name] of [
        ['P, P+Q, P+Q+H', 'papers'],
        ['Energy', 'energy'],
      ] as const) {
        await report.tab(title).click();
        await report.frame.getByRole('tabpanel').getByRole('table').first().waitFor();
        await workbench.editorShot(`${name}-${theme}`);
      }
      await report.tab('Sizes').click();
      await report.select('ip1');
      for (const title of ['Sparsity', 'Weights', 'Codebook', 'Streams']) {
        await report.tab(title).click();
        await report.frame.getByRole('tabpanel').locator('canvas').first().waitFor();
        await workbench.page.waitForTimeout(250);
        await workbench.editorShot(`${title.toLowerCase()}-${theme}`);
      }
      await report.tab('Codebook').click();
      await workbench.page.keyboard.press('t');
      await report.frame.getByText('as picture').waitFor();
      await report.frame.getByRole('tabpanel').getByRole('table').first().waitFor();
      await workbench.editorShot(`table-${theme}`);
      await workbench.page.keyboard.press('t');
      await workbench.openFile('page.onnx');
      await report.frame.getByText('file/not-a-model').waitFor();
      await workbench.editorShot(`broken-${theme}`);
    });
}

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
      const panel = report.frame.getByRole('tabpanel');
      await panel.getByRole('table', { name: 'Coders' }).scrollIntoViewIfNeeded();
      await workbench.editorShot(`coders-${theme}`);
      await report.tab('Codebook').click();
      await panel.getByRole('table', { name: 'Codebooks beside this one' }).waitFor({ timeout: 30_000 });
      await panel.locator('.rate-view').evaluate((view) => {
        const { offsetTop, parentElement } = view as unknown as {
          offsetTop: number;
          parentElement: { closest(selector: string): { scrollTop: number } | null };
        };
        const place = parentElement.closest('.picture');
        if (place !== null) place.scrollTop = offsetTop;
      });
      await workbench.editorShot(`error-bytes-${theme}`);
      await report.tab('Sensitivity').click();
      await panel.locator('.sensitivity-view canvas').first().waitFor({ timeout: 30_000 });
      await workbench.editorShot(`sensitivity-${theme}`);
      await report.button(/^rule$/).click();
      await workbench.editorShot(`rule-${theme}`);
      await workbench.page.keyboard.press('Escape');
      await report.button(/^rules/).click();
      await workbench.editorShot(`recipe-${theme}`);
      await workbench.page.keyboard.press('Escape');
      await report.wholeModel.click();
      await report.tab('Budget').click();
      const target = panel.locator('vscode-text-field input');
      await target.fill('30x');
      await target.press('Enter');
      await panel.getByRole('table', { name: 'Choices' }).waitFor({ timeout: 30_000 });
      await report.done();
      await workbench.editorShot(`budget-${theme}`);
      await report.button('undo').click();
      await report.done();
      await report.select('ip1');
      await report.tab('EIE').click();
      await panel.getByRole('table', { name: 'Figures of the accelerator' }).waitFor({ timeout: 30_000 });
      await workbench.page.waitForTimeout(250);
      await workbench.editorShot(`eie-${theme}`);
      for (const [part, name] of [
        ['.losses', 'eie-cycles'],
        ['.eie-sweeps', 'eie-machines'],
      ] as const) {
        await panel.locator(part).evaluate((element) => {
          (element as unknown as { scrollIntoView(at: object): void }).scrollIntoView({ block: 'start' });
        });
        await workbench.editorShot(`${name}-${theme}`);
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

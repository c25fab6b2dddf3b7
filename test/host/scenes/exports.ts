import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import type { Scene } from './scene.ts';

export function exports(scene: Scene): void {
  scene('the exported JSON is the report that the command line prints', async ({ workbench, report }) => {
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await report.button(/^export/).click();
    await report.frame.getByRole('menuitem', { name: 'JSON' }).click();
    const file = await workbench.acceptSave('lenet-synthetic.report.json');
    const text = await waitFor('the file', () => workbench.read(file));
    assert.deepEqual(JSON.parse(text), workbench.commandLine(['lenet-synthetic.onnx']));
    await workbench.toasts.filter({ hasText: 'Saved' }).waitFor();
  });

  scene(
    'the report is exported as CSV, Markdown and HTML from the palette',
    async ({ workbench, report }) => {
      await workbench.openFile('mobile-pruned-synthetic.onnx');
      await report.done();
      const kinds = [
        ['CSV', '.csv', /^index,name,tensor,/],
        ['Markdown', '.md', /\| `block3\.pointwise` \|/],
        ['HTML', '.html', /^<!doctype html>/i],
      ] as const;
      for (const [kind, ending, content] of kinds) {
        await workbench.runAndChoose('Slimscope: Export Report or Model…', kind);
        const file = await workbench.acceptSave(`mobile-pruned-synthetic.report${ending}`);
        const text = await waitFor('the file', () => workbench.read(file));
        assert.match(text, content);
        assert.match(text, /block2\.depthwise/);
      }
    },
  );
}

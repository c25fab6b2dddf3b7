import assert from 'node:assert/strict';
import type { Scene } from './scene.ts';

export function studies(scene: Scene): void {
  scene(
    'every coder of a layer is computed when the streams are looked at',
    async ({ workbench, report }) => {
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('conv2');
      const panel = report.frame.getByRole('tabpanel');

      await report.tab('Streams').click();
      const coders = panel.getByRole('table', { name: 'Coders' });
      await coders.getByRole('row').first().waitFor({ timeout: 30_000 });
      assert.ok((await coders.getByRole('row').count()) >= 8);
      assert.match((await coders.textContent()) ?? '', /bound.*Huffman.*rANS.*CSR/s);
      assert.match((await panel.textContent()) ?? '', /Long runs: (escape|padding) takes/);
      await coders.scrollIntoViewIfNeeded();
      await workbench.editorShot('coders-dark');
    },
  );
}

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../support/waitFor.ts';
import type { Scene } from './scene.ts';

const model = 'lenet-synthetic.onnx';

export function writes(scene: Scene): void {
  scene(
    'a model is compressed from its page: the place is asked for, the size is told, the container opens as a report',
    async ({ workbench, report }) => {
      await workbench.openFile(model);
      await report.done();
      await report.button('compress…').click();
      const file = await workbench.acceptSave('lenet-synthetic.slim');
      const told = report.frame.locator('.write-band', { hasText: 'lenet-synthetic.slim:' });
      await told.waitFor();
      const size = fs.statSync(file).size;
      const all = fs.statSync(path.join(workbench.folder, model)).size;
      const digits = ((await told.textContent()) ?? '').replaceAll('\u202f', '');
      assert.ok(digits.includes(`(${size.toString()} of ${all.toString()} bytes)`), digits);
      await workbench.toasts.filter({ hasText: /^lenet-synthetic\.slim: / }).waitFor();
      await workbench.editorShot('compressed-dark');
      await report.button('reveal').click();
      await workbench.page
        .locator('.explorer-folders-view .monaco-list-row.selected[aria-label^="lenet-synthetic.slim"]')
        .waitFor();
      await report.button('put away').click();
      await told.waitFor({ state: 'detached' }).catch(() => told.waitFor({ state: 'hidden' }));

      await workbench.openFile('lenet-synthetic.slim');
      await report.frame.getByRole('heading', { level: 1, name: 'lenet-synthetic.slim' }).waitFor();
      await report.done();
      assert.deepEqual(await report.names(), ['conv1', 'conv2', 'ip1', 'ip2']);
      fs.rmSync(file);
    },
  );

  scene(
    'a file that is there is replaced only after a question, and the model itself never',
    async ({ workbench, report }) => {
      const taken = path.join(workbench.folder, 'lenet-synthetic.slim');
      fs.writeFileSync(taken, 'mine');
      await workbench.openFile(model);
      await report.done();
      await report.button('compress…').click();
      await workbench.proposedPlace('lenet-synthetic.slim');
      const question = workbench.page.locator('.quick-input-widget', { hasText: /already exists/i });
      await workbench.pressOk();
      await question.waitFor();
      await workbench.shot('overwrite-dark');
      await workbench.dismiss();
      assert.equal(workbench.read(taken), 'mine');
      await report.frame.locator('.write-band').waitFor({ state: 'hidden' });

      await report.button('compress…').click();
      await workbench.proposedPlace('lenet-synthetic.slim');
      await workbench.pressOk();
      await question.waitFor();
      await workbench.pressOk();
      await waitFor(
        'a container',
        () => workbench.read(taken),
        (text) => text !== 'mine',
      );
      await report.frame.getByText('lenet-synthetic.slim:').waitFor();
      fs.rmSync(taken);
    },
  );

  scene('the model with new weights is exported from the page and from the palette', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile(model);
    await report.done();
    await report.button(/^export/).click();
    await report.frame.getByRole('menuitem', { name: 'Model with these weights…' }).click();
    const file = await workbench.acceptSave('lenet-synthetic.slimmed.onnx');
    await report.frame.locator('.write-band', { hasText: 'lenet-synthetic.slimmed.onnx:' }).waitFor();
    const out = fs.readFileSync(file);
    const before = fs.readFileSync(path.join(workbench.folder, model));
    assert.equal(out.byteLength, before.byteLength);
    assert.notDeepEqual(out, before);
    fs.rmSync(file);
    await workbench.runAndChoose('Slimscope: Export Report or Model…', 'Model');
    const again = await workbench.acceptSave('lenet-synthetic.slimmed.onnx');
    await waitFor('the model', () => (fs.existsSync(again) ? fs.readFileSync(again) : null));
    assert.deepEqual(fs.readFileSync(again), out);
    fs.rmSync(again);
  });

  scene('a model is compressed from the explorer without a report', async ({ workbench }) => {
    await workbench.chooseFromMenu('mobile-pruned-synthetic.onnx', 'Compress Model…');
    const file = await workbench.acceptSave('mobile-pruned-synthetic.slim');
    await workbench.toasts.filter({ hasText: /^mobile-pruned-synthetic\.slim: / }).waitFor();
    assert.ok(fs.statSync(file).size > 0);
    fs.rmSync(file);
  });

  scene(
    'a model without its dead units is exported, and what is in a container comes out of it',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile(model);
      await report.done();
      await report.button(/^export/).click();
      await report.frame.getByRole('menuitem', { name: 'Model without dead units…' }).click();
      const file = await workbench.acceptSave('lenet-synthetic.slimmed.onnx');
      await report.frame.locator('.write-band', { hasText: 'lenet-synthetic.slimmed.onnx:' }).waitFor();
      const size = fs.statSync(path.join(workbench.folder, model)).size;
      assert.ok(fs.statSync(file).size < size);
      fs.rmSync(file);

      await report.button('compress…').click();
      const container = await workbench.acceptSave('lenet-synthetic.slim');
      await report.frame.locator('.write-band', { hasText: 'lenet-synthetic.slim:' }).waitFor();
      await workbench.chooseFromMenu('lenet-synthetic.slim', 'Export Report or Model…');
      const out = await workbench.acceptSave('lenet-synthetic.decompressed.onnx');
      await workbench.toasts.filter({ hasText: /^lenet-synthetic\.decompressed\.onnx: / }).waitFor();
      assert.equal(fs.statSync(out).size, size);
      fs.rmSync(out);
      fs.rmSync(container);
    },
  );

  scene('writing is cancelled from its message, and nothing is left of the file', async ({ workbench }) => {
    await workbench.chooseFromMenu('long.onnx', 'Compress Model…');
    const file = await workbench.acceptSave('long.slim');
    const message = workbench.page.locator('.notifications-toasts .notification-list-item', {
      hasText: 'Compressing to long.slim',
    });
    await message.waitFor();
    await workbench.shot('compressing-dark');
    await message.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await message.waitFor({ state: 'detached' });
    await waitFor(
      'an empty place',
      () => fs.readdirSync(workbench.folder).filter((name) => name.endsWith('.part') || name === 'long.slim'),
      (names) => names.length === 0,
    );
    assert.equal(fs.existsSync(file), false);
  });
}

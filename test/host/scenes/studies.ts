import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import { choosePreset } from './preset.ts';
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
    },
  );

  scene(
    'error against bytes is drawn for other codebooks of the same weights',
    async ({ workbench, report }) => {
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('ip1');
      const panel = report.frame.getByRole('tabpanel');
      await report.tab('Codebook').click();
      const beside = panel.getByRole('table', { name: 'Codebooks beside this one' });
      await beside.waitFor({ timeout: 30_000 });
      for (const method of ['optimal', 'linear', 'density', 'forgy'])
        assert.match((await beside.textContent()) ?? '', new RegExp(method));
      const curve = panel.locator('.rate-view canvas');
      await waitFor(
        'the curve',
        () => report.colours(curve),
        (count) => count > 8,
      );

      await curve.focus();
      await workbench.page.keyboard.press('ArrowRight');
      const readout = report.frame.locator('.reading');
      await waitFor(
        'a point',
        () => readout.textContent(),
        (text) => /optimal.*coded/.test(text ?? ''),
      );
      await report.tab('Codebook').focus();
      await workbench.page.keyboard.press('t');
      await panel.getByRole('table', { name: 'Optimal codebooks' }).waitFor();
      await workbench.editorShot('codebooks-table-dark');
      await workbench.page.keyboard.press('t');
    },
  );

  scene('sensitivity is drawn over density and bits, named as data-free', async ({ workbench, report }) => {
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    await report.select('conv2');
    const panel = report.frame.getByRole('tabpanel');
    await report.tab('Sensitivity').click();
    await panel.getByText('data-free: says nothing about accuracy').first().waitFor({ timeout: 30_000 });
    const plot = panel.locator('.sensitivity-view canvas').first();
    await waitFor(
      'the plots',
      () => report.colours(plot),
      (count) => count > 8,
    );
    await plot.focus();
    await workbench.page.keyboard.press('ArrowRight');
    const readout = report.frame.locator('.reading');
    await waitFor(
      'a point',
      () => readout.textContent(),
      (text) => /density.*coded/.test(text ?? ''),
    );
    await report.tab('Sensitivity').focus();
    await workbench.page.keyboard.press('t');
    await panel.getByRole('table', { name: 'Against density' }).waitFor();
    await workbench.page.keyboard.press('t');
  });

  scene(
    'the accelerator is simulated for a layer, swept, told as tables, and only measured when asked',
    async ({ workbench, report }) => {
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('conv2');
      await report.tab('EIE').click();
      const panel = report.frame.getByRole('tabpanel');
      await panel.getByText('projects it, one product for each output position').waitFor();

      await report.select('ip1');
      const facts = panel.getByRole('table', { name: 'Figures of the accelerator' });
      await facts.waitFor({ timeout: 30_000 });
      const told = (await facts.textContent()) ?? '';
      assert.match(told, /cycles.*simulated.*load balance.*padding.*published power.*counted events/s);
      await waitFor(
        'the grid of PEs',
        () => report.colours(panel.locator('.eie-pes canvas')),
        (count) => count > 8,
      );
      await workbench.editorShot('eie-dark');

      const readout = report.frame.locator('.reading');
      const queue = panel.locator('.eie-sweeps canvas').first();
      await queue.focus();
      await workbench.page.keyboard.press('ArrowRight');
      const first = await waitFor(
        'the shortest queue',
        () => readout.textContent(),
        (text) => /Queue.*2 entries/.test(text ?? ''),
      );
      await queue.scrollIntoViewIfNeeded();
      await workbench.editorShot('eie-sweep-dark');

      await report.tab('EIE').focus();
      await workbench.page.keyboard.press('t');
      const swept = panel.getByRole('table', { name: 'Queue swept' });
      await swept.waitFor();
      const shortest = await swept.getByRole('row').nth(1).getByRole('cell').allTextContents();
      assert.ok(
        shortest[1] !== undefined && first?.includes(shortest[1]),
        `${first ?? ''}: ${shortest.join()}`,
      );
      const cycles = /cycles([\d\u202f]+)/.exec(told)?.[1] ?? '';
      const now = await swept.locator('tr.now').getByRole('cell').allTextContents();
      assert.equal(now[0], cycles);
      for (const name of ['PEs swept', 'Matrix SRAM swept', 'Index swept', 'Code swept', 'What saves energy'])
        assert.ok((await panel.getByRole('table', { name }).getByRole('row').count()) > 4, name);
      await workbench.editorShot('eie-table-dark');
      assert.equal(await panel.getByRole('table', { name: 'Break-even, measured' }).count(), 0);
      await workbench.page.keyboard.press('t');

      await panel.getByRole('button', { name: 'measure the break-even' }).click();
      const times = panel.getByRole('table', { name: 'Break-even, measured' });
      await times.waitFor({ timeout: 60_000 });
      assert.equal(await times.getByRole('row').count(), 4);
      assert.match(
        (await panel.locator('.eie-measured').textContent()) ?? '',
        /Measured on .*Node .*1 thread/,
      );
      await times.scrollIntoViewIfNeeded();
      await workbench.editorShot('eie-measured-dark');
    },
  );

  scene(
    'a budget is met, explained layer by layer, taken back, and refused when it cannot be met',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      const before = await report.bytes('coded');
      await report.tab('Budget').click();
      const panel = report.frame.getByRole('tabpanel');
      const target = panel.locator('vscode-text-field input');
      await panel.getByText('coded weights at most').waitFor();
      await target.fill('50 kB');
      await panel.getByText('at most 50.0').waitFor();
      await target.press('Enter');
      const choices = panel.getByRole('table', { name: 'Choices' });
      await choices.getByRole('row').nth(4).waitFor({ timeout: 30_000 });
      await report.done();
      await panel.getByText(/^the \.slim file: [\d\u202f]+ bytes \([\d.]+x\)$/).waitFor();
      const facts = (await panel.getByRole('table', { name: 'Budget' }).textContent()) ?? '';
      const reached = Number(/reached([\d\u202f]+)/.exec(facts)?.[1]?.replaceAll('\u202f', ''));
      assert.ok(reached > 40_000 && reached <= 50_000, facts);
      assert.match(
        (await panel.getByRole('table', { name: 'Reasons' }).textContent()) ?? '',
        /smaller|larger/,
      );

      await target.fill('12 B');
      await target.press('Enter');
      await panel
        .getByRole('alert')
        .filter({ hasText: /at least/ })
        .waitFor();
      await workbench.editorShot('budget-refused-dark');
      await target.fill('abc');
      await panel.getByText('give bytes').waitFor();
      assert.equal(await panel.getByRole('alert').count(), 0, 'a refusal goes with the text that it is of');
      await target.fill('12 B');
      await report.button('undo').click();
      await waitFor(
        'the size of before',
        () => report.bytes('coded'),
        (now) => now === before,
      );
    },
  );

  scene(
    'every rule of a recipe can be chosen for a layer, and what is wrong with it is said at once',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('ip1');
      await report.tab('Sparsity').click();
      await report.button('dead units').click();
      const dead = report.frame.getByRole('dialog');
      await dead.getByRole('table', { name: 'What goes' }).waitFor();
      assert.match(
        (await dead.textContent()) ?? '',
        /of 500 outputs.*silent.*constant.*unread.*ip2.*columns/s,
      );
      await workbench.editorShot('dead-units-dark');
      await workbench.page.keyboard.press('Escape');

      await report.button(/^rule$/).click();
      const dialog = report.frame.getByRole('dialog');
      const how = dialog.locator('vscode-dropdown').first();
      await how.click();
      await how.locator('vscode-option', { hasText: 'N:M' }).click();
      const value = dialog.locator('vscode-text-field input').first();
      await value.fill('4:2');
      await dialog.getByRole('alert').filter({ hasText: 'nm=' }).waitFor();
      await value.fill('2:4');
      await value.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await waitFor(
        'the density of 2:4',
        () => report.cell('ip1', 'density'),
        (text) => /^(4[89]|50)/.test(text),
      );
      await report.frame.getByText('nm=2:4').first().waitFor();

      await report.button(/^rule$/).click();
      const share = dialog.locator('vscode-dropdown').nth(1);
      await share.click();
      await share.locator('vscode-option', { hasText: 'rate' }).click();
      await dialog.locator('vscode-text-field input').nth(1).fill('k=12');
      await dialog.locator('vscode-button', { hasText: 'use' }).click();
      await waitFor(
        'twelve values',
        () => report.frame.locator('.rule-words').textContent(),
        (text) => /rate/.test(text ?? ''),
      );
      await report.done();
      await choosePreset(report, 'deep-compression');
      await waitFor(
        'the rule of the preset',
        () => report.cell('ip1', 'density'),
        (text) => text.startsWith('15'),
      );
      await report.done();
    },
  );
}

import assert from 'node:assert/strict';
import { waitFor } from '../../support/waitFor.ts';
import type { Locator } from 'playwright-core';
import { choosePreset } from './preset.ts';
import type { Scene } from './scene.ts';

const same = (wanted: readonly string[]) => (found: readonly string[]) => wanted.join() === found.join();

export function layers(scene: Scene): void {
  scene('the list of layers is sorted by a column, filtered by text, and walked by keys', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('lenet-synthetic.onnx');
    await report.done();
    const order = (names: readonly string[]) =>
      waitFor('the order of rows', () => report.names(), same(names));

    await report.columnHead('weights').click();
    await order(['ip1', 'conv2', 'ip2', 'conv1']);
    await report.columnHead('weights').click();
    await order(['conv1', 'ip2', 'conv2', 'ip1']);
    await report.columnHead('weights').click();
    await order(['conv1', 'conv2', 'ip1', 'ip2']);

    await report.filter.fill('conv');
    await order(['conv1', 'conv2']);
    await report.filter.fill('');
    await order(['conv1', 'conv2', 'ip1', 'ip2']);

    const selected = (name: string) =>
      report.grid.locator('[role=row][aria-selected=true]', { hasText: name }).waitFor();
    await report.grid.focus();
    await workbench.page.keyboard.press('Home');
    await selected('conv1');
    await workbench.page.keyboard.press('ArrowDown');
    await selected('conv2');
    await workbench.page.keyboard.press('End');
    await selected('whole model');
    await workbench.page.keyboard.type('ip2');
    await selected('ip2');
    assert.equal(await report.grid.getAttribute('aria-rowcount'), '6');
  });

  scene(
    'sliders change one layer and the sizes; the recipe is saved and read by the command line',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('ip1');
      const before = { coded: await report.bytes('coded'), conv2: await report.cell('conv2', 'density') };

      await setSlider(report.slider('Density'), 'PageDown');
      await waitFor(
        'another size',
        () => report.bytes('coded'),
        (now) => now !== before.coded,
      );
      const sparse = await report.bytes('coded');
      await setSlider(report.slider('Bits'), 'ArrowLeft');
      await waitFor(
        'fewer bits',
        () => report.cell('ip1', 'bits'),
        (bits) => bits === '4',
      );
      await report.done();
      assert.equal(await report.cell('conv2', 'density'), before.conv2);
      assert.notEqual(sparse, before.coded);

      await workbench.runCommand('Slimscope: Save as Recipe…');
      const file = await workbench.acceptSave('.yaml');
      const text = await waitFor('the recipe', () => workbench.read(file));
      assert.match(text, /preset: deep-compression/);
      assert.match(text, /ip1[\s\S]*share: ["']?4/);
      const printed = workbench.commandLine(['lenet-synthetic.onnx', '--recipe', file]);
      const ip1 = printed.layers.find(({ name }) => name === 'ip1');
      assert.equal(ip1?.share?.bits, 4);

      await report.button('reset layer').click();
      await waitFor(
        'the size of before',
        () => report.bytes('coded'),
        (now) => now === before.coded,
      );
      assert.equal(await report.cell('ip1', 'bits'), '5');
    },
  );

  scene(
    'presets and recipe files run the model again, and a report is opened as it was closed',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await choosePreset(report, 'as-is');
      await report.frame.getByText('this recipe changes no weight').waitFor();
      await report.done();
      assert.match(await report.cell('conv2', 'density'), /^100/);
      assert.equal(await report.cell('conv2', 'bits'), '');

      await workbench.runCommand('View: Close All Editors');
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.frame.getByText('this recipe changes no weight').waitFor();

      await workbench.runAndChoose('Slimscope: Use Recipe…', 'lenet.slimscope.yaml');
      const ip1 = (): Promise<string> => report.cell('ip1', 'density');
      await waitFor('the density of the recipe', ip1, (density) => density.startsWith('8'));
      await report.done();

      await choosePreset(report, 'deep-compression');
      await waitFor('the density of the preset', ip1, (density) => !density.startsWith('8'));
      await report.done();
    },
  );
}

async function setSlider(slider: Locator, key: string): Promise<void> {
  await slider.focus();
  await slider.press(key);
}

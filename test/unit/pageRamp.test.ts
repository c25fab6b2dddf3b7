import assert from 'node:assert/strict';
import test from 'node:test';
import { contrast, labOf, rampOf, rampPlace, rampStep, rgbOf, type Rgb } from '../../webview/color.ts';

/** Background and ink of four themes, and the share at which the scale of each begins. */
const themes: readonly { name: string; background: Rgb; ink: Rgb; first: number }[] = [
  { name: 'dark', background: [0x1f, 0x1f, 0x1f], ink: [0x59, 0xa4, 0xf9], first: 0.19 },
  { name: 'light', background: [0xff, 0xff, 0xff], ink: [0x00, 0x63, 0xd3], first: 0.22 },
  { name: 'high contrast dark', background: [0, 0, 0], ink: [0x59, 0xa4, 0xf9], first: 0.31 },
  { name: 'high contrast light', background: [0xff, 0xff, 0xff], ink: [0x29, 0x29, 0x29], first: 0.22 },
];

test('OKLab and back gives the same colour', () => {
  for (let i = 0; i < 512; i += 1) {
    const color: Rgb = [(i * 37) % 256, (i * 91) % 256, (i * 153) % 256];
    assert.deepEqual(rgbOf(labOf(color)), color);
  }
});

test('the scale of densities begins at the background and its lightness only goes one way', () => {
  for (const { name, background, ink } of themes) {
    const { steps } = rampOf(background, ink);
    assert.deepEqual(steps[0], background, name);
    const lightness = steps.map((step) => labOf(step)[0]);
    const sign = lightness[0]! < 0.5 ? 1 : -1;
    for (let i = 1; i < lightness.length; i += 1)
      assert.ok(sign * (lightness[i]! - lightness[i - 1]!) > -0.004, `${name} at ${i.toString()}`);
  }
});

test('one kept weight in a block of sixteen can be told from the background, and no step is wasted', () => {
  for (const { name, background, ink, first } of themes) {
    const ramp = rampOf(background, ink);
    const seen = ramp.steps[rampStep(ramp, 1 / 16)]!;
    assert.ok(contrast(background, seen) >= 3, name);
    assert.ok(Math.abs(ramp.first - first) < 0.021, `${name}: begins at ${ramp.first.toString()}`);
  }
});

test('the scale of a grey ink is grey', () => {
  for (const [r, g, b] of rampOf([255, 255, 255], [0x29, 0x29, 0x29]).steps) {
    assert.ok(Math.max(r, g, b) - Math.min(r, g, b) <= 1);
  }
});

test('exactly zero is the background; the rest follows the square root of the density', () => {
  assert.equal(rampPlace(0.2, 0), 0);
  assert.equal(rampPlace(0.2, 1), 1);
  assert.ok(Math.abs(rampPlace(0.2, 0.25) - 0.6) < 1e-12);
  assert.ok(rampPlace(0.2, 1e-9) >= 0.2);
});

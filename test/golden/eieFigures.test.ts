import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { detectionNodes, eieEnergyUj, eiePowerMw } from '../../analyzers/hardware/eiePower.ts';
import { benchmarkLayers, figureBars, type FigureBar } from '../../analyzers/report/figures.ts';
import pe from '../../analyzers/report/processingElement.json';

interface Figures {
  readonly layers: readonly string[];
  readonly speedup: Readonly<Record<string, readonly number[]>>;
  readonly energyEfficiency: Readonly<Record<string, readonly number[]>>;
}
const figures = JSON.parse(readFileSync('test/golden/papers/eieFigures.json', 'utf8')) as Figures;

const nameOf = ({ platform, run }: FigureBar): string =>
  run === 'eie' ? 'EIE' : `${platform} ${run === 'denseBatch1' ? 'dense' : 'sparse'}`;
/** What a printed bar stands for: half a unit of its last digit either way. */
const rounds = (value: number, printed: number): boolean =>
  Math.abs(value - printed) <= (Number.isInteger(printed) ? 0.5 : 0.05) + 1e-9;

for (const layer of ['Alex-6', 'Alex-7', 'Alex-8', 'VGG-6', 'VGG-7', 'VGG-8'])
  test(`every bar of Figures 6 and 7 for ${layer} follows from the tables`, (t) => {
    const at = figures.layers.indexOf(layer);
    for (const bar of figureBars(layer)) {
      const name = nameOf(bar);
      const speedup = figures.speedup[name]?.[at];
      const energy = figures.energyEfficiency[name]?.[at];
      if (speedup === undefined || energy === undefined) continue;
      t.diagnostic(
        `${name}: ${bar.speedup.toFixed(2)}x (printed ${speedup.toString()}), energy ${(bar.energyEfficiency ?? 0).toFixed(2)}x (printed ${energy.toString()})`,
      );
      assert.ok(rounds(bar.speedup, speedup), `${name} speed-up`);
      if (name === 'EIE') assert.ok(Math.abs((bar.energyEfficiency ?? 0) / energy - 1) < 1e-4, 'EIE energy');
      else assert.ok(rounds(bar.energyEfficiency ?? 0, energy), `${name} energy`);
    }
  });

test('64 PEs with their 21 detection nodes draw 586.5 mW', () => {
  assert.equal(detectionNodes(64), 21);
  assert.equal(detectionNodes(1), 0);
  // Five PEs need a second node, six no third one.
  assert.deepEqual([5, 7, 8, 16].map(detectionNodes), [2, 2, 3, 5]);
  assert.ok(Math.abs(eiePowerMw(64) - 586.531) < 1e-9);
  assert.ok(Math.abs(eieEnergyUj(64, 30.3) - 17.7719) < 1e-3);
});

test('the components and the modules of a PE add up to its power and its area, within what is printed', () => {
  for (const rows of [pe.components, pe.modules]) {
    const power = rows.reduce((sum, { powerMw }) => sum + (powerMw ?? 0), 0);
    const area = rows.reduce((sum, { areaUm2 }) => sum + areaUm2, 0);
    assert.ok(Math.abs(power - pe.total.powerMw) < 0.0015, power.toString());
    assert.equal(area, pe.total.areaUm2);
  }
});

test('the nine layers have the shapes of Table III', () => {
  assert.equal(benchmarkLayers.length, 9);
  assert.deepEqual(benchmarkLayers[3], {
    layer: 'VGG-6',
    inputs: 25_088,
    outputs: 4096,
    weightPercent: 4,
    activationPercent: 18.3,
    flopPercent: 1,
  });
});

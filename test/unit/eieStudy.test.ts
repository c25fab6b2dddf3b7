import assert from 'node:assert/strict';
import test from 'node:test';
import { layerEie } from '../../analyzers/analyses/eieLayer.ts';
import { eieLayerStudy } from '../../analyzers/analyses/eieLayerStudy.ts';
import { syntheticStudy } from '../../analyzers/analyses/eieSynthetic.ts';
import { settleLayer } from '../../analyzers/analyses/settleLayer.ts';
import { limits } from '../../analyzers/bytes/limits.ts';
import type { Layer } from '../../analyzers/model/layer.ts';
import { publishedEie, type LayerEie } from '../../analyzers/report/eie.ts';
import { eieAxes, plainEie, type EieAsk, type EieStudy } from '../../analyzers/report/eieStudy.ts';
import { hostGuards } from '../../analyzers/rpc/guard.ts';
import { denseLayer, normals, passOf, recipeOf } from '../support/layerFixture.ts';

const signal = new AbortController().signal;
const calm = { signal, progress: () => {} };
const breathe = (): Promise<void> => Promise.resolve();

async function studyOf(
  layer: Layer,
  values: Float32Array,
  more: Partial<EieAsk> = {},
  bias: Float64Array | null = null,
): Promise<EieStudy> {
  const pass = passOf(values);
  const settled = await settleLayer(layer, recipeOf(), pass, { ...calm, profile: null });
  const ask: EieAsk = { ...plainEie, ...more };
  return eieLayerStudy(settled, { weights: pass }, ask, bias, { ...calm, breathe });
}

const dense = (
  rows: number,
  cols: number,
  values: Float32Array,
  more: Partial<EieAsk> = {},
): Promise<EieStudy> => studyOf(denseLayer(rows, cols), values, more);

/** Every figure of an estimate is a finite number, at least 0. */
function assertFinite(estimate: LayerEie | null): asserts estimate is LayerEie {
  assert.ok(estimate);
  for (const [name, value] of Object.entries(estimate))
    if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0, name);
}

test('layers with nothing to do have well-defined figures: no weight, one row, fewer rows than PEs', async () => {
  for (const [rows, cols, fill] of [
    [70, 9, 0],
    [1, 9, 0.5],
    [1, 1, 0.5],
    [10, 500, 0.5],
  ] as const) {
    const { estimate, losses, usefulShare, activations } = await dense(
      rows,
      cols,
      new Float32Array(rows * cols).fill(fill),
      { axes: eieAxes },
    );
    assertFinite(estimate);
    assert.equal(estimate.entries, fill === 0 ? 0 : rows * cols);
    assert.equal(estimate.theoreticalCycles, estimate.entries / 64);
    assert.ok(estimate.cycles > 0, 'an empty slice costs a cycle');
    assert.ok(usefulShare >= 0 && usefulShare <= 1);
    assert.equal(activations.savedWork, 0);
    assert.ok(Math.abs(losses.reduce((sum, { cycles }) => sum + cycles, 0) - estimate.cycles) < 1e-9);
  }
});

test('without an active column only the bias column is computed, and without that one nothing', async () => {
  const values = normals(64 * 8, 5);
  const activations = { kind: 'density', density: 0, seed: 1 } as const;
  const withBias = await dense(64, 8, values, { activations });
  assertFinite(withBias.estimate);
  assert.equal(withBias.estimate.activeColumns, 0);
  assert.equal(withBias.estimate.activeEntries, 0);
  assert.equal(withBias.activations.savedWork, 1);
  const machine = { ...publishedEie, biasColumn: 'none' } as const;
  const { estimate, losses } = await dense(64, 8, values, { activations, machine });
  assertFinite(estimate);
  assert.equal(estimate.cycles, 0);
  assert.equal(estimate.energyUj, 0);
  assert.ok(losses.every(({ cycles }) => cycles === 0));
});

test('a layer without a weight takes nothing', async () => {
  const { estimate, losses } = await syntheticStudy(
    { name: 'none', rows: 0, cols: 12, density: 0.5, activation: 1, seed: 1 },
    plainEie,
    { ...calm, breathe },
  );
  assertFinite(estimate);
  assert.equal(estimate.cycles, 0);
  assert.equal(estimate.pointerReads, 0);
  assert.deepEqual(losses, []);
});

test('more slices than are counted are no estimate but a reason; a sweep leaves such machines out', async () => {
  const cols = limits.interleavedSlices / 64 + 1;
  const synthetic = { name: 'wide', rows: 2, cols, density: 0, activation: 0, seed: 1 };
  const wide = await syntheticStudy(synthetic, plainEie, { ...calm, breathe });
  assert.equal(wide.estimate, null);
  assert.match(wide.notes.join(' '), /more slices than the/);
  const fitting = await syntheticStudy(
    { ...synthetic, cols: cols - 1 },
    { machine: { ...publishedEie, pes: 1 }, axes: ['pes'] },
    { ...calm, breathe },
  );
  assertFinite(fitting.estimate);
  assert.deepEqual(
    fitting.sweeps[0]!.points.map(({ value }) => value),
    [1, 2, 4, 8, 16, 32],
  );
  assert.match(fitting.notes.join(' '), /sweep of pes leaves out 3 values/);
});

const as = (more: Partial<Layer>): Layer => ({ ...denseLayer(4, 6), ...more });

test('what is no product of a matrix and a vector has no figures, and the reason', async () => {
  const values = normals(4 * 6, 7);
  const twoWays = { ...denseLayer(4, 6).weight, shape: [2, 2, 6] };
  const reasons: readonly (readonly [Layer, Partial<EieAsk>, RegExp])[] = [
    [as({ op: 'conv', operator: 'Conv' }), {}, /only modelled as a projection/],
    [as({ op: 'conv', operator: 'Conv', macs: null }), { convolutions: true }, /is not known/],
    [as({ op: 'conv', operator: 'ConvTranspose' }), { convolutions: true }, /transposed/],
    [as({ op: 'depthwise', operator: 'Conv' }), { convolutions: true }, /depthwise/],
    [as({ op: 'embedding', operator: 'Gather' }), {}, /Gather is not one product/],
    [as({ op: 'recurrent', operator: 'LSTM', weight: twoWays }), {}, /Both directions/],
  ];
  for (const [layer, ask, why] of reasons) {
    const { estimate, notes } = await studyOf(layer, values, ask);
    assert.equal(estimate, null);
    assert.match(notes.join(' '), why);
    const pass = passOf(values);
    const settled = await settleLayer(layer, recipeOf(), pass, { ...calm, profile: null });
    assert.equal(await layerEie(settled, { weights: pass }, signal), null);
  }
  const broken = values.slice();
  broken[3] = Number.NaN;
  const { estimate, notes } = await dense(4, 6, broken);
  assert.equal(estimate, null);
  assert.match(notes.join(' '), /NaN or infinite/);
});

test('memories that are too small are told with what must be split', async () => {
  const { estimate, notes } = await syntheticStudy(
    { name: 'VGG-6', rows: 4096, cols: 25_088, density: 0.04, activation: 0.183, seed: 1 },
    plainEie,
    { ...calm, breathe },
  );
  assertFinite(estimate);
  assert.equal(estimate.fits.pointers, false);
  assert.match(
    notes.join(' '),
    /pointers take .* of a PE: the layer is split in 2 parts, which is not modelled/,
  );
  assert.equal(estimate.bits.pointers, 25_089 * 64 * 16);
});

test('a bias column of the layer has the non-zeros of its bias, with padding', async () => {
  const rows = 64 * 40;
  const bias = new Float64Array(rows);
  bias[0] = 1;
  bias[64 * 39] = -2;
  const machine = { ...publishedEie, biasColumn: 'layer' } as const;
  const values = new Float32Array(rows);
  const withBias = await studyOf(denseLayer(rows, 1), values, { machine }, bias);
  // Both are of PE 0: 38 zeros between them take two padding zeros.
  assert.equal(withBias.estimate!.entries, 4);
  assert.equal(withBias.estimate!.padding, 2);
  assert.equal(withBias.estimate!.activeEntries, 4);
  const without = await studyOf(denseLayer(rows, 1), values, { machine });
  assert.equal(without.estimate!.entries, 0);
  assert.match(without.notes.join(' '), /no bias/);
});

const study = (eie: unknown): boolean => hostGuards.study({ layer: 0, what: 'eie', eie });

test('of a page only machines within bounds are taken, and no vectors', () => {
  const ask = { ...plainEie, axes: ['fifo'] };
  assert.ok(hostGuards.study({ layer: 0, what: 'eie' }));
  assert.ok(study(ask));
  assert.ok(study({ ...ask, activations: { kind: 'density', density: 0.3, seed: 1 } }));
  for (const machine of [
    { pes: 0 },
    { pes: 1e6 },
    { fifo: 1 },
    { fifo: 2.5 },
    { sramBits: 0 },
    { biasColumn: 'x' },
  ])
    assert.ok(!study({ ...ask, machine: { ...publishedEie, ...machine } }), JSON.stringify(machine));
  for (const activations of [
    { kind: 'density', density: 1.1, seed: 1 },
    { kind: 'density', density: Number.NaN, seed: 1 },
    { kind: 'columns', columns: new Uint32Array(1), length: 1, source: '' },
    { kind: 'all-active', more: 1 },
  ])
    assert.ok(!study({ ...ask, activations }));
  assert.ok(!study({ ...ask, axes: ['fifo', 'depth'] }));
  assert.ok(!study({ ...ask, axes: Array.from({ length: 9 }, () => 'fifo') }));
});

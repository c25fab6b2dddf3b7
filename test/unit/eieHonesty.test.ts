import assert from 'node:assert/strict';
import test from 'node:test';
import { eieEstimate } from '../../analyzers/hardware/eieEstimate.ts';
import { syntheticActive, syntheticSlices } from '../../analyzers/kernels/syntheticSlices.ts';
import { amdahl, coverageOf, coverageText } from '../../analyzers/report/amdahl.ts';
import { publishedEie, type LayerEie } from '../../analyzers/report/eie.ts';
import { publishedEnergy } from '../../analyzers/report/energyTable.ts';
import {
  benchmarkOf,
  eieAreaMm2,
  platformSummaries,
  platformTimes,
} from '../../analyzers/report/platforms.ts';
import { thin } from '../../analyzers/report/units.ts';
import { waterfall, waterfallLines, type WaterfallInput } from '../../analyzers/report/waterfall.ts';

function simulated(rows: number, cols: number, density: number, activation: number) {
  const drawn = syntheticSlices({ rows, cols, pes: 64, density, indexBits: 4, seed: 1 });
  const active = syntheticActive(cols, activation, 1);
  const { slices, padding, nonZeros } = drawn;
  const eie = eieEstimate(
    { rows, cols, slices, padding, active, activationSource: 'synthetic', bias: null },
    { ...publishedEie, biasColumn: 'none' },
  );
  return { eie, nonZeros };
}

const near = (value: number | null | undefined, wanted: number, within: number): void =>
  assert.ok(
    Math.abs((value ?? Number.NaN) - wanted) <= within,
    `${String(value)} is not ${wanted.toString()}`,
  );

const layer = (weights: number, macs: number | null, eie: 'dense' | 'projected' | null) => ({
  weights,
  macs,
  eie: eie === null ? null : ({ projection: eie === 'projected' } as LayerEie),
});

test('what the layers cover bounds the whole network by Amdahl', () => {
  near(amdahl(0.5, 2), 4 / 3, 1e-12);
  assert.equal(amdahl(0, 1000), 1);
  assert.equal(amdahl(1, Infinity), Infinity);
  const layers = [layer(10, 900, null), layer(90, 100, 'dense'), layer(0, null, null)];
  const coverage = coverageOf(layers);
  assert.deepEqual(
    { ...coverage, bound: null, readBound: null },
    {
      layers: 1,
      allLayers: 3,
      weightShare: 0.9,
      macShare: 0.1,
      macsUnknown: 1,
      bound: null,
      readBound: null,
    },
  );
  near(coverage.bound, 1 / 0.9, 1e-12);
  near(coverage.readBound, 10, 1e-9);
  const text = coverageText(coverage).join(' ');
  assert.match(text, /1 of 3 layers: 90.* of the weights and 10.* of the multiply-accumulates/);
  assert.match(text, /at most 1\.11x as fast .* at most 10\.0x/);
});

test('projected convolutions count only when they are asked for, and a model of nothing has no shares', () => {
  const layers = [layer(10, 900, 'projected'), layer(90, 100, 'dense')];
  assert.equal(coverageOf(layers).macShare, 0.1);
  assert.equal(coverageOf(layers, true).bound, Infinity);
  assert.match(coverageText(coverageOf(layers, true)).join(' '), /sets no bound/);
  const none = coverageOf([]);
  assert.deepEqual([none.weightShare, none.macShare, none.bound], [null, null, null]);
  assert.match(coverageText(none)[0] ?? '', /No layer/);
});

const input = (more: Partial<WaterfallInput> = {}): WaterfallInput => {
  const { eie, nonZeros } = simulated(4096, 4096, 0.09, 0.353);
  return { weights: 4096 * 4096, nonZeros, pruned: true, rounded: true, eie, machine: publishedEie, ...more };
};

test('the sources of saving are counted one after the other, beside the 120, 10, 8 and 3 of the paper', () => {
  const { denseUj, steps, factor, paper } = waterfall(input());
  near(denseUj, 10_737.4, 0.1);
  assert.deepEqual(
    steps.map(({ id, paper: printed, result, when }) => [id, printed, result, when]),
    [
      ['memory', 120, 'exact', 'static'],
      ['density', 10, 'approximate', 'static'],
      ['width', 8, 'approximate', 'static'],
      ['places', null, 'exact', 'static'],
      ['activations', 3, 'exact', 'dynamic'],
      ['words', null, 'exact', 'dynamic'],
    ],
  );
  const [memory, density, width, places, activations, words] = steps;
  assert.equal(memory?.factor, 128);
  near(density?.factor, 1 / 0.09, 0.05);
  assert.equal(width?.factor, 8);
  assert.ok((places?.factor ?? 1) < 0.5, 'half of an entry is its place, and there is padding');
  near(activations?.factor, 1 / 0.353, 0.03);
  assert.ok((words?.factor ?? 1) < 1);
  near(steps.reduce((product, step) => product * (step.factor ?? 1), 1) / (factor ?? 1), 1, 1e-9);
  assert.equal(paper, 28_800);
});

test('the savings read as a sentence, each with what the paper gives', () => {
  const [line, all] = waterfallLines(waterfall(input())).map((text) => text.replaceAll(thin, ' '));
  assert.match(
    line ?? '',
    /^Reading the weights, from 10\.7 mJ .* SRAM instead of DRAM 128x \(paper 120x; exact, static\)/,
  );
  assert.match(line ?? '', /zero activations are skipped 2\.8\dx \(paper 3x; exact, dynamic\)/);
  assert.match(line ?? '', /their places, and padding 0\.\d+x \(a cost; exact, static\)/);
  assert.match(all ?? '', /^Together .*multiply to 28 800x\.$/);
});

test('zeros of the file are left out exactly, and other prices give another first step', () => {
  const own = waterfall(input({ pruned: false, rounded: false }), { ...publishedEnergy, dramRead32Pj: 100 });
  assert.equal(own.steps[0]?.factor, 20);
  assert.ok(own.steps.every(({ result }) => result === 'exact'));
});

test('a layer of zeros has nothing to read, and no factor', () => {
  const { eie, nonZeros } = simulated(64, 64, 0, 0);
  const { steps, factor } = waterfall(input({ weights: 4096, eie, nonZeros }));
  assert.equal(factor, null);
  assert.deepEqual(
    steps.slice(1).map((step) => step.factor),
    [null, null, null, null, null],
  );
});

test('a layer of the shape of a benchmark stands beside its published times, the nearest density first', () => {
  assert.equal(benchmarkOf({ rows: 4096, cols: 4096, density: 0.1 })?.layer, 'Alex-7');
  assert.equal(benchmarkOf({ rows: 4096, cols: 4096, density: 0.03 })?.layer, 'VGG-7');
  assert.equal(benchmarkOf({ rows: 10, cols: 4096, density: 0.03 }), null);
  const { eie } = simulated(4096, 4096, 0.09, 0.353);
  const { benchmark, rows, notes } = platformTimes({ rows: 4096, cols: 4096, density: 0.09, eie });
  assert.equal(benchmark, 'Alex-7');
  assert.equal(rows.length, 14);
  near(rows.at(-2)?.speedup, 6187.1 / 12.2, 1e-9);
  near(rows.at(-2)?.energyEfficiency, 61_533, 2);
  assert.equal(rows.at(-1)?.basis, 'simulated');
  near(rows.at(-1)?.powerW, 0.5865, 1e-3);
  assert.match(notes.join(' '), /3\.61x as long as the dense one on the CPU, at batch 1 0\.207x/);
});

test('layers without a power or without a benchmark say so', () => {
  const { eie } = simulated(600, 4096, 0.1, 1);
  const talk = platformTimes({ rows: 600, cols: 4096, density: 0.1, eie });
  assert.equal(talk.benchmark, 'NT-We');
  assert.ok(talk.rows.some(({ energyUj }) => energyUj === null));
  assert.match(talk.notes.join(' '), /No power was published/);
  const alone = platformTimes({ rows: 7, cols: 9, density: null, eie });
  assert.deepEqual([alone.benchmark, alone.rows.length], [null, 1]);
});

test('Table V derives its columns, and the opened layer stands under the same ones', () => {
  near(eieAreaMm2(64), 40.8, 0.05);
  const { eie } = simulated(4096, 4096, 0.09, 0.353);
  const rows = platformSummaries({ eie });
  assert.equal(rows.length, 9);
  const published = rows.find(({ name }) => name === 'EIE 64PE');
  near(published?.perJoule, (published?.vectorsPerSecond ?? 0) / (published?.powerW ?? 1), 20);
  const own = rows.at(-1);
  near((own?.vectorsPerSecond ?? 0) * eie.timeUs, 1e6, 1);
  near(own?.perJoule, 1e6 / eie.energyUj, 1e-6);
  assert.equal(platformSummaries(null).length, 8);
});

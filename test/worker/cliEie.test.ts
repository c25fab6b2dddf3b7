import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { LayerEie } from '../../analyzers/report/eie.ts';
import { assertRefused, reportOf, slimscope, threeAtATime } from '../support/commandLine.ts';
import { withFolder } from '../support/folder.ts';

const model = path.resolve('samples/lenet-synthetic.onnx');

interface Told {
  readonly layers: readonly {
    readonly name: string;
    readonly eie: LayerEie;
    readonly notes: readonly string[];
  }[];
}
interface Swept {
  readonly layer: string;
  readonly axis: string;
  readonly energyBasis: string;
  readonly points: readonly Readonly<
    Record<'value' | 'cycles' | 'timeUs' | 'loadBalance' | 'energyUj', number>
  >[];
}

/** What a call that can be used prints as JSON. */
async function told<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await slimscope(['eie', ...args, '--format', 'json']);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as T;
}

function npy(numbers: readonly number[]): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${numbers.length.toString()},), }`;
  const head = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  head.writeUInt16LE(text.length, 8);
  return Buffer.concat([head, Buffer.from(text), Buffer.from(Float32Array.from(numbers).buffer)]);
}

test('the command tells of each dense layer what the report tells', async () => {
  const report = await reportOf(model, '--preset', 'eie');
  const { layers } = await told<Told>(model, '--preset', 'eie');
  assert.deepEqual(
    layers.map(({ name, eie }) => ({ name, eie })),
    report.layers.filter(({ op }) => op === 'dense').map(({ name, eie }) => ({ name, eie })),
  );
  for (const { notes } of layers)
    assert.match(notes.join(' '), /Ring 8 = 7 queued \+ 1 in the pointer register/);
  const text = await slimscope(['eie', model, '--fifo', '8']);
  assert.match(text.stdout.replaceAll(/\s+/g, ' '), /ring 8 = 7 queued \+ 1 in the pointer register/);
});

const plainly = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('the text says that figures are simulated, by which recipe, and whose power an energy is by', () =>
  withFolder(async (folder) => {
    const ordinary = plainly((await slimscope(['eie', model, '--layer', 'ip2'])).stdout);
    assert.match(ordinary, /Simulated, not measured, .* \(deep-compression\); one-shot, accuracy unknown/);
    assert.match(ordinary, /by published power \(EIE, Table II\) and time/);
    const energy = path.join(folder, 'mine.json');
    await writeFile(energy, '{ "name": "mine", "pePowerMw": 4 }');
    const own = await slimscope(['eie', model, '--layer', 'ip2', '--energy', energy]);
    assert.match(plainly(own.stdout), /by the power of the table mine, which changes pePowerMw, and time/);
    assert.doesNotMatch(own.stdout, /by published power/);
    const [layer] = (
      await told<{ layers: { energyTable: string }[] }>(model, '--layer', 'ip2', '--energy', energy)
    ).layers;
    assert.equal(layer?.energyTable, 'mine');
    const none = await slimscope(['eie', model, '--layer', 'ip2', '--prune', 'density=0']);
    assert.doesNotMatch(none.stdout, /not stored|Together/);
  }));

test('a sweep is the layer, its axis and points; energies that are assumed say so', async () => {
  for (const axis of ['fifo', 'pes', 'width', 'index', 'code']) {
    const swept = await told<Swept>(model, '--layer', 'ip1', '--sweep', axis);
    assert.equal(swept.layer, 'ip1');
    assert.equal(swept.axis, axis);
    assert.ok(swept.points.length >= 5);
    for (const point of swept.points)
      for (const key of ['value', 'cycles', 'timeUs', 'loadBalance', 'energyUj'] as const)
        assert.ok(Number.isFinite(point[key]), key);
    const assumed = axis !== 'fifo' && axis !== 'pes';
    assert.equal(swept.energyBasis, assumed ? 'assumed' : 'eie-table-2');
    const { stdout } = await slimscope(['eie', model, '--layer', 'ip1', '--sweep', axis]);
    assert.equal(/energy \(assumed\)/.test(stdout), assumed);
  }
});

test('a vector of activations decides the active columns; one of another length names both lengths', () =>
  withFolder(async (folder) => {
    const [right, wrong, broken] = ['a.npy', 'b.npy', 'c.npy'].map((name) => path.join(folder, name));
    const numbers = Array.from({ length: 800 }, (_, i) => (i % 3 === 0 ? 0.5 : 0));
    await writeFile(right!, npy(numbers));
    await writeFile(wrong!, npy(numbers.slice(1)));
    await writeFile(broken!, npy([...numbers.slice(1), Number.NaN]));
    const { layers } = await told<Told>(model, '--layer', 'ip1', '--activations', right!);
    assert.equal(layers[0]!.eie.activeColumns, 267);
    assert.equal(layers[0]!.eie.activationSource, 'a.npy');
    const refuse = async (args: readonly string[], why: RegExp): Promise<void> =>
      assertRefused(await slimscope(['eie', model, ...args]), why);
    await refuse(
      ['--layer', 'ip1', '--activations', wrong!],
      /b\.npy has 799 activations and ip1 has 800 inputs/,
    );
    await refuse(
      ['--activations', wrong!],
      /b\.npy has 799 activations and no layer as many inputs: ip1 has 800/,
    );
    await refuse(['--layer', 'ip1', '--activations', broken!], /c\.npy has NaN at place 799/);
    // Of a model's layers those that take the vector.
    const all = await told<Told>(model, '--activations', right!);
    assert.deepEqual(
      all.layers.map(({ name }) => name),
      ['ip1'],
    );
  }));

test('a synthetic layer has exactly the asked share of active columns, and the same figures for the same seed', async () => {
  const asked = 'rows=1000,cols=4096,density=0.1,activation=0.375,seed=3';
  const [one, same] = [await told<Told>('--synthetic', asked), await told<Told>('--synthetic', asked)];
  assert.deepEqual(one, same);
  const { eie } = one.layers[0]!;
  assert.equal(eie.activeColumns, Math.round(0.375 * 4096));
  assert.ok(eie.theoreticalCycles < eie.cycles);
  const other = await told<Told>('--synthetic', asked.replace('seed=3', 'seed=4'));
  assert.notEqual(other.layers[0]!.eie.cycles, eie.cycles);
});

test('convolutions are told only when asked for, and as a projection', async () => {
  const { layers } = await told<Told>(model, '--convolutions');
  assert.deepEqual(
    layers.map(({ name, eie }) => [name, eie.projection]),
    [
      ['conv1', true],
      ['conv2', true],
      ['ip1', false],
      ['ip2', false],
    ],
  );
});

const biasEntries = async (kind: string): Promise<number> =>
  (await told<Told>(model, '--layer', 'ip1', '--bias-column', kind)).layers[0]!.eie.entries;

test('a bias column of the layer has the entries of its bias', async () => {
  const [empty, layer, none] = await Promise.all(['empty', 'layer', 'none'].map(biasEntries));
  assert.equal(empty, none);
  assert.ok(layer! > empty! && layer! <= empty! + 500);
});

test('a machine or a layer that cannot be is refused in one line', async () => {
  const cases: [string[], RegExp][] = [
    [[model, '--pes', '0'], /--pes takes a whole number from 1/],
    [[model, '--pes', '1e9'], /--pes/],
    [[model, '--fifo', '0'], /--fifo takes a whole number from 2/],
    [[model, '--fifo', '1'], /--fifo takes a whole number from 2/],
    [[model, '--sram-bits', '99999999999'], /--sram-bits/],
    [[model, '--sweep', 'depth'], /--sweep takes one of fifo, pes/],
    [[model, '--bias-column', 'full'], /--bias-column/],
    [[model, '--layer', 'ip3'], /no layer "ip3"; did you mean ip[12]/],
    [[model, '--layer', 'conv1'], /"conv1" is not modelled.*--convolutions/],
    [[model, '--activations', 'density=1.5'], /density is a number from 0 to 1/],
    [[model, '--synthetic', 'rows=1,cols=1,density=1'], /takes no model/],
    [['--synthetic', 'rows=4096,cols=9216'], /needs rows, cols and density/],
    [['--synthetic', 'rows=0,cols=1,density=1'], /rows is a whole number from 1/],
    [['--synthetic', 'rows=1000000000,cols=1000000000,density=1'], /non-zeros are more than/],
    [['--synthetic', 'rows=1,cols=1000000000,density=0.00001'], /more slices than/],
    [['--synthetic', 'rows=1,cols=1,density=1,depth=3'], /--synthetic takes rows=N/],
    [['--benchmark', '--fifo', '4'], /--fifo means nothing with --benchmark/],
    [[], /no model is given/],
  ];
  await threeAtATime(cases, async ([args, why]) => assertRefused(await slimscope(['eie', ...args]), why));
});

test('the nine layers stand beside their published times, in every format', async () => {
  const { layers } = await told<{
    readonly layers: readonly {
      readonly name: string;
      readonly eie: LayerEie;
      readonly published: { readonly actualUs: number };
    }[];
  }>('--benchmark');
  assert.equal(layers.length, 9);
  for (const { name, eie, published } of layers)
    assert.ok(Math.abs(eie.timeUs / published.actualUs - 1) < 0.32, name);
  await withFolder(async (folder) => {
    const out = path.join(folder, 'nine.md');
    const { code, stdout } = await slimscope(['eie', '--benchmark', '--out', out]);
    assert.equal(code, 0);
    assert.equal(stdout, '');
    assert.match(await readFile(out, 'utf8'), /\| NT-LSTM /);
  });
});

test('an interrupted sweep ends at once', async () => {
  const { code, stdout } = await slimscope(
    ['eie', '--synthetic', 'rows=100000,cols=25000,density=0.1', '--sweep', 'pes'],
    { started: (child) => setTimeout(() => child.kill('SIGINT'), 600) },
  );
  assert.equal(code, 130);
  assert.equal(stdout, '');
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import data from '../../analyzers/report/benchmarks.json';
import { eieEstimate } from '../../analyzers/hardware/eieEstimate.ts';
import { syntheticActive, syntheticSlices } from '../../analyzers/kernels/syntheticSlices.ts';
import { publishedEie } from '../../analyzers/report/eie.ts';

const seeds = [1, 2, 3, 4, 5];
const machine = { ...publishedEie, biasColumn: 'none' } as const;

interface Simulated {
  readonly layer: string;
  readonly theoretical: number;
  readonly actual: number;
}
type Layer = (typeof data.benchmarks)[number];

/** Mean over the seeds, in microseconds, of a random layer of these densities. */
function meanTimes({ layer, inputs: cols, outputs: rows }: Layer, density: number, share: number): Simulated {
  const runs = seeds.map((seed) => {
    const drawn = { rows, cols, pes: machine.pes, density, indexBits: machine.indexBits, seed };
    const { slices, padding } = syntheticSlices(drawn);
    const active = syntheticActive(cols, share, seed);
    return eieEstimate(
      { rows, cols, slices, padding, active, activationSource: 'synthetic', bias: null },
      machine,
    );
  });
  const mean = (of: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return { layer, theoretical: mean((run) => run.theoreticalUs), actual: mean((run) => run.timeUs) };
}

const published = (layer: string): { readonly theoretical: number; readonly actual: number } => {
  const at = data.layers.indexOf(layer);
  return {
    theoretical: data.eie.theoreticalUs[at] ?? Number.NaN,
    actual: data.eie.actualUs[at] ?? Number.NaN,
  };
};

const off = (ours: number, theirs: number): number => Math.abs(ours / theirs - 1);
const within = (errors: readonly number[], most: number): number =>
  errors.filter((error) => error <= most).length;

function told(name: string, rows: readonly Simulated[], column: 'theoretical' | 'actual'): string[] {
  const errors = rows.map((row) => off(row[column], published(row.layer)[column]));
  return [
    ...rows.map((row, at) => {
      const theirs = published(row.layer)[column];
      const sign = row[column] < theirs ? '-' : '+';
      return `${name}, ${row.layer}, ${column}: ${row[column].toFixed(2)} us, published ${theirs.toString()} (${sign}${((errors[at] ?? 0) * 100).toFixed(1)} %)`;
    }),
    `${name}, ${column}: mean error ${((errors.reduce((a, b) => a + b, 0) / errors.length) * 100).toFixed(1)} %`,
  ];
}

const asPrinted = data.benchmarks.map((layer) =>
  meanTimes(layer, layer.weightPercent / 100, layer.activationPercent / 100),
);

test('the densities of Table III give the theoretical times of Table IV within 9 % on seven of nine layers', (t) => {
  for (const line of told('Table III', asPrinted, 'theoretical')) t.diagnostic(line);
  const errors = asPrinted.map((row) => off(row.theoretical, published(row.layer).theoretical));
  assert.ok(within(errors, 0.09) >= 7);
  assert.equal(within(errors, 0.22), 9);
});

test('and the actual times within 12 % on seven of nine', (t) => {
  for (const line of told('Table III', asPrinted, 'actual')) t.diagnostic(line);
  const errors = asPrinted.map((row) => off(row.actual, published(row.layer).actual));
  assert.ok(within(errors, 0.12) >= 7);
  assert.equal(within(errors, 0.32), 9);
});

/** Table III rounds its densities, and Table IV is of one sample: both together are set by the theoretical time. */
function matched(layer: Layer, asDrawn: Simulated): Simulated {
  const aim = published(layer.layer).theoretical / asDrawn.theoretical;
  const density = layer.weightPercent / 100;
  const share = (layer.activationPercent / 100) * aim;
  // A layer whose inputs are all active can only have more weights; its padding shrinks a little as it does.
  return share <= 1 ? meanTimes(layer, density, share) : meanTimes(layer, density * aim, 1);
}

const asMatched = data.benchmarks.map((layer, at) => matched(layer, asPrinted[at] ?? assert.fail()));

test('matched to the theoretical column, the actual times are within 8 % on eight of nine', (t) => {
  for (const line of told('Matched', asMatched, 'theoretical')) t.diagnostic(line);
  for (const line of told('Matched', asMatched, 'actual')) t.diagnostic(line);
  const errors = asMatched.map((row) => off(row.actual, published(row.layer).actual));
  assert.ok(within(errors, 0.08) >= 8);
});

const cell = (ours: number, theirs: number): string =>
  `${ours.toFixed(1)} (${ours < theirs ? '-' : '+'}${(100 * off(ours, theirs)).toFixed(0)} %)`;

test('the document has these very figures', () => {
  const document = readFileSync('docs/eie.md', 'utf8').replaceAll(/ +/g, ' ');
  for (const [at, row] of asPrinted.entries()) {
    const { theoretical, actual } = published(row.layer);
    const cells = [
      row.layer,
      theoretical.toFixed(1),
      cell(row.theoretical, theoretical),
      actual.toFixed(1),
      cell(row.actual, actual),
      cell(asMatched[at]?.actual ?? Number.NaN, actual),
    ];
    const line = `| ${cells.join(' | ')} |`;
    assert.ok(document.includes(line), line);
  }
});

test('NT-We, whose 600 rows leave PEs with empty slices, is the worst balanced', () => {
  const balance = asPrinted.map(({ layer, theoretical, actual }) => ({ layer, share: theoretical / actual }));
  assert.equal(balance.toSorted((a, b) => a.share - b.share)[0]?.layer, 'NT-We');
});

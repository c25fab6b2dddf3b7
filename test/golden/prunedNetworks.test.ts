import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

interface Table {
  readonly models: readonly {
    readonly name: string;
    readonly rows: readonly (readonly [string, number, number, number])[];
  }[];
}
interface Coded {
  readonly models: readonly {
    readonly name: string;
    readonly rows: readonly (readonly [string, number, number])[];
  }[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(`test/golden/papers/${name}.json`, 'utf8'));
const { models } = read('prunedNetworks') as Table;
const coded = (read('deepCompression') as Coded).models;

for (const { name, rows } of models) {
  test(`FLOP% of ${name} is weight density times the input density, as far as the printed percents allow`, (t) => {
    let input = 100;
    let slack = 0;
    for (const [layer, output, weight, flop] of rows) {
      const ours = (weight * input) / 100;
      // Each percent was rounded: what was multiplied lies half a point to either side.
      const least = ((weight - 0.5) * (input - slack)) / 100 - 0.5;
      const most = ((weight + 0.5) * Math.min(100, input + slack)) / 100 + 0.5;
      t.diagnostic(
        `${layer}: ${weight.toString()} % x ${input.toString()} % = ${ours.toFixed(1)} %, printed ${flop.toString()} %`,
      );
      assert.ok(flop >= least && flop <= most, `${name} ${layer}: ${ours.toFixed(2)} for ${flop.toString()}`);
      input = output;
      slack = 0.5;
    }
  });

  test(`both papers print the same densities for ${name}`, () => {
    const other = coded.find((model) => model.name === name);
    assert.deepEqual(
      rows.map(([, , weight]) => weight),
      other?.rows.map(([, , density]) => density),
    );
  });
}

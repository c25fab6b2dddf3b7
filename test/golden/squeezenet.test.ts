import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

interface Released {
  readonly bytes: number;
  readonly weights: number;
  readonly nonZeros: number;
  readonly padding: number;
  readonly layersWithAnOddNumberOfEntries: number;
  /** Outputs, inputs, kernel positions. */
  readonly layers: readonly (readonly [number, number, number])[];
}

const file = JSON.parse(readFileSync('test/golden/papers/squeezenet.json', 'utf8')) as Released;

/** Bytes of the released layout: a byte a code, half a byte a run, single floats, one count a layer. */
const layoutBytes = (layers: readonly { outputs: number; entries: number }[]): number =>
  layers.reduce(
    (sum, { outputs, entries }) => sum + 4 + 256 * 4 + outputs * 4 + entries + Math.ceil(entries / 2),
    0,
  );

test('the released SqueezeNet has the bytes that its layout says, to the byte', () => {
  assert.equal(
    file.layers.reduce((sum, [outputs, inputs, positions]) => sum + outputs * inputs * positions, 0),
    file.weights,
  );
  // How the entries are dealt to the layers does not matter, only how many layers have an odd number of them.
  const entries = file.nonZeros + file.padding;
  const layers = file.layers.map(([outputs], i) => ({
    outputs,
    entries: i < file.layersWithAnOddNumberOfEntries ? 10_001 : 10_000,
  }));
  const rest = entries - layers.reduce((sum, layer) => sum + layer.entries, 0);
  assert.equal(rest % 2, 0);
  layers[0]!.entries += rest;
  assert.equal(layoutBytes(layers), file.bytes);
});

test('its density is the published third, and its padding 1.46 % of the entries', () => {
  assert.equal(((100 * file.nonZeros) / file.weights).toFixed(2), '33.42');
  assert.equal(((100 * file.padding) / (file.nonZeros + file.padding)).toFixed(2), '1.46');
});

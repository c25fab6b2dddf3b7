import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import {
  denseRead,
  EnergyError,
  energyLimits,
  parseEnergyTable,
  publishedEnergy,
} from '../../analyzers/report/energyTable.ts';
import { schemaErrors } from '../support/jsonSchema.ts';

const schema = JSON.parse(readFileSync('docs/energy.schema.json', 'utf8')) as Parameters<
  typeof schemaErrors
>[0];
const refused = (text: string, message: RegExp): void =>
  assert.throws(
    () => parseEnergyTable(text, 'mine.json'),
    (error) => {
      assert.ok(error instanceof EnergyError);
      assert.match(error.message, message);
      assert.match(error.message, /^mine\.json: [^\n]*$/);
      return true;
    },
  );

test('what a table gives replaces the published price, and the rest stays', () => {
  const table = parseEnergyTable(
    '\u{feff}{"name": "7 nm", "dramRead32Pj": 150, "sramRead32Pj": 5}',
    'mine.json',
  );
  assert.deepEqual(table, { ...publishedEnergy, name: '7 nm', dramRead32Pj: 150, edited: ['dramRead32Pj'] });
  assert.equal(parseEnergyTable('{}', 'mine.json').name, 'mine.json');
});

test('what is no energy table is refused with the file, the key and what is allowed', () => {
  refused('', /no JSON/);
  refused('[]', /JSON object/);
  refused('null', /JSON object/);
  refused('{"dram": 1}', /unknown key "dram".*dramRead32Pj/);
  refused('{"dramRead32Pj": "640"}', /dramRead32Pj is a number from 0 to 10\^9, in picojoules/);
  refused('{"dramRead32Pj": -1}', /number from 0/);
  refused('{"pePowerMw": 1e300}', /in milliwatts/);
  refused('{"pePowerMw": null}', /in milliwatts/);
  refused('{"name": 3}', /name is a text/);
  refused(`{"name": "${' '.repeat(energyLimits.bytes)}"}`, /more than 64 KB/);
  refused('{"__proto__": 3}', /unknown key "__proto__"/);
  refused(`{"a\\nb": "${'x'.repeat(3000)}"}`, /unknown key/);
});

test('the schema takes what is read and refuses what is refused', () => {
  const keys = ['dramRead32Pj', 'sramRead32Pj', 'pePowerMw', 'add16Pj', 'source', 'name', '$schema', 'other'];
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(...keys),
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant('text'), fc.constant(null)),
      ),
      (given) => {
        let read = true;
        try {
          parseEnergyTable(JSON.stringify(given), 'mine.json');
        } catch (error) {
          assert.ok(error instanceof EnergyError);
          read = false;
        }
        assert.equal(schemaErrors(schema, JSON.parse(JSON.stringify(given)), true).length === 0, read);
      },
    ),
  );
});

test('a dense fc7 of AlexNet takes 10.7 mJ to read from DRAM, and a 128th of it from SRAM', () => {
  const { dramUj, sramUj, factor } = denseRead(4096 * 4096 * 32);
  assert.ok(Math.abs(dramUj - 10_737.4) < 0.1);
  assert.equal(factor, 128);
  assert.equal(dramUj / sramUj, 128);
  assert.equal(denseRead(32, { ...publishedEnergy, sramRead32Pj: 0 }).factor, null);
});

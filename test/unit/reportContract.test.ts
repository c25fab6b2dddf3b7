import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { reportJson, reportKeys } from '../../analyzers/report/json.ts';
import { reportFixture } from '../support/reportFixture.ts';
import { schemaErrors } from '../support/jsonSchema.ts';

/** The names that programs outside the project read: paths in the JSON. They may be joined by others, never renamed. */
const fixed = {
  '': 'schema tool model recipe layers totals problems',
  model: 'name format bytes files fingerprint tensors',
  'model.tensors': 'count elements zeros byPlace',
  'model.tensors.byPlace': 'initializer constant subgraphInitializer subgraphConstant sparse function',
  recipe: 'preset layers inputs budgets',
  'layers.0':
    'name tensor usedBy op dtype shape rows cols weights macs profile prune share sqnrDb exact encode activation eie problems',
  'layers.0.profile': 'zeros nonFinite min max mean std deadRows deadCols nm',
  'layers.0.profile.nm.2:4': 'violations groups axis',
  'layers.0.prune': 'rule threshold kept ties density deadRows deadCols',
  'layers.0.share': 'bits k zeroReserved method centroids counts mse sqnrDb',
  'layers.0.encode': 'form method indexBits indexBitsPruned entries padding codeBitsMean indexBitsMean bits',
  'layers.0.encode.bits': 'dense survivors pruned csr shared coded codedPaper order0 limit lossless',
  totals: 'parameters weights weightsUnread kept density macs macsUnknown bits factor slimBytes fileFactor',
  'totals.bits': 'rest dense survivors pruned csr shared coded codedPaper order0 limit lossless',
  'totals.factor': 'survivors pruned shared coded lossless',
  'problems.0': 'severity code message at',
  'problems.0.at': 'file tensor offset',
};

const schema = (name: string): object =>
  JSON.parse(fs.readFileSync(`docs/${name}.schema.json`, 'utf8')) as object;

const at = (value: unknown, path: string): object =>
  path
    .split('.')
    .filter((key) => key !== '')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value) as object;

test('every fixed name of the report is in its JSON, also where the value is missing', () => {
  const report: unknown = JSON.parse(reportJson(reportFixture));
  for (const [path, names] of Object.entries(fixed))
    for (const name of names.split(' ')) assert.ok(Object.hasOwn(at(report, path), name), `${path}.${name}`);
  for (const name of fixed['layers.0'].split(' '))
    assert.ok(Object.hasOwn(at(report, 'layers.4'), name), `an unread layer has ${name}`);
  const unread = at(report, 'layers.4') as Record<string, unknown>;
  for (const name of ['profile', 'prune', 'share', 'encode', 'activation', 'eie', 'macs', 'sqnrDb'])
    assert.equal(unread[name], null, name);
});

test('a report fits its published schema, and nothing in it is undocumented', () => {
  const report: unknown = JSON.parse(reportJson(reportFixture));
  assert.deepEqual(schemaErrors(schema('report'), report, true), []);
});

test('the schema refuses a report that lacks a field or has one of the wrong kind', () => {
  const report = JSON.parse(reportJson(reportFixture)) as Record<string, unknown>;
  const { totals: _totals, ...less } = report;
  assert.match(schemaErrors(schema('report'), less, false).join(), /totals is missing/);
  assert.match(schemaErrors(schema('report'), { ...report, tool: 5 }, false).join(), /number is not string/);
});

test('the JSON prints numbers that are not finite as null, and keys in one order', () => {
  const [layer] = reportFixture.layers;
  assert.ok(layer?.profile);
  const odd = { ...layer, sqnrDb: Number.POSITIVE_INFINITY, profile: { ...layer.profile, min: Number.NaN } };
  const text = reportJson({ ...reportFixture, layers: [odd] });
  const report: unknown = JSON.parse(text);
  assert.equal((at(report, 'layers.0') as typeof layer).sqnrDb, null);
  assert.equal((at(report, 'layers.0.profile') as NonNullable<typeof layer.profile>).min, null);
  const backwards = Object.fromEntries(
    Object.entries(reportFixture).toReversed(),
  ) as unknown as typeof reportFixture;
  assert.equal(reportJson(backwards), reportJson(reportFixture));
});

test('the order of keys names every key of a report', () => {
  const report: unknown = JSON.parse(reportJson(reportFixture));
  const seen = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) seen(item, path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        const open = path.endsWith('.nm') || path === 'recipe.budgets';
        assert.ok(open || reportKeys[path]?.split(' ').includes(key), `${path}.${key}`);
        seen(item, open ? `${path}.*` : path === '' ? key : `${path}.${key}`);
      }
  };
  seen(report, '');
});

test('the recipe schema takes what recipe files hold and refuses what they must not', () => {
  const recipe = schema('recipe');
  const good = [
    {},
    {
      preset: 'eie',
      layers: [
        { match: '*', share: 5 },
        { match: 'a', op: 'conv', prune: 'density=0.1', index: 'best' },
      ],
    },
    { layers: Object.values(presets).flatMap(({ layers }) => layers), lossless: true },
    ...['70 kB', '90kB', '70000', '0,5 MiB', '1 000 bytes', 'bytes=90kB', 'bytes=1e5', '30x', '1.5 ×']
      .concat(['factor=30', 'factor=30x', 'factor = 1e-7'])
      .map((budget) => ({ budget })),
    { budget: 70000 },
    { inputs: ['a.npy'], budgets: { bytes: 1000, sqnrDb: 2.5 } },
  ];
  for (const value of good) assert.deepEqual(schemaErrors(recipe, value, true), [], JSON.stringify(value));
  const bad = [
    { presets: 'eie' },
    { preset: 'none' },
    { layers: [{ match: '*' }] },
    { layers: [{ share: 5 }] },
    { layers: [{ match: '*', share: 17 }] },
    { layers: [{ match: '*', share: '5:best' }] },
    { layers: [{ match: '*', prune: 'nm=2' }] },
    ...['x', 'kB', '5 furlongs', 'size=10', 'bytes=30x', 'factor=9kB', '-5', '', 'bytes='].map((budget) => ({
      budget,
    })),
    { budgets: { bits: 5 } },
  ];
  for (const value of bad) assert.notDeepEqual(schemaErrors(recipe, value, false), [], JSON.stringify(value));
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { exactly, globMatches } from '../../analyzers/report/glob.ts';
import { presets } from '../../analyzers/report/presets.ts';
import {
  hasLayerRule,
  hasOpRule,
  resetLayer,
  resetOp,
  setLayerRule,
  setOpRule,
  withOptions,
} from '../../analyzers/report/recipeEdit.ts';
import { parsePrune, pruneText } from '../../analyzers/report/pruneRules.ts';
import { RecipeError } from '../../analyzers/report/recipeError.ts';
import { parseRecipe } from '../../analyzers/report/recipeFile.ts';
import {
  indexText,
  parseIndex,
  parseShare,
  resolveRule,
  shareText,
  type RuleTarget,
} from '../../analyzers/report/rules.ts';
import type { Recipe } from '../../analyzers/report/recipe.ts';

const layer = (over: Partial<RuleTarget> = {}): RuleTarget => ({
  name: 'ip1',
  tensor: 'ip1.weight',
  op: 'dense',
  first: false,
  weights: 1000,
  zeros: 0,
  ...over,
});

const told = (recipe: Recipe, target: RuleTarget): string => {
  const { prune, share, index } = resolveRule(recipe, target);
  return `${pruneText(prune)} ${shareText(share)} ${indexText(index)}`;
};

const refused = (text: string, parse: (text: string) => unknown): string => {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof RecipeError);
    assert.ok(!error.message.includes('\n'));
    return error.message;
  }
  return assert.fail(`${text} was taken`);
};

test('deep compression prunes at one standard deviation, with 8 bits for convolutions and 5 for the rest', () => {
  const recipe = presets['deep-compression'];
  assert.equal(told(recipe, layer()), 'std=1 5:optimal 5');
  assert.equal(told(recipe, layer({ op: 'recurrent' })), 'std=1 5:optimal 5');
  assert.equal(told(recipe, layer({ op: 'conv' })), 'std=1 8:optimal 5');
});

test('first layers, depthwise layers, embeddings and layers with zeros of their own keep their mask', () => {
  for (const preset of ['deep-compression', 'eie'] as const) {
    for (const over of [{ first: true }, { op: 'depthwise' }, { op: 'embedding' }, { zeros: 51 }] as const)
      assert.match(told(presets[preset], layer(over)), /^none /, `${preset} ${JSON.stringify(over)}`);
    assert.match(
      told(presets[preset], layer({ zeros: 50 })),
      /^std=1 /,
      'five per cent is not more than five',
    );
  }
});

test('the EIE preset has 4-bit codes and a 4-bit index for every layer', () => {
  assert.equal(told(presets.eie, layer()), 'std=1 4:optimal 4');
  assert.equal(told(presets.eie, layer({ op: 'conv' })), 'std=1 4:optimal 4');
});

test('as-is leaves every weight as it is', () => {
  assert.equal(told(presets['as-is'], layer({ zeros: 900 })), 'none none best');
});

test('every preset spells out all keys of its first rule', () => {
  for (const { layers } of Object.values(presets)) {
    const [first] = layers;
    assert.ok(first?.match === '*' && first.op === undefined && first.when === undefined);
    for (const key of ['prune', 'share', 'index', 'batchNorm'] as const) assert.ok(first[key] !== undefined);
  }
});

test('options override the preset for all layers, also where the preset prunes nothing', () => {
  const recipe = withOptions(presets['deep-compression'], { prune: 'density=0.1', share: '4' });
  for (const over of [{}, { first: true }, { op: 'depthwise' }, { op: 'embedding' }, { zeros: 900 }] as const)
    assert.equal(told(recipe, layer(over)), 'density=0.1 4:optimal 5');
});

test('rules of a recipe file beat options, and options beat the preset', () => {
  const file = parseRecipe('preset: eie\nlayers:\n  - match: ip*\n    share: none\n', 'r.yaml');
  const recipe = withOptions(file, { share: '6', prune: 'none' });
  assert.equal(told(recipe, layer()), 'none none 4');
  assert.equal(told(recipe, layer({ name: 'conv1', tensor: null })), 'none 6:optimal 4');
});

test('lossless means no pruning, no sharing and no index, whatever the rules say', () => {
  const recipe = withOptions(presets['deep-compression'], { lossless: true });
  assert.equal(told(setLayerRule(recipe, 'ip1', { prune: 'density=0.5' }), layer()), 'none none none');
});

const by = (match: string): string =>
  told({ ...presets['as-is'], layers: [{ match, share: '3' }] }, layer()).split(' ')[1] ?? '';

test('a rule matches by name or by tensor, case-sensitively', () => {
  assert.equal(by('ip1'), '3:optimal');
  assert.equal(by('*.weight'), '3:optimal');
  assert.equal(by('IP1'), 'none');
  assert.equal(by('ip'), 'none');
});

test('a glob has a star, a question mark and a backslash, and nothing else is special', () => {
  assert.ok(globMatches('a*c?e', 'a/b.bcde'));
  assert.ok(globMatches('*', ''));
  assert.ok(globMatches('a**b', 'ab'));
  assert.ok(!globMatches('a?', 'a'));
  assert.ok(globMatches('w[0](2)+', 'w[0](2)+'));
  assert.ok(!globMatches('w[0]', 'w0'));
  assert.ok(globMatches('\\*x', '*x'));
  assert.ok(!globMatches('\\*x', 'xx'));
  assert.ok(globMatches('a\\', 'a\\'));
});

test('a glob of many stars ends at once on a long name', () => {
  assert.ok(!globMatches(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000)));
});

test('a hostile layer name is matched exactly by its own glob', () => {
  for (const name of ['*', 'a?b', 'back\\slash', '\\*', 'x*', 'ends\\'])
    assert.ok(globMatches(exactly(name), name), name);
  assert.ok(!globMatches(exactly('*'), 'anything'));
  assert.ok(!globMatches(exactly('a?b'), 'axb'));
});

test('rule strings of the documented grammar are read', () => {
  assert.deepEqual(parsePrune('density=0.08'), { kind: 'density', density: 0.08 });
  assert.deepEqual(parsePrune('std=1.5'), { kind: 'std', q: 1.5 });
  assert.deepEqual(parsePrune('threshold=1e-3'), { kind: 'threshold', threshold: 0.001 });
  assert.deepEqual(parsePrune('global=0.1'), { kind: 'global', density: 0.1 });
  assert.deepEqual(parsePrune('nm=2:4'), { kind: 'nm', n: 2, m: 4 });
  assert.deepEqual(parsePrune('block=4x16:0.5'), { kind: 'block', rows: 4, cols: 16, density: 0.5 });
  assert.deepEqual(parsePrune('filters=0.5'), { kind: 'filters', density: 0.5 });
  assert.deepEqual(parsePrune('columns=.25'), { kind: 'columns', density: 0.25 });
  assert.deepEqual(parseShare('5'), {
    kind: 'codebook',
    bits: 5,
    k: null,
    method: 'optimal',
    per: { kind: 'layer' },
  });
  assert.deepEqual(parseShare('16:forgy'), {
    kind: 'codebook',
    bits: 16,
    k: null,
    method: 'forgy',
    per: { kind: 'layer' },
  });
  const per = { kind: 'layer' } as const;
  assert.deepEqual(parseShare('k=24'), { kind: 'codebook', bits: 5, k: 24, method: 'optimal', per });
  assert.deepEqual(parseShare('k=65536:rate'), {
    kind: 'codebook',
    bits: 16,
    k: 65_536,
    method: 'rate',
    per,
  });
  assert.deepEqual(parseShare('4:uniform-symmetric/rows=1'), {
    kind: 'codebook',
    bits: 4,
    k: null,
    method: 'uniform-symmetric',
    per: { kind: 'rows', size: 1 },
  });
  const pes = parseShare('5/pes=64');
  assert.deepEqual(pes.kind === 'codebook' && pes.per, { kind: 'pes', count: 64 });
  assert.deepEqual(parseIndex('best'), { kind: 'best' });
  assert.deepEqual(parseIndex('1'), { kind: 'bits', bits: 1 });
});

test('strings that are no rule are refused in one line that says which rules there are', () => {
  for (const text of [
    '',
    'density',
    'density=',
    'density=2',
    'density=-0.1',
    'std=x',
    'density=0x1',
    'global=1.5',
    'filters=',
    'columns=-1',
  ])
    assert.match(refused(text, parsePrune), /density|std|number/);
  for (const text of ['nm=4:2', 'nm=1:65', 'nm=65:65'])
    assert.match(refused(text, parsePrune), /64 at most, 1 to M are kept, for example nm=2:4/);
  for (const text of ['nm=0:4', 'nm=2', 'nm=2:4:8', 'nm=2:4.5', 'nm= 2:4'])
    assert.match(refused(text, parsePrune), /for example nm=2:4/);
  for (const text of ['block=4x4', 'block=4x4:2'])
    assert.match(refused(text, parsePrune), /number|for example block=4x4:0.5/);
  for (const text of ['block=4:0.5', 'block=0x4:0.5', 'block=4x4x4:0.5', 'block=4x4:0.5:1'])
    assert.match(refused(text, parsePrune), /block=RxC:D, for example block=4x4:0.5/);
  for (const text of ['blocks=4x4:0.5', '2:4', 'Global=0.1'])
    assert.match(
      refused(text, parsePrune),
      /the rules are density=D, std=Q, threshold=T, global=D, nm=N:M, block=RxC:D, filters=D, columns=D and none/,
    );
  for (const text of [
    '0',
    '17',
    '5:',
    '5:best',
    '5:optimal:2',
    '-1',
    '1e1',
    'optimal',
    '5.5',
    'k=1',
    'k=65537',
    'k=',
    'k=05',
    'k=16:fp8-e4m3',
    '4:fp8-e4m3',
    '1:uniform-symmetric',
    '5/rows=0',
    '5/rows',
    '5/rows=1/rows=2',
    '5/lines=4',
    '5/rows=1:optimal',
  ])
    assert.match(refused(text, parseShare), /bits|methods|codebook/);
  for (const text of ['0', '17', 'worst', '', ' 5']) assert.match(refused(text, parseIndex), /1 to 16 bits/);
  assert.ok(refused('x'.repeat(1_000_000), parsePrune).length < 300);
});

test('a slider for one layer beats the preset and changes no other layer', () => {
  const recipe = setLayerRule(presets['deep-compression'], 'ip1', { prune: 'density=0.2' });
  assert.equal(told(recipe, layer()), 'density=0.2 5:optimal 5');
  assert.equal(told(recipe, layer({ name: 'ip2', tensor: 'ip2.weight' })), 'std=1 5:optimal 5');
});

test('moving one slider a thousand times leaves one rule', () => {
  let recipe = presets['deep-compression'];
  for (let i = 0; i < 1000; i += 1) {
    recipe = setLayerRule(recipe, 'ip1', { prune: `density=${(i / 1000).toString()}` });
    recipe = setLayerRule(recipe, 'ip2', { share: '4' });
  }
  assert.equal(recipe.layers.length, presets['deep-compression'].layers.length + 2);
  assert.equal(told(recipe, layer()), 'density=0.999 5:optimal 5');
});

test('an op set after a layer wins for that key only, and a layer set after the op wins again', () => {
  let recipe = setLayerRule(presets['deep-compression'], 'ip1', { prune: 'density=0.2', share: '3' });
  recipe = setOpRule(recipe, 'dense', { prune: 'density=0.5' });
  assert.equal(told(recipe, layer()), 'density=0.5 3:optimal 5');
  recipe = setLayerRule(recipe, 'ip1', { index: 'best' });
  assert.equal(told(recipe, layer()), 'density=0.5 3:optimal best');
  recipe = setLayerRule(recipe, 'ip1', { prune: 'none' });
  assert.equal(told(recipe, layer()), 'none 3:optimal best');
});

test('resetting a layer takes back its own rules and no others', () => {
  const op = setOpRule(presets['deep-compression'], 'dense', { share: '6' });
  const edited = setLayerRule(setLayerRule(op, 'ip1', { prune: 'none' }), 'ip2', { index: '7' });
  assert.ok(hasLayerRule(edited, 'ip1') && !hasLayerRule(op, 'ip1'));
  const reset = resetLayer(edited, 'ip1');
  assert.ok(!hasLayerRule(reset, 'ip1') && hasLayerRule(reset, 'ip2'));
  assert.equal(told(reset, layer()), told(op, layer()));
});

test('resetting an op takes back what was set for its layers together, and no rule of one layer', () => {
  const single = setLayerRule(presets['deep-compression'], 'ip1', { share: '3' });
  const wide = setOpRule(setOpRule(single, 'dense', { prune: 'density=0.5' }), 'conv', { index: '7' });
  assert.ok(hasOpRule(wide, 'dense') && !hasOpRule(single, 'dense'));
  const reset = resetOp(wide, 'dense');
  assert.ok(!hasOpRule(reset, 'dense') && hasOpRule(reset, 'conv') && hasLayerRule(reset, 'ip1'));
  assert.equal(told(reset, layer()), told(single, layer()));
  assert.deepEqual(resetOp(presets.eie, 'dense'), presets.eie);
});

test('a layer whose name is a star can be set and reset without touching the preset', () => {
  const edited = setLayerRule(presets.eie, '*', { prune: 'none' });
  assert.equal(told(edited, layer()), 'std=1 4:optimal 4');
  assert.equal(told(edited, layer({ name: '*' })), 'none 4:optimal 4');
  assert.deepEqual(resetLayer(edited, '*'), presets.eie);
});

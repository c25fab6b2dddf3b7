import assert from 'node:assert/strict';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { setLayerRule } from '../../analyzers/report/recipeEdit.ts';
import { RecipeError } from '../../analyzers/report/recipeError.ts';
import { parseRecipe, recipeText } from '../../analyzers/report/recipeFile.ts';

const failure = (text: string): RecipeError => {
  try {
    parseRecipe(text, 'r.yaml');
  } catch (error) {
    assert.ok(error instanceof RecipeError, String(error));
    assert.ok(!/[\n\r]/.test(error.message) && error.message.length < 800, error.message);
    return error;
  }
  return assert.fail(`${text.slice(0, 80)} was taken`);
};

test('a budget of a recipe file is written as on the page, and kept in one spelling', () => {
  for (const [written, kept] of [
    ['70 kB', 'bytes=70000'],
    ['70000', 'bytes=70000'],
    ['"0,5 MiB"', 'bytes=524288'],
    ['1.001 kB', 'bytes=1001'],
    ['bytes=90kB', 'bytes=90000'],
    ['30x', 'factor=30'],
    ['1.5 ×', 'factor=1.5'],
    ['factor=30', 'factor=30'],
    ['0.0000001x', 'factor=1e-7'],
  ] as const) {
    const recipe = parseRecipe(`budget: ${written}\n`, 'r.yaml');
    assert.equal(recipe.budget, kept);
    assert.equal(parseRecipe(recipeText(recipe), 'r.yaml').budget, kept);
  }
  assert.throws(() => parseRecipe('budget: 5 furlongs\n', 'r.yaml'), /r\.yaml:1:9: .*the units are/);
});

test('a recipe file holds preset, rules, inputs and budgets', () => {
  const recipe = parseRecipe(
    [
      'preset: eie',
      'layers:',
      '  - match: "conv*"',
      '    op: conv',
      '    prune: density=0.4',
      '    share: 6',
      '    index: best',
      '  - { match: head.weight, share: none, batchNorm: as-stored }',
      'inputs: [a.npy, b.npy]',
      'budgets: { bytes: 60000, factor: 30, sqnrDb: 2.5 }',
    ].join('\n'),
    'r.yaml',
  );
  assert.equal(recipe.preset, 'eie');
  assert.deepEqual(recipe.layers.slice(presets.eie.layers.length), [
    { match: 'conv*', op: 'conv', prune: 'density=0.4', share: '6', index: 'best' },
    { match: 'head.weight', share: 'none', batchNorm: 'as-stored' },
  ]);
  assert.deepEqual(recipe.inputs, ['a.npy', 'b.npy']);
  assert.deepEqual(recipe.budgets, { bytes: 60000, factor: 30, sqnrDb: 2.5 });
});

test('JSON is a recipe too, with tabs or without line breaks', () => {
  const value = { preset: 'as-is', layers: [{ match: '*', share: '5' }], budgets: { factor: 2 } };
  const expected = [...presets['as-is'].layers, { match: '*', share: '5' }];
  for (const indent of ['', ' ', '\t'])
    assert.deepEqual(parseRecipe(JSON.stringify(value, null, indent), 'r.json').layers, expected);
});

test('a file that names no preset takes the one it is given', () => {
  assert.equal(parseRecipe('layers: []', 'r.yaml').preset, 'deep-compression');
  assert.equal(parseRecipe('layers: []', 'r.yaml', 'eie').preset, 'eie');
});

test('aliases are followed, so that rules can be shared', () => {
  const text = 'layers:\n  - &a { match: x, share: 4 }\n  - match: y\n    share: 3\n  - *a\n';
  const { layers } = parseRecipe(text, 'r.yaml', 'as-is');
  assert.deepEqual(layers.at(-1), { match: 'x', share: '4' });
});

test('a misspelt key is told with its place and the key that was meant', () => {
  const error = failure('preset: eie\nlayers:\n  - match: a\n    prun: none\n');
  assert.equal(error.message, 'r.yaml:4:5: unknown key "prun"; did you mean "prune"?');
  assert.deepEqual([error.line, error.column], [4, 5]);
});

test('each mistake is told at its line', () => {
  const cases: readonly [string, RegExp][] = [
    ['', /empty/],
    ['# only a comment\n', /empty/],
    ['- a\n', /:1:1: a recipe is a mapping/],
    ['preset: deep\n', /:1:9: preset "deep" is not known; one of as-is, deep-compression, eie/],
    ['preset: eei\n', /did you mean eie\?/],
    ['layers: 5\n', /:1:9: layers is a list/],
    ['layers:\n  - share: 5\n', /:2:5: a rule needs "match"/],
    ['layers:\n  - match: a\n', /:2:5: this rule sets nothing/],
    ['layers:\n  - match: a\n    share: 99\n', /:3:12: share "99": give 1 to 16 bits/],
    ['layers:\n  - match: a\n    prune: nm=4:2\n', /:3:12: prune "nm=4:2": of M weights/],
    [
      'layers:\n  - match: a\n    batchNorm: fused\n',
      /:3:16: batchNorm "fused" is not known; one of as-stored, folded/,
    ],
    ['layers:\n  - match: a\n    op: Conv\n    share: 5\n', /did you mean conv/],
    ['layers:\n  - match: [a]\n    share: 5\n', /match is a text/],
    ['layers:\n  - match: *\n    share: 5\n', /must stand in quotes/],
    ['layers:\n  - match: *.weight\n    share: 5\n', /must stand in quotes/],
    ['budgets: { bits: 5 }\n', /unknown key "bits"/],
    ['budgets: { bytes: -5 }\n', /:1:19: budget bytes is a number of 0 or more/],
    ['budgets: { factor: .inf }\n', /number of 0 or more/],
    ['budgets: { __proto__: 5 }\n', /unknown key "__proto__"/],
    ['lossless: 1\n', /true or false/],
    ['preset: eie\npreset: eie\n', /:2:1: preset stands twice in a recipe/],
    ['layers:\n  - { match: a, share: 5, share: 6 }\n', /:2:27: share stands twice in a rule of layers/],
    ['preset: eie\n---\npreset: eie\n', /second document/],
    ['preset: "eie\n', /r\.yaml:/],
    ['preset:\n', /preset has no value/],
    ['<<: { preset: eie }\n', /unknown key "<<"/],
    ['preset: !!binary aGk=\n', /r\.yaml:/],
  ];
  for (const [text, expected] of cases) assert.match(failure(text).message, expected, text);
});

test('hostile files are refused at once: size, depth, aliases, second-hand growth', () => {
  assert.match(failure(`#${'x'.repeat(1_000_001)}`).message, /more than 1 MB/);
  assert.match(failure('['.repeat(500_000)).message, /nested too deeply/);
  assert.match(failure('- '.repeat(400_000)).message, /nested too deeply/);
  assert.match(failure('{a: '.repeat(200_000)).message, /nested too deeply/);
  const rules = Array.from({ length: 101 }, () => '  - *r').join('\n');
  assert.match(
    failure(`layers:\n  - &r { match: a, share: 5 }\n${rules}\n`).message,
    /more than 100 aliases/,
  );
  const laughs = Array.from(
    { length: 20 },
    (_, i) => `b${i.toString()}: &b${i.toString()} [*b${(i - 1).toString()}, *b${(i - 1).toString()}]`,
  );
  assert.match(failure(`b: &b-1 [x]\n${laughs.join('\n')}`).message, /unknown key/);
  const keys = Array.from({ length: 30_000 }, (_, i) => `k${i.toString()}: 1`).join('\n');
  assert.match(failure(keys).message, /unknown key "k0"/);
  assert.match(failure('%\n'.repeat(400_000)).message, /:1:1: a recipe has no directives/);
  assert.match(failure('"'.repeat(50_000)).message, /^r\.yaml:1:/);
  const many = Array.from({ length: 10_001 }, () => '- {match: a, share: 5}').join('\n');
  assert.match(failure(`layers:\n${many}`).message, /more than 10000 entries/);
});

test('names in messages are clean and short', () => {
  const { message } = failure(`"\\u202Epreset\\e[31m${'x'.repeat(5000)}": 1`);
  assert.doesNotMatch(message, /\p{Cc}|\p{Cf}/u);
});

test('saving a recipe writes its preset and only the rules that are not its own', () => {
  const recipe = setLayerRule(presets['deep-compression'], 'conv*1', { prune: 'density=0.25', index: '6' });
  assert.equal(
    recipeText(recipe),
    [
      '# How Slimscope prunes, shares and codes each layer. Later rules win. See docs/recipes.md.',
      'preset: deep-compression',
      'layers:',
      '  - match: conv\\*1',
      '    prune: density=0.25',
      '    index: 6',
      '',
    ].join('\n'),
  );
  assert.deepEqual(parseRecipe(recipeText(recipe), 'r.yaml'), recipe);
});

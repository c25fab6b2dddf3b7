import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { exactly, globMatches } from '../../analyzers/report/glob.ts';
import { presetNames, presets } from '../../analyzers/report/presets.ts';
import {
  budgetKeys,
  runCodings,
  layerOps,
  ruleConditions,
  type Recipe,
  type RecipeRule,
} from '../../analyzers/report/recipe.ts';
import { resetLayer, setLayerRule, setOpRule } from '../../analyzers/report/recipeEdit.ts';
import { parsePrune, pruneText } from '../../analyzers/report/pruneRules.ts';
import { parseRecipe, recipeText } from '../../analyzers/report/recipeFile.ts';
import {
  indexText,
  parseIndex,
  parseShare,
  resolveRule,
  codebookMethods,
  shareText,
  type RuleTarget,
} from '../../analyzers/report/rules.ts';

const amount = fc.double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const prune = fc.oneof(
  fc.constant('none'),
  fc.double({ min: 0, max: 1, noNaN: true }).map((x) => `density=${(x + 0).toString()}`),
  amount.map((x) => `std=${x.toString()}`),
  amount.map((x) => `threshold=${x.toString()}`),
  fc
    .tuple(
      fc.constantFrom('global', 'filters', 'columns', 'block=3x17:', 'block=1x1:', 'block=400x2:'),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([kind, x]) => `${kind}${kind.endsWith(':') ? '' : '='}${(x + 0).toString()}`),
  fc
    .tuple(fc.integer({ min: 1, max: 64 }), fc.nat(63))
    .map(([m, n]) => `nm=${((n % m) + 1).toString()}:${m.toString()}`),
);
const bits = fc.integer({ min: 1, max: 16 });
const share = fc.oneof(
  fc.constant('none'),
  fc
    .tuple(
      fc.oneof(
        fc.tuple(
          fc.oneof(
            bits.map(String),
            fc.integer({ min: 2, max: 65_536 }).map((k) => `k=${k.toString()}`),
          ),
          fc.constantFrom(...codebookMethods),
        ),
        fc.tuple(
          fc.integer({ min: 2, max: 16 }).map(String),
          fc.constantFrom('uniform-symmetric', 'uniform-asymmetric'),
        ),
        fc.constantFrom(['8', 'fp8-e4m3'], ['8', 'fp8-e5m2']),
      ),
      fc.oneof(
        fc.constant(''),
        fc
          .tuple(fc.constantFrom('rows', 'columns', 'pes'), fc.integer({ min: 1, max: 2 ** 26 }))
          .map(([by, size]) => `/${by}=${size.toString()}`),
      ),
    )
    .map(([[size, method], per]) => `${size}:${method}${per}`),
);
const index = fc.oneof(fc.constantFrom('best', 'none'), bits.map(String));
const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '*',
    'true',
    'null',
    '5',
    '- x',
    '# no',
    'a: b',
    '~',
    '<<',
    "it's",
    '"',
    '\\*',
    ' ',
    '',
    '\u2028',
  ),
);
const set = fc.record({ prune, share, index }, { requiredKeys: [] }).map((made) => ({ ...made }));
const rule: fc.Arbitrary<RecipeRule> = fc
  .record(
    {
      match: name,
      op: fc.constantFrom(...layerOps),
      when: fc.constantFrom(...ruleConditions),
      prune,
      share,
      index,
      batchNorm: fc.constantFrom('as-stored' as const, 'folded' as const),
    },
    { requiredKeys: ['match', 'share'] },
  )
  .map((made) => ({ ...made }));
const recipe: fc.Arbitrary<Recipe> = fc
  .record({
    preset: fc.constantFrom(...presetNames),
    lossless: fc.boolean(),
    own: fc.array(rule, { maxLength: 6 }),
    inputs: fc.option(fc.array(name, { maxLength: 3 })),
    budgets: fc.dictionary(fc.constantFrom(...budgetKeys), amount),
    budget: fc.constant(null),
    runs: fc.constantFrom(...runCodings),
  })
  .map(({ own, budgets, ...rest }) => ({
    ...rest,
    budgets: { ...budgets },
    layers: [...presets[rest.preset].layers, ...own],
  }));
const target: fc.Arbitrary<RuleTarget> = fc.record({
  name: fc.oneof(name, fc.constantFrom('ip1', 'conv1')),
  tensor: fc.option(name),
  op: fc.constantFrom(...layerOps),
  first: fc.boolean(),
  weights: fc.constant(100),
  zeros: fc.integer({ min: 0, max: 100 }),
});

test('every rule string is read and printed back as itself', () => {
  fc.assert(fc.property(prune, (text) => assert.equal(pruneText(parsePrune(text)), text)));
  fc.assert(fc.property(share, (text) => assert.equal(shareText(parseShare(text)), text)));
  fc.assert(fc.property(index, (text) => assert.equal(indexText(parseIndex(text)), text)));
});

test('every recipe is read back from its file as it was', () => {
  fc.assert(
    fc.property(recipe, (value) => assert.deepEqual(parseRecipe(recipeText(value), 'r.yaml'), value)),
    { numRuns: 300 },
  );
});

test('a recipe that does not start with its preset still does the same after saving', () => {
  fc.assert(
    fc.property(recipe, fc.array(rule, { maxLength: 4 }), target, (value, layers, layer) => {
      const foreign = { ...value, layers };
      const saved = parseRecipe(recipeText(foreign), 'r.yaml');
      assert.deepEqual(resolveRule(saved, layer), resolveRule(foreign, layer));
    }),
  );
});

test('an exact glob matches its text and no other', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      assert.equal(globMatches(exactly(a), b), a === b);
      assert.ok(globMatches(exactly(a), a));
    }),
  );
});

test('a glob agrees with the same pattern as a regular expression', () => {
  const sign = fc.constantFrom('a', 'b', '*', '?', '.');
  const letter = fc.constantFrom('a', 'b', '.');
  const list = (one: typeof sign | typeof letter, maxLength: number) =>
    fc.array<string>(one, { maxLength }).map((signs) => signs.join(''));
  fc.assert(
    fc.property(list(sign, 7), list(letter, 9), (pattern, text) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(globMatches(pattern, text), new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 1000 },
  );
});

test('what was set last is what a layer gets, and resetting forgets only the layer', () => {
  fc.assert(
    fc.property(recipe, target, set, set, (value, layer, first, second) => {
      const lossy = { ...value, lossless: false };
      const op = setOpRule(lossy, layer.op, first);
      const both = setLayerRule(op, layer.name, second);
      const got = resolveRule(both, layer);
      const wanted = { ...first, ...second };
      if (wanted.prune !== undefined) assert.equal(pruneText(got.prune), wanted.prune);
      if (wanted.share !== undefined) assert.equal(shareText(got.share), wanted.share);
      if (wanted.index !== undefined) assert.equal(indexText(got.index), wanted.index);
      const reset = resetLayer(both, layer.name);
      assert.deepEqual(resetLayer(reset, layer.name), reset);
      assert.deepEqual(
        reset.layers.slice(0, presets[value.preset].layers.length),
        presets[value.preset].layers,
      );
    }),
  );
});

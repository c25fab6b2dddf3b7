import assert from 'node:assert/strict';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { unmatchedRules } from '../../analyzers/report/unmatchedRules.ts';

const layers = [
  { name: 'conv1', tensor: 'conv1.weight' },
  { name: 'ip1', tensor: 'ip1.weight' },
];
const preset = presets['deep-compression'];

test('rules of a preset that match nothing are no slip', () => {
  assert.deepEqual(unmatchedRules(preset, layers), []);
});

test('a rule of the own that names no layer is told, once for each pattern', () => {
  const recipe = {
    ...preset,
    layers: [
      ...preset.layers,
      { match: 'fc*', prune: 'density=0.1' },
      { match: 'fc*', share: '4' },
      { match: 'ip?', share: '4' },
      { match: '*.weight', share: '5' },
    ],
  };
  const [problem, ...others] = unmatchedRules(recipe, layers);
  assert.deepEqual(others, []);
  assert.equal(problem?.code, 'recipe/no-match');
  assert.match(problem.message, /"fc\*" of a rule, which does nothing\. The layers are conv1, ip1\./);
});

test('a model without layers has no rule that is out of place', () => {
  assert.deepEqual(unmatchedRules({ ...preset, layers: [{ match: 'x', prune: 'none' }] }, []), []);
});

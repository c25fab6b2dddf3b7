import assert from 'node:assert/strict';
import test from 'node:test';
import { RecentMap, recipeKey, stampText } from '../../extension/cache.ts';

test('recipes with the same rules have the same key, whatever the order of their keys', () => {
  const rule = { match: '*', prune: 'std=1', share: 'none' };
  const turned = { share: 'none', prune: 'std=1', match: '*' };
  assert.equal(recipeKey({ preset: 'eie', layers: [rule] }), recipeKey({ layers: [turned], preset: 'eie' }));
});

test('the order of rules is part of a recipe, since later rules win', () => {
  const a = { match: 'a', prune: 'none' };
  const b = { match: '*', prune: 'std=1' };
  assert.notEqual(recipeKey({ layers: [a, b] }), recipeKey({ layers: [b, a] }));
});

test('a stamp differs when a size, a time or the presence of any file differs', () => {
  const texts = [
    [['m', { size: 1, mtime: 2 }]],
    [['m', { size: 2, mtime: 2 }]],
    [['m', { size: 1, mtime: 3 }]],
    [['m', null]],
    [
      ['m', { size: 1, mtime: 2 }],
      ['d', { size: 1, mtime: 2 }],
    ],
    [
      ['m', { size: 1, mtime: 2 }],
      ['d', null],
    ],
  ].map((files) => stampText(new Map(files as [string, { size: number; mtime: number } | null][])));
  assert.equal(new Set(texts).size, texts.length);
});

test('the entry that was used longest ago is forgotten first', () => {
  const map = new RecentMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [1, undefined, 3]);
});

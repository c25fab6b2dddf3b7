import assert from 'node:assert/strict';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import { Recipes } from '../../extension/recipes.ts';

/** What VS Code keeps for a workspace, in memory. */
function memento(): { stored: Map<string, unknown>; memory: ConstructorParameters<typeof Recipes>[0] } {
  const stored = new Map<string, unknown>();
  return {
    stored,
    memory: {
      keys: () => [...stored.keys()],
      get: <T>(key: string, otherwise?: T) => (stored.get(key) as T | undefined) ?? (otherwise as T),
      update: (key: string, value: unknown) => {
        // It is kept as JSON.
        stored.set(key, JSON.parse(JSON.stringify(value)));
        return Promise.resolve();
      },
    },
  };
}

type Uri = Parameters<Recipes['of']>[0];
const uri = (text: string): Uri => ({ toString: () => text }) as Uri;

test('a report that is opened again starts from the recipe that it was closed with', () => {
  const { memory } = memento();
  new Recipes(memory).keep(uri('a.onnx'), presets.eie);
  assert.deepEqual(new Recipes(memory).of(uri('a.onnx')), presets.eie);
  assert.equal(new Recipes(memory).of(uri('b.onnx')), undefined);
});

test('a recipe that is taken back is forgotten', () => {
  const recipes = new Recipes(memento().memory);
  recipes.keep(uri('a.onnx'), presets.eie);
  recipes.keep(uri('a.onnx'), null);
  assert.equal(recipes.of(uri('a.onnx')), undefined);
});

test('the recipes of the last fifty models are kept', () => {
  const recipes = new Recipes(memento().memory);
  for (let i = 0; i < 60; i += 1) recipes.keep(uri(`${i.toString()}.onnx`), presets.eie);
  assert.equal(recipes.of(uri('9.onnx')), undefined);
  assert.notEqual(recipes.of(uri('10.onnx')), undefined);
});

test('what an older version kept and means nothing now counts as not kept', () => {
  const { memory, stored } = memento();
  stored.set('recipes', [['a.onnx', { preset: 'gone' }], 'b.onnx', null]);
  assert.equal(new Recipes(memory).of(uri('a.onnx')), undefined);
  stored.set('recipes', { a: 1 });
  assert.equal(new Recipes(memory).of(uri('a.onnx')), undefined);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

const models = fs.readdirSync('samples').filter((name) => /\.(onnx|weights)$/.test(name));

test('the script makes the committed samples, byte for byte', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'samples-'));
  try {
    const made = spawnSync(process.execPath, ['tools/makeSamples.mjs', folder], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    assert.deepEqual(fs.readdirSync(folder).toSorted(), models.toSorted());
    for (const name of models)
      assert.ok(
        fs.readFileSync(path.join(folder, name)).equals(fs.readFileSync(path.join('samples', name))),
        name,
      );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

test('the samples are small, and every model says in itself and by its name that its weights are synthetic', () => {
  const sizes = models.map((name) => fs.statSync(path.join('samples', name)).size);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 4_000_000);
  for (const name of models) assert.match(name, /synthetic/);
  for (const name of models.filter((file) => file.endsWith('.onnx')))
    assert.match(
      fs.readFileSync(path.join('samples', name), 'latin1'),
      /Synthetic weights from a seeded generator/,
    );
  const guide = fs.readFileSync('samples/README.md', 'utf8');
  for (const name of models.filter((file) => file.endsWith('.onnx'))) assert.ok(guide.includes(name), name);
});

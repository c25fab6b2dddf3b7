import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { projectFiles, textFiles } from '../support/projectFiles.ts';

const read = (file: string): string => fs.readFileSync(file, 'utf8');

test('no source file is longer than 400 lines', () => {
  const long = projectFiles()
    .filter((file) => /\.(ts|mjs|css)$/.test(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 400);
  assert.deepEqual(long, []);
});

test('lock files name versions and hashes, and no address to fetch them from', () => {
  const locks = projectFiles().filter((file) => path.basename(file) === 'package-lock.json');
  assert.deepEqual(locks.toSorted(), ['package-lock.json', 'tools/host/package-lock.json']);
  for (const lock of locks) {
    assert.doesNotMatch(read(lock), /"resolved"/, lock);
    assert.match(read(lock), /"integrity"/, lock);
  }
});

test('dependencies are pinned exactly, and none is needed at run time', () => {
  for (const file of ['package.json', 'tools/host/package.json']) {
    const manifest = JSON.parse(read(file)) as Record<string, Record<string, string> | undefined>;
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
    for (const [name, version] of kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {})))
      assert.match(version, /^\d+\.\d+\.\d+$/, `${file}: ${name}`);
  }
  assert.equal('dependencies' in (JSON.parse(read('package.json')) as object), false);
});

test('no file names a place of one machine, or a registry', () => {
  // Pieced together, so that this file does not find itself.
  const places = ['work', 'root'].map((name) => `/${name}/`);
  const elsewhere = ['', 'tmp', ''].join('/');
  const registry = ['registry', 'npmjs'].join('.');
  const beside = ['..', 'shared'].join('/');
  for (const file of textFiles().filter((name) => path.basename(name) !== 'package-lock.json')) {
    const text = read(file);
    const banned = file.startsWith('test/') ? places : [...places, elsewhere, registry, beside];
    for (const place of banned) assert.ok(!text.includes(place), `${file} names ${place}`);
  }
});

test('binary files are few and small, and only where they belong', () => {
  const binaries = projectFiles().filter((file) => /\.(onnx|weights|png|npy|bin)$/.test(file));
  for (const file of binaries) {
    assert.match(file, /^(samples|media|docs\/shots|test\/fixtures)\//);
    assert.ok(fs.statSync(file).size <= (file.endsWith('.png') ? 200_000 : 2_000_000), file);
  }
});

test('nothing is left for later in the sources', () => {
  const later = new RegExp(`\\b(${['TO|DO', 'FIX|ME'].map((word) => word.replace('|', '')).join('|')})\\b`);
  for (const file of projectFiles().filter((name) => /\.(ts|mjs|css)$/.test(name)))
    assert.doesNotMatch(read(file), later, file);
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { projectFiles } from '../support/projectFiles.ts';

const documents = projectFiles().filter((file) => file.endsWith('.md'));
const scripts = Object.keys(
  (JSON.parse(fs.readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** What stands in a document as code. */
const codeOf = (text: string): string =>
  [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([code]) => code).join('\n');

test('every npm command that a document gives exists', () => {
  const builtIn = ['ci', 'install', 'test', 'start', 'run'];
  for (const file of documents)
    for (const [, run, name] of codeOf(fs.readFileSync(file, 'utf8')).matchAll(
      /\bnpm (run )?(?:--silent )?([\w:]+)/g,
    )) {
      const known = scripts.includes(name ?? '') || (run === undefined && builtIn.includes(name ?? ''));
      assert.ok(known, `${file}: npm ${run ?? ''}${name ?? ''}`);
    }
});

test('every link and picture of a document leads to a file that is there', () => {
  for (const file of documents) {
    const text = fs.readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
      if (target === undefined || /^[a-z]+:/.test(target)) continue;
      assert.ok(fs.existsSync(path.join(path.dirname(file), target)), `${file} links to ${target}`);
    }
  }
});

test('the scripts of the manifest are the ones that the readme and the guide for developers name', () => {
  const named = ['README.md', 'CONTRIBUTING.md'].map((file) => fs.readFileSync(file, 'utf8')).join('\n');
  for (const script of scripts) {
    const run = script === 'test' || script === 'start' ? '' : 'run (--silent )?';
    assert.match(named, new RegExp(`npm ${run}${script}(?![\\w:])`), script);
  }
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Report } from '../../analyzers/report/report.ts';
import { slimscope } from '../support/commandLine.ts';
import { withFolder } from '../support/folder.ts';

const sample = path.resolve('samples/mobile-pruned-synthetic.onnx');

test('a budget on the command line is met, and one of a recipe file too', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'r.yaml');
    await writeFile(file, 'preset: deep-compression\nbudget: factor=10\n');
    const [byOption, byFile] = await Promise.all([
      slimscope(['analyze', sample, '--budget', 'factor=10', '--format', 'json']),
      slimscope(['analyze', sample, '--recipe', file, '--format', 'json']),
    ]);
    const { budget, totals } = JSON.parse(byOption.stdout) as Report;
    assert.equal(byOption.code, 0);
    assert.ok(totals.factor.coded! >= 10);
    assert.deepEqual((JSON.parse(byFile.stdout) as Report).budget, budget);
  }));

test('a budget is written as on the page, and told in one spelling', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'r.yaml');
    await writeFile(file, 'budget: 90 kB\n');
    for (const [args, told] of [
      [['--budget', '90kB'], 'bytes=90000'],
      [['--budget', 'bytes=90kB'], 'bytes=90000'],
      [['--budget', '10x'], 'factor=10'],
      [['--recipe', file], 'bytes=90000'],
    ] as const) {
      const { stdout, stderr } = await slimscope(['analyze', sample, ...args, '--format', 'json']);
      assert.equal(stderr, '');
      const { budget } = JSON.parse(stdout) as Report;
      assert.equal(budget?.target, told, args.join(' '));
    }
  }));

test('what a budget cannot be is one line and exit code 2', async () => {
  for (const [args, line] of [
    [
      ['--budget', 'bytes=10'],
      /^slimscope: budget bytes=10: .* take [\d\u202f]+ bytes? at least \[recipe\/invalid\]\n$/,
    ],
    [
      ['--budget', 'size=10'],
      /^slimscope: budget "size=10": give bytes, as 70 kB, or a factor, as 30x[^\n]*\n$/,
    ],
    [['--budget', 'bytes=1.5'], /^slimscope: budget "bytes=1.5": "1.5" is no whole number[^\n]*\n$/],
    [['--budget', 'bytes=30x'], /^slimscope: budget "bytes=30x": "30x" is no number of bytes[^\n]*\n$/],
    [['--budget', '5 furlongs'], /^slimscope: budget "5 furlongs": the units are B, kB[^\n]*\n$/],
    [['--budget', 'factor=0'], /^slimscope: budget "factor=0": "0" is no number above 0[^\n]*\n$/],
    [
      ['--budget', 'factor=2', '--lossless'],
      /^slimscope: a lossless recipe leaves a budget nothing[^\n]*\n$/,
    ],
  ] as const) {
    const { code, stdout, stderr } = await slimscope(['analyze', sample, ...args]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, line);
  }
});

test('sensitivity prints the curves as text, JSON, CSV and Markdown', () =>
  withFolder(async (folder) => {
    const out = path.join(folder, 's.md');
    const [text, json, csv, md, html] = await Promise.all([
      slimscope(['sensitivity', sample]),
      slimscope(['sensitivity', sample, '--format', 'json']),
      slimscope(['sensitivity', sample, '--format', 'csv']),
      slimscope(['sensitivity', sample, '--out', out]),
      slimscope(['sensitivity', sample, '--format', 'html']),
    ]);
    for (const { code, stderr } of [text, json, csv, md])
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(text.stdout.replaceAll(/\s+/g, ' '), /says nothing about accuracy/);
    const told = JSON.parse(json.stdout) as { layers: { name: string; sensitivity: object | null }[] };
    assert.ok(told.layers.length > 3 && told.layers.every(({ sensitivity }) => sensitivity !== null));
    for (const { name } of told.layers) assert.ok(csv.stdout.includes(name));
    assert.match(await readFile(out, 'utf8'), /^## /);
    assert.equal(html.code, 2);
    assert.match(html.stderr, /the formats are text, json, csv, md/);
  }));

import assert from 'node:assert/strict';
import { readdir, readFile, link, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { parseArgs } from '../../analyzers/node/cli/args.ts';
import { UsageError } from '../../analyzers/node/cli/exitCode.ts';
import { formatOf } from '../../analyzers/node/cli/formats.ts';
import { commands } from '../../analyzers/node/cli/commands.ts';
import { commandHelp, helpText, optionsOf } from '../../analyzers/node/cli/options.ts';
import { checkOut, writeOut } from '../../analyzers/node/cli/outFile.ts';
import { recipeOf } from '../../analyzers/node/cli/recipe.ts';
import { nearest } from '../../analyzers/node/cli/suggest.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { resolveRule } from '../../analyzers/report/rules.ts';
import { withFolder } from '../support/folder.ts';

const parse = (...args: string[]) => parseArgs(args, optionsOf(commands));
const names = commands.map(({ name }) => name);

test('options stand anywhere, with a blank or an equals sign before the value', () => {
  const { positional, values, flags } = parse(
    'analyze',
    '--prune',
    'std=1',
    'm.onnx',
    '--share=5:optimal',
    '--lossless',
  );
  assert.deepEqual(positional, ['analyze', 'm.onnx']);
  assert.deepEqual(Object.fromEntries(values), { prune: 'std=1', share: '5:optimal' });
  assert.deepEqual([...flags], ['lossless']);
});

test("after '--' every word is a name, and '-' is one too", () => {
  assert.deepEqual(parse('analyze', '--', '--out', '-').positional, ['analyze', '--out', '-']);
  assert.deepEqual(parse('-').positional, ['-']);
});

test('an option that is unknown, doubled, or without its value is refused with what was meant', () => {
  const cases: [string[], RegExp][] = [
    [['--prun', 'x'], /no option "--prun"; did you mean --prune\?/],
    [['--treads=2'], /did you mean --threads\?/],
    [['--zzzzzz'], /slimscope --help lists the options/],
    [['-x'], /no option "-x"/],
    [['--out'], /--out needs a value: --out FILE/],
    [['--out', '--lossless'], /--out needs a value/],
    [['--out='], /--out needs a value/],
    [['--lossless=yes'], /--lossless takes no value/],
    [['--index', '4', '--index=5'], /--index is given twice/],
  ];
  for (const [args, message] of cases)
    assert.throws(
      () => parse(...args),
      (error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
      args.join(' '),
    );
});

test('a near word is suggested and a far one is not', () => {
  assert.equal(nearest('anlyze', names), 'analyze');
  assert.equal(nearest('an', names), 'analyze');
  assert.equal(nearest('jsn', ['json', 'csv', 'md']), 'json');
  assert.equal(nearest('clockwork', names), null);
  assert.equal(nearest('', names), null);
});

test('the help names every option and no command that is not there', () => {
  for (const command of commands) {
    const own = commandHelp(command);
    assert.ok(own.startsWith(`slimscope ${command.name} ${command.takes} [options]\n`), own);
    const told = [...own.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(told, [...command.options.map(({ name }) => name), 'help', 'version']);
    assert.ok(!own.includes('Exit codes'));
  }
  const text = helpText(commands);
  for (const { name } of optionsOf(commands)) assert.ok(text.includes(`--${name}`), name);
  for (const name of names) assert.ok(text.includes(`slimscope ${name} `), name);
  for (const absent of ['clockwork', 'retrain', 'sweep', 'diff', 'check'])
    assert.ok(!new RegExp(`slimscope ${absent}|^ *${absent}`, 'm').test(text), absent);
});

test('the format is the one asked for, else that of the file that is written, else text', () => {
  assert.equal(formatOf('csv', 'a.json'), 'csv');
  assert.equal(formatOf(undefined, 'a.JSON'), 'json');
  assert.equal(formatOf(undefined, 'a.report.md'), 'md');
  assert.equal(formatOf(undefined, 'report'), 'text');
  assert.equal(formatOf(undefined, undefined), 'text');
  assert.throws(() => formatOf('jso', undefined), /did you mean json\?/);
  assert.throws(() => formatOf('toString', undefined), /the formats are text, json/);
});

test('options beat the preset for all layers, and the rules of a recipe file beat options', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'r.yaml');
    await writeFile(file, 'preset: eie\nlayers:\n  - { match: "fc1", prune: none }\n');
    const target = {
      name: 'conv1',
      tensor: 'conv1',
      op: 'conv',
      first: false,
      weights: 100,
      zeros: 0,
    } as const;
    const plain = await recipeOf(parse('m'));
    assert.deepEqual(plain, presets['deep-compression']);
    const set = await recipeOf(parse('m', '--prune=density=0.5', '--index', 'best'));
    assert.deepEqual(resolveRule(set, target).prune, { kind: 'density', density: 0.5 });
    assert.deepEqual(resolveRule(set, { ...target, first: true }).prune, { kind: 'density', density: 0.5 });
    assert.deepEqual(resolveRule(set, target).share, {
      kind: 'codebook',
      bits: 8,
      k: null,
      method: 'optimal',
      per: { kind: 'layer' },
    });
    const both = await recipeOf(parse('m', '--prune=density=0.5', '--recipe', file));
    assert.deepEqual(resolveRule(both, { ...target, name: 'fc1' }).prune, { kind: 'none' });
    assert.deepEqual(resolveRule(both, target).prune, { kind: 'density', density: 0.5 });
    assert.equal((await recipeOf(parse('m', '--lossless'))).lossless, true);
    await assert.rejects(
      recipeOf(parse('m', '--lossless', '--prune=density=0.1')),
      /--lossless neither prunes/,
    );
  }));

test('a preset, rule or recipe file that cannot be used is told in one line', () =>
  withFolder(async (folder) => {
    const bad = path.join(folder, 'bad.yaml');
    await writeFile(bad, 'layers:\n  - { match: "*", prun: none }\n');
    const cases: [string[], RegExp][] = [
      [['--preset', 'deep'], /did you mean deep-compression\?/],
      [['--preset', 'x'], /the presets are as-is, deep-compression, eie/],
      [['--prune', 'density=2'], /between 0 and 1/],
      [['--share', '99'], /bits/],
      [['--index', '0'], /bits/],
      [['--recipe', path.join(folder, 'none.yaml')], /there is no recipe file/],
      [['--recipe', folder], /cannot be read/],
      [['--recipe', bad], /:2:\d+: .*prune/],
    ];
    for (const [args, message] of cases)
      await assert.rejects(recipeOf(parse('m', ...args)), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      });
  }));

test('the model is not overwritten under any of its names, and links are not followed', () =>
  withFolder(async (folder) => {
    const model = path.join(folder, 'm.onnx');
    await writeFile(model, 'model');
    await link(model, path.join(folder, 'second-name.onnx'));
    await symlink(model, path.join(folder, 'soft.json'));
    await symlink('nowhere', path.join(folder, 'dangling.json'));
    await mkdir(path.join(folder, 'sub'));
    const cases: [string, RegExp][] = [
      ['m.onnx', /is the model itself/],
      ['sub/../m.onnx', /is the model itself/],
      ['second-name.onnx', /is the model itself/],
      ['soft.json', /is a link/],
      ['dangling.json', /is a link/],
      ['sub', /no plain file/],
      ['none/r.json', /there is no folder/],
    ];
    for (const [name, message] of cases) {
      const out = `${folder}/${name}`;
      await assert.rejects(checkOut(out, [model]), message, name);
      await assert.rejects(writeOut(out, 'report', [model]), message, name);
    }
    await assert.rejects(checkOut('/dev/null', [model]), /no plain file/);
    assert.equal(await readFile(model, 'utf8'), 'model');
  }));

test('a file is replaced as a whole, keeps its mode, and nothing is left beside it', () =>
  withFolder(async (folder) => {
    const out = path.join(folder, 'r.json');
    await writeFile(out, 'old', { mode: 0o600 });
    await writeOut(out, 'new', []);
    assert.equal(await readFile(out, 'utf8'), 'new');
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    await writeOut(path.join(folder, 'other.json'), 'x', []);
    assert.deepEqual((await readdir(folder)).toSorted(), ['other.json', 'r.json']);
    await assert.rejects(writeOut(path.join(folder, 'n'.repeat(300)), 'x', []), /cannot be written/);
    assert.equal((await readdir(folder)).length, 2);
  }));

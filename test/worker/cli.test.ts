import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Report } from '../../analyzers/report/report.ts';
import { assertRefused, builtCli, slimscope, threeAtATime } from '../support/commandLine.ts';
import { denseModel } from '../support/denseModel.ts';
import { withFolder } from '../support/folder.ts';
import { trappedWorker } from '../support/threads.ts';

const small = denseModel([20, 30, 25, 10]);

/** A folder with the model m.onnx in it. */
const withModel = (use: (folder: string, model: string) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const model = path.join(folder, 'm.onnx');
    await writeFile(model, small);
    await use(folder, model);
  });

test('the report comes as text by default, without colour and without progress when nobody watches', () =>
  withModel(async (_folder, model) => {
    const { code, stdout, stderr } = await slimscope(['analyze', model]);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^m\.onnx\n/);
    for (const name of ['fc1', 'fc2', 'fc3']) assert.match(stdout, new RegExp(`^${name} `, 'm'));
    assert.ok(!stdout.includes('\u001b'));
  }));

test('every format goes to standard output or, the same, to a file whose name may choose it', () =>
  withModel(async (folder, model) => {
    const starts: Record<string, RegExp> = {
      json: /^\{\n/,
      csv: /fc1/,
      md: /^#/,
      html: /^<!doctype html>/i,
      text: /^m\.onnx\n/,
    };
    await threeAtATime(Object.entries(starts), async ([format, start]) => {
      const printed = await slimscope(['analyze', model, `--format=${format}`]);
      assert.equal(printed.code, 0, printed.stderr);
      assert.match(printed.stdout, start);
      const file = path.join(folder, `report.${format}`);
      const written = await slimscope(['analyze', model, '--out', file]);
      assert.deepEqual(written, { code: 0, stdout: '', stderr: '' });
      assert.equal(await readFile(file, 'utf8'), printed.stdout);
    });
    assert.equal((await readdir(folder)).length, 6, 'nothing else was written');
    assert.deepEqual(await readFile(model), Buffer.from(small));
  }));

test('names are meant from the folder of the caller', () =>
  withModel(async (folder) => {
    const sub = path.join(folder, 'sub');
    await mkdir(sub);
    await writeFile(path.join(sub, 'r.yaml'), 'preset: eie\n');
    const { code, stderr } = await slimscope(
      ['analyze', '../m.onnx', '--recipe', 'r.yaml', '--out', 'r.json'],
      { cwd: sub },
    );
    assert.equal(code, 0, stderr);
    const report = JSON.parse(await readFile(path.join(sub, 'r.json'), 'utf8')) as Report;
    assert.equal(report.recipe.preset, 'eie');
    assert.equal(report.layers[1]?.share?.k, 15);
  }));

test('one thread and three give the same bytes', () =>
  withModel(async (_folder, model) => {
    const [one, three] = await Promise.all(
      ['1', '3'].map((threads) => slimscope(['analyze', model, '--format', 'json', '--threads', threads])),
    );
    assert.equal(one?.code, 0);
    assert.equal(one?.stdout, three?.stdout);
  }));

test('options reach the figures', () =>
  withModel(async (folder, model) => {
    const recipe = path.join(folder, 'r.yaml');
    await writeFile(recipe, 'layers:\n  - { match: "fc2", prune: "density=0.5" }\n');
    const options = `--format=json --preset as-is --prune density=0.1 --share 3:linear --index=4`;
    const { stdout } = await slimscope(['analyze', model, ...options.split(' '), '--recipe', recipe]);
    const { layers } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      layers.map(({ prune, share }) => [prune?.kept, share?.bits, share?.method]),
      [
        [60, 3, 'linear'],
        [375, 3, 'linear'],
        [25, 3, 'linear'],
      ],
    );
    const lossless = await slimscope(['analyze', model, '--format=json', '--lossless']);
    const report = JSON.parse(lossless.stdout) as Report;
    assert.equal(report.recipe.lossless, true);
    assert.ok(report.layers.every(({ exact, share }) => exact && share === null));
  }));

test('help and version answer, and help knows no command that is not there', async () => {
  for (const call of [
    ['compress', '--help'],
    ['compress', 'm.onnx', '-h'],
  ]) {
    const { code, stdout } = await slimscope(call);
    assert.equal(code, 0);
    assert.match(stdout, /^slimscope compress MODEL --out FILE\.slim \[options\]\n/);
    assert.match(stdout, /\n {2}--force .*\n/);
    assert.doesNotMatch(stdout, /decompress|--remove-dead-units/);
  }
  const help = await slimscope(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /slimscope analyze MODEL/);
  assert.deepEqual(await slimscope(['-h']), help);
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  assert.equal((await slimscope(['--version'])).stdout, `slimscope ${version}\n`);
});

test('a call that cannot be used is refused in one line', () =>
  withModel(async (folder, model) => {
    const bad = path.join(folder, 'bad.yaml');
    await writeFile(bad, 'preset: eie\nlayers:\n  - { match: "*", share: 99 }\n');
    const cases: [string[], RegExp][] = [
      [[], /no command is given; try slimscope analyze MODEL/],
      [['analize', model], /no command "analize"; did you mean analyze\?/],
      ...['run', 'check', 'diff', 'sweep'].map((name): [string[], RegExp] => [
        [name, model],
        new RegExp(`no command "${name}"`),
      ]),
      [['analyze'], /no model is given/],
      [['analyze', model, 'other.onnx'], /one model at a time/],
      [['analyze', model, '--pruned=none'], /did you mean --prune\?/],
      [['analyze', model, '--prune', 'std=-1'], /prune "std=-1"/],
      [['analyze', model, '--preset', 'eei'], /did you mean eie\?/],
      [['analyze', model, '--format', 'xml'], /no format "xml"/],
      [['analyze', model, '--threads', '0'], /--threads takes a number from 1/],
      [['analyze', model, '--recipe', bad], /bad\.yaml:3:\d+: .*share/],
      [['analyze', model, '--recipe', path.join(folder, 'none.yaml')], /no recipe file/],
      [['analyze', model, '--out', model], /is the model itself/],
      [['analyze', model, '--out', folder], /is a folder, no plain file: name a file in it\n$/],
      [
        ['analyze', model, '--out', path.join(folder, 'r.pdf')],
        /"r\.pdf" chooses no format: the endings are \.txt, \.json, \.csv, \.md, \.html; or name one with --format\n$/,
      ],
      [
        ['sensitivity', model, '--out', path.join(folder, 'r.html')],
        /the endings are \.txt, \.json, \.csv, \.md;/,
      ],
      [['analyze', path.join(folder, 'none.onnx')], /none\.onnx: there is no such file \[file\/missing\]/],
      [['analyze', folder], /not a file \[file\/unreadable\]/],
      [['analyze', path.join(folder, 'evil\n\u001b[31m\u202ename.onnx')], /no such file/],
    ];
    await threeAtATime(cases, async ([args, why]) => assertRefused(await slimscope(args), why));
  }));

test('what was at the place of --out stays when the model cannot be read', () =>
  withModel(async (folder) => {
    const out = path.join(folder, 'r.json');
    await writeFile(out, 'before');
    await writeFile(path.join(folder, 'empty.onnx'), '');
    assertRefused(await slimscope(['analyze', path.join(folder, 'empty.onnx'), '--out', out]), /is empty/);
    assert.equal(await readFile(out, 'utf8'), 'before');
    assert.equal((await readdir(folder)).length, 3);
  }));

test('a reader that stops reading is no error, a full disk is one', () =>
  withModel(async (_folder, model) => {
    const gone = await slimscope(['analyze', model, '--format', 'html'], {
      started: (child) => child.stdout?.destroy(),
    });
    assert.deepEqual([gone.code, gone.stderr], [0, '']);
    if (process.platform !== 'linux') return;
    const full = spawnSync('sh', [
      '-c',
      '"$0" "$1" analyze "$2" > /dev/full',
      process.execPath,
      builtCli,
      model,
    ]);
    assert.equal(full.status, 2);
    assert.match(full.stderr.toString(), /^slimscope: .*ENOSPC[^\n]*\n$/);
  }));

test('on a terminal there is colour and a line of progress, and NO_COLOR takes the colour away', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('needs the script command of util-linux');
    return;
  }
  await withModel(async (_folder, model) => {
    const inTerminal = (env: Record<string, string>, stderr: string): string => {
      const command = `"${process.execPath}" "${builtCli}" analyze "${model}" ${stderr}`;
      const { NO_COLOR: _none, ...rest } = process.env;
      return spawnSync('script', ['-qec', command, '/dev/null'], {
        env: { ...rest, TERM: 'xterm', ...env },
        encoding: 'utf8',
      }).stdout;
    };
    const escape = '\u001b[';
    assert.ok(inTerminal({}, '2>/dev/null').includes(`${escape}1m`));
    assert.ok(!inTerminal({ NO_COLOR: '1' }, '2>/dev/null').includes(escape));
    const both = inTerminal({}, '');
    assert.ok(both.startsWith(`\r${escape}Km.onnx: opening\r`), both.slice(0, 80));
    assert.ok(both.includes(`\r${escape}K${escape}1mm.onnx`), 'the line is wiped before the report');
    await Promise.resolve();
  });
});

test('an interrupt ends the run with 130, even while a worker hangs, and leaves no output', () =>
  withFolder(async (folder) => {
    const model = path.join(folder, 'm.onnx');
    await writeFile(model, denseModel([20, 30, 25], ['a', 'hang']));
    await trappedWorker(folder);
    const file = path.join(folder, 'cli.cjs');
    await copyFile(builtCli, file);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const out = path.join(folder, `${signal}.json`);
      const hangs = path.join(folder, `hangs-${signal}`);
      const ended = await slimscope(['analyze', model, '--out', out], {
        file,
        env: { SLIMSCOPE_TEST_HANGS: hangs },
        started: (child) => {
          const wait = setInterval(() => {
            stat(hangs).then(
              () => {
                clearInterval(wait);
                child.kill(signal);
              },
              () => undefined,
            );
          }, 10);
        },
      });
      assert.deepEqual(ended, { code: 130, stdout: '', stderr: '' });
      await assert.rejects(stat(out));
    }
  }));

import assert from 'node:assert/strict';
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import type { Written } from '../../analyzers/rpc/contracts.ts';
import { assertRefused, slimscope, threeAtATime } from '../support/commandLine.ts';
import { withFolder } from '../support/folder.ts';
import { small, withModel, withWeightsBeside } from '../support/modelFolders.ts';

test('a file larger than its budget says what the budget is of, and what else it holds, to the byte', () =>
  withModel(async (folder) => {
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    for (const [budget, most, asked] of [
      ['bytes=900', 900, 'of 900 bytes'],
      ['factor=6', 1066, 'factor=6, at most 1066 bytes,'],
    ] as const) {
      const { code, stderr } = await run(
        'compress',
        'm.onnx',
        '--out',
        'm.slim',
        '--force',
        '--budget',
        budget,
      );
      assert.equal(code, 0, stderr);
      const note = stderr.replaceAll(/(?<=\d)\s(?=\d)/gu, '');
      const figures =
        /is of the coded weights, which take (\d+) bytes; the file holds their streams of (\d+) bytes, (\d+) bytes of everything else, and (\d+) bytes of headers and alignment\.\n$/.exec(
          note,
        );
      assert.ok(figures !== null && note.startsWith(`slimscope: note: The budget ${asked} is`), note);
      const [coded = 0, ...parts] = figures.slice(1).map(Number);
      assert.ok(coded <= most && coded > 0.8 * most, note);
      const { size } = await stat(path.join(folder, 'm.slim'));
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0),
        size,
      );
      // The weights of the model alone are gone from it.
      assert.ok(parts[1]! > 0 && parts[1]! < small.length, note);
    }
    const exported = await run(
      'export',
      'm.onnx',
      '--out',
      'n.onnx',
      '--budget',
      'bytes=900',
      '--format',
      'json',
    );
    const [note = ''] = (JSON.parse(exported.stdout) as Written).notes;
    assert.match(note, /^The budget of 900 bytes is .* the model holds its weights uncoded, in their places/);
    const wide = await run('compress', 'm.onnx', '--out', 'w.slim', '--budget', 'bytes=1000000');
    assert.deepEqual([wide.code, wide.stderr], [0, '']);
  }));

test('--force replaces the file of --out and nothing beside it, whosever that is', () =>
  withFolder(async (folder) => {
    await withWeightsBeside(folder);
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    const weights = path.join(folder, 'weights', 'w.bin');
    const before = await readFile(weights);
    const rows = ['--prune', 'density=0.1', '--share', '3'];
    assert.equal((await run('compress', 'm.onnx', '--out', 'm.slim', ...rows)).code, 0);
    for (const there of ['file', 'hard', 'soft', 'dangling'])
      await mkdir(path.join(folder, there, 'weights'), { recursive: true });
    const beside = (there: string): string => path.join(folder, there, 'weights', 'w.bin');
    await writeFile(beside('file'), 'another model');
    await link(beside('file'), beside('hard'));
    await symlink(weights, beside('soft'));
    await symlink(path.join(folder, 'nowhere'), beside('dangling'));
    for (const there of ['.', 'file']) await writeFile(path.join(folder, there, 'n.onnx'), 'old');
    const kept =
      /weights\/w\.bin is there already, and files beside the output are never replaced: write to another folder \[file\/exists\]/;
    const own = /weights\/w\.bin cannot be written: it is the model's own file.*\[file\/unwritable\]/;
    const linked = /weights\/w\.bin cannot be written: "w\.bin" is a link.*\[file\/unwritable\]/;
    const decompress = ['decompress', 'm.slim'];
    const exported = ['export', 'm.onnx', ...rows];
    const smaller = [...exported, '--remove-dead-units'];
    const cases: [string[], string, RegExp][] = [
      [decompress, '.', kept],
      [decompress, 'file', kept],
      [decompress, 'hard', kept],
      [decompress, 'soft', linked],
      [decompress, 'dangling', linked],
      [exported, '.', own],
      [exported, 'file', kept],
      [exported, 'hard', kept],
      [exported, 'soft', linked],
      [smaller, 'file', kept],
      [smaller, '.', own],
    ];
    const listed = (await readdir(folder, { recursive: true })).toSorted();
    await threeAtATime(cases, async ([args, there, why]) =>
      assertRefused(await run(...args, '--out', path.join(there, 'n.onnx'), '--force'), why),
    );
    assert.deepEqual(await readFile(weights), before);
    assert.equal(await readFile(beside('file'), 'utf8'), 'another model');
    for (const there of ['.', 'file'])
      assert.equal(await readFile(path.join(folder, there, 'n.onnx'), 'utf8'), 'old');
    assert.deepEqual((await readdir(folder, { recursive: true })).toSorted(), listed, 'nothing is left');
    await mkdir(path.join(folder, 'free'));
    await writeFile(path.join(folder, 'free', 'n.onnx'), 'old');
    const done = await run(...decompress, '--out', 'free/n.onnx', '--force');
    assert.equal(done.code, 0, done.stderr);
    assert.equal((await readFile(beside('free'))).length, before.length);
    assert.notEqual(await readFile(path.join(folder, 'free', 'n.onnx'), 'utf8'), 'old');
  }));

import assert from 'node:assert/strict';
import { link, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import type { SourceRef } from '../../analyzers/bytes/source.ts';
import { exportModel } from '../../analyzers/container/exportModel.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { fileSinks, type Destination } from '../../analyzers/node/fileSink.ts';
import { fromWriting } from '../../analyzers/node/writeErrors.ts';
import { withFolder } from '../support/folder.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { opened, quiet } from '../support/slim.ts';
import { drawn, recipeBy } from '../support/slimModels.ts';
import { product } from '../support/writtenModels.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const to = (out: string, more: Partial<Destination> = {}): Destination => ({
  out,
  draft: '.draft.part',
  overwrite: false,
  own: [],
  ...more,
});
const refOf = (file: string): SourceRef => ({ kind: 'file', path: file });

/** Everything below a folder. */
const all = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).toSorted();

test('nothing is at its place before commit, and then all of it', () =>
  withFolder(async (folder) => {
    const out = path.join(folder, 'a.bin');
    const sink = await fileSinks(to(out))('a.bin');
    await sink.append(bytes(1, 2, 3));
    await sink.append(new Uint8Array(1 << 19).fill(7));
    await sink.writeAt(1, bytes(9));
    await sink.append(bytes(4));
    const back = new Uint8Array(4);
    await sink.readBack(0, back);
    assert.deepEqual([...back], [1, 9, 3, 7]);
    assert.equal(sink.size, 3 + (1 << 19) + 1);
    assert.deepEqual(
      (await all(folder)).filter((name) => name === 'a.bin'),
      [],
    );
    await sink.commit();
    assert.deepEqual(await all(folder), ['a.bin']);
    const written = await readFile(out);
    assert.deepEqual([written.length, written[1], written.at(-1)], [(1 << 19) + 4, 9, 4]);
  }));

test('what is discarded leaves no trace, neither before nor after it got its name', () =>
  withFolder(async (folder) => {
    const open = fileSinks(to(path.join(folder, 'm.onnx')));
    const [model, data] = [await open('m.onnx'), await open('deep/er/w.bin')];
    await data.append(bytes(1));
    await data.commit();
    assert.deepEqual((await all(folder)).includes(path.join('deep', 'er', 'w.bin')), true);
    await Promise.all([model.discard(), data.discard()]);
    assert.deepEqual(await all(folder), []);
  }));

test('a file that is there stays, unless it is to be replaced', () =>
  withFolder(async (folder) => {
    const out = path.join(folder, 'a.bin');
    await writeFile(out, 'old');
    await assert.rejects(fileSinks(to(out))('a.bin'), { code: 'file/exists' });
    assert.equal(await readFile(out, 'utf8'), 'old');
    const sink = await fileSinks(to(out, { overwrite: true }))('a.bin');
    await sink.append(bytes(1));
    assert.equal(await readFile(out, 'utf8'), 'old');
    await sink.commit();
    assert.deepEqual([...(await readFile(out))], [1]);
  }));

test('only the named file is replaced, also where a name is the same in other letters', () =>
  withFolder(async (folder) => {
    await writeFile(path.join(folder, 'W.bin'), 'mine');
    const open = fileSinks(to(path.join(folder, 'n.onnx'), { overwrite: true }));
    const isOne = await lstat(path.join(folder, 'w.bin')).then(
      () => true,
      () => false,
    );
    await assert.rejects(open(isOne ? 'w.bin' : 'W.bin'), {
      code: 'file/exists',
      message: /files beside the output are never replaced: write to another folder/,
    });
    // One that came while the file was written stays as well.
    const sink = await open('late.bin');
    await writeFile(path.join(folder, 'late.bin'), 'mine');
    await assert.rejects(sink.commit(), { code: 'file/exists' });
    await sink.discard();
    assert.equal(await readFile(path.join(folder, 'late.bin'), 'utf8'), 'mine');
    assert.deepEqual(await all(folder), ['W.bin', 'late.bin']);
  }));

test("the model's own file is never written, whatever name leads to it", () =>
  withFolder(async (folder) => {
    const model = path.join(folder, 'net.onnx');
    await writeFile(model, 'model');
    await link(model, path.join(folder, 'hard.onnx'));
    await symlink('net.onnx', path.join(folder, 'soft.onnx'));
    await mkdir(path.join(folder, 'real'));
    await symlink('.', path.join(folder, 'here'));
    for (const name of ['net.onnx', 'hard.onnx', 'soft.onnx', 'here/net.onnx', 'real/../net.onnx'])
      await assert.rejects(
        fileSinks(to(path.join(folder, 'net.onnx'), { overwrite: true, own: [refOf(model)] }))(name),
        { code: 'file/unwritable' },
        name,
      );
    // The folder of the output may be reached through a link: the file is the same.
    const through = to(path.join(folder, 'here', 'net.onnx'), { overwrite: true, own: [refOf(model)] });
    await assert.rejects(fileSinks(through)('net.onnx'), {
      code: 'file/unwritable',
      message: /model's own file/,
    });
    assert.equal(await readFile(model, 'utf8'), 'model');
  }));

test('names from a file stay within the folder, and no link or folder is written through', () =>
  withFolder(async (folder) => {
    const inside = path.join(folder, 'in');
    await mkdir(path.join(inside, 'sub'), { recursive: true });
    await mkdir(path.join(folder, 'out'));
    await symlink(path.join(folder, 'out'), path.join(inside, 'linked'));
    await writeFile(path.join(inside, 'plain'), '');
    const open = fileSinks(to(path.join(inside, 'm.onnx'), { overwrite: true }));
    for (const name of [
      '../x',
      'sub/../../x',
      '/tmp/x',
      'C:\\x',
      'sub\\x',
      '',
      '.',
      'linked/x',
      'sub',
      'plain/x',
      'a\0b',
    ])
      await assert.rejects(open(name), { code: 'file/unwritable' }, JSON.stringify(name));
    assert.deepEqual(await all(path.join(folder, 'out')), []);
    await assert.rejects(fileSinks(to(path.join(folder, 'gone', 'm.onnx')))('m.onnx'), {
      code: 'file/unwritable',
      message: /there is no folder/,
    });
  }));

test('two files never take one place', () =>
  withFolder(async (folder) => {
    const open = fileSinks(to(path.join(folder, 'm.onnx')));
    const first = await open('sub/w');
    await assert.rejects(open('./sub//w'), { code: 'file/unwritable' });
    await first.discard();
    assert.deepEqual(await all(folder), []);
  }));

test('a link that comes into the way while the file is written is not followed', () =>
  withFolder(async (folder) => {
    const inside = path.join(folder, 'in');
    await mkdir(inside);
    await mkdir(path.join(folder, 'out'));
    const sink = await fileSinks(to(path.join(inside, 'm.onnx')))('sub/w');
    await symlink(path.join(folder, 'out'), path.join(inside, 'sub'));
    await assert.rejects(sink.commit(), { code: 'file/unwritable', message: /link/ });
    await sink.discard();
    assert.deepEqual(await all(path.join(folder, 'out')), []);
    await rm(path.join(inside, 'sub'));
    assert.deepEqual(await all(inside), []);
  }));

test('a full disk and a missing permission are told with what to do', () => {
  for (const [code, message] of [
    ['ENOSPC', 'w.bin cannot be written: the disk is full'],
    ['EACCES', 'w.bin cannot be written: permission denied'],
    ['EROFS', 'w.bin cannot be written: the file system is read-only'],
  ] as const) {
    const told = fromWriting(Object.assign(new Error(code), { code }), 'w.bin');
    assert.ok(told instanceof ReadError);
    assert.deepEqual([told.code, told.file, told.message], ['file/unwritable', 'w.bin', message]);
  }
});

test('an export with a file beside the model goes to another folder; in its own it is refused and nothing is touched', () =>
  withFolder(async (folder) => {
    const home = path.join(folder, 'home');
    const there = path.join(folder, 'there');
    await mkdir(home);
    await mkdir(there);
    const spec = product([30, 20], {
      initializers: [
        { name: 'w', shape: [30, 20], external: { location: 'w/net.data', offset: 0, length: 2400 } },
      ],
    });
    const data = drawn('w', [30, 20], 3).raw!;
    await mkdir(path.join(home, 'w'));
    await writeFile(path.join(home, 'net.onnx'), onnxModel(spec));
    await writeFile(path.join(home, 'w', 'net.data'), data);
    const source = await openFile(refOf(path.join(home, 'net.onnx')));
    const model = await opened(source);
    const job = { ...model, recipe: recipeBy({ '*': { prune: 'density=0.2' } }) };
    const own = model.model.sources;
    const into = (out: string, overwrite: boolean) => {
      const open = fileSinks(to(out, { overwrite, own }));
      return exportModel(job, (name) => open(name === 'net.onnx' ? path.basename(out) : name), quiet);
    };
    for (const overwrite of [false, true])
      await assert.rejects(into(path.join(home, 'slim.onnx'), overwrite), {
        code: 'file/unwritable',
        message: /model's own file/,
      });
    assert.deepEqual(await all(home), ['net.onnx', 'w', path.join('w', 'net.data')]);
    assert.deepEqual(new Uint8Array(await readFile(path.join(home, 'w', 'net.data'))), data);
    await into(path.join(there, 'slim.onnx'), false);
    assert.deepEqual(await all(there), ['slim.onnx', 'w', path.join('w', 'net.data')]);
    assert.equal((await lstat(path.join(there, 'w', 'net.data'))).size, 2400);
    await source.close();
  }));

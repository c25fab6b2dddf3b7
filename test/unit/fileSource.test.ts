import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import type { ByteSource, SourceRef } from '../../analyzers/bytes/source.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';

/** A folder `models` with a model in it, and `secret.bin` beside the folder, which no model may reach. */
let root = '';
let folder = '';
const model = (): SourceRef & { kind: 'file' } => ({ kind: 'file', path: path.join(folder, 'net.onnx') });

before(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'slimscope-files-'));
  folder = path.join(root, 'models');
  fs.mkdirSync(path.join(folder, 'sub'), { recursive: true });
  fs.writeFileSync(
    path.join(folder, 'net.onnx'),
    Uint8Array.from({ length: 100 }, (_, i) => i),
  );
  fs.writeFileSync(path.join(folder, 'weights.bin'), 'weights');
  fs.writeFileSync(path.join(folder, 'sub', 'more.bin'), 'more');
  fs.writeFileSync(path.join(root, 'secret.bin'), 'secret');
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

async function text(source: ByteSource): Promise<string> {
  const bytes = new Uint8Array(source.size);
  await source.read(0, bytes);
  await source.close();
  return new TextDecoder().decode(bytes);
}

const at = (name: string): string => path.join(folder, name);
const openPath = (file: string): Promise<ByteSource> => openFile({ kind: 'file', path: file });

/** The code with which a sibling is refused; 'opened' when it is not. */
async function siblingOf(name: string, ref: SourceRef = model()): Promise<string> {
  const source = await openFile(ref);
  try {
    await (await source.sibling(name)).close();
    return 'opened';
  } catch (error) {
    assert.ok(error instanceof ReadError, String(error));
    return error.code;
  } finally {
    await source.close();
  }
}

const readable = (p: string): boolean => {
  try {
    fs.accessSync(p, fs.constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

test('a file is read by ranges, wholly or not at all', async () => {
  const source = await openFile(model());
  assert.deepEqual([source.name, source.size], ['net.onnx', 100]);
  const into = new Uint8Array(3);
  await source.read(97, into);
  assert.deepEqual([...into], [97, 98, 99]);
  await source.read(100, new Uint8Array(0));
  for (const offset of [98, 100, 2 ** 40, 2 ** 53, -1, Number.NaN, Number.POSITIVE_INFINITY])
    await assert.rejects(source.read(offset, new Uint8Array(3)), { code: 'file/truncated' }, String(offset));
  const stop = AbortSignal.abort(new Error('enough'));
  await assert.rejects(source.read(0, into, stop), { message: 'enough' });
  await source.close();
  await source.close();
});

test('bytes in memory are a source of their own, shared or not', async () => {
  const shared = new SharedArrayBuffer(4);
  new Uint8Array(shared).set([1, 2, 3, 4]);
  const source = await openFile({ kind: 'bytes', name: 'm.onnx', bytes: shared });
  const into = new Uint8Array(2);
  await source.read(1, into);
  assert.deepEqual([...into], [2, 3]);
  await assert.rejects(source.sibling('weights.bin'), { code: 'onnx/external-data-missing' });
});

test('what is not a file is told as what it is', async () => {
  await assert.rejects(openPath(path.join(folder, 'gone.onnx')), {
    code: 'file/missing',
    message: /no such file/,
  });
  await assert.rejects(openPath(path.join(folder, 'net.onnx', 'x')), { code: 'file/missing' });
  await assert.rejects(openPath(folder), { code: 'file/unreadable', message: /folder/ });
  const locked = path.join(folder, 'locked.onnx');
  fs.writeFileSync(locked, 'x', { mode: 0 });
  // The superuser may read everything.
  if (!readable(locked))
    await assert.rejects(openPath(locked), { code: 'file/unreadable', message: /permission denied/ });
});

test(
  'a pipe in place of a model does not hang the reader',
  { skip: process.platform === 'win32' },
  async () => {
    const pipe = path.join(folder, 'pipe.onnx');
    execFileSync('mkfifo', [pipe]);
    await assert.rejects(openFile({ kind: 'file', path: pipe }), { code: 'file/unreadable' });
  },
);

test('a file that shrinks while it is read ends as cut off', async () => {
  const shrinking = path.join(folder, 'shrinking.onnx');
  fs.writeFileSync(shrinking, new Uint8Array(1000));
  const source = await openFile({ kind: 'file', path: shrinking });
  fs.truncateSync(shrinking, 10);
  await assert.rejects(source.read(0, new Uint8Array(1000)), { code: 'file/truncated', message: /byte 10,/ });
  await source.close();
});

test('files beside a model are opened, in its folder and below', async () => {
  const source = await openFile(model());
  assert.equal(await text(await source.sibling('weights.bin')), 'weights');
  assert.equal(await text(await source.sibling('./sub/./more.bin')), 'more');
  const sibling = await source.sibling('sub/more.bin');
  assert.deepEqual(sibling.ref, { kind: 'file', path: path.join(folder, 'sub', 'more.bin'), within: folder });
  assert.equal(await text(await openFile(sibling.ref)), 'more', 'its ref opens it in another thread');
  await sibling.close();
  await source.close();
  assert.equal(await siblingOf('absent.bin'), 'onnx/external-data-missing');
  assert.equal(await siblingOf('net.onnx/weights.bin'), 'onnx/external-data-missing');
});

test('no name leads out of the folder of the model', async () => {
  for (const name of [
    '../secret.bin',
    'sub/../../secret.bin',
    'sub/../weights.bin',
    '..',
    '.',
    '',
    path.join(root, 'secret.bin'),
    '/etc/passwd',
    '//server/share/x.bin',
    'C:/secret.bin',
    'C:secret.bin',
    'sub/D:/x',
    '\\\\server\\share\\x.bin',
    '..\\secret.bin',
    'sub\\more.bin',
    'weights.bin\0',
    '\0',
  ])
    assert.equal(await siblingOf(name), 'onnx/external-data-outside', JSON.stringify(name));
});

test(
  'links, pipes, devices and folders beside a model are refused',
  { skip: process.platform === 'win32' },
  async () => {
    fs.symlinkSync('../secret.bin', at('link.bin'));
    fs.symlinkSync('weights.bin', at('inner-link.bin'));
    fs.symlinkSync('..', at('up'));
    fs.symlinkSync('/dev/zero', at('zero.bin'));
    fs.linkSync(path.join(root, 'secret.bin'), at('hard.bin'));
    execFileSync('mkfifo', [at('pipe.bin')]);
    for (const name of [
      'link.bin',
      'inner-link.bin',
      'up/secret.bin',
      'zero.bin',
      'hard.bin',
      'pipe.bin',
      'sub',
    ])
      assert.equal(await siblingOf(name), 'onnx/external-data-outside', name);
  },
);

test(
  'a file beside a model is looked at again whenever it is opened',
  { skip: process.platform === 'win32' },
  async () => {
    const file = path.join(folder, 'later.bin');
    fs.writeFileSync(file, 'fine');
    const ref: SourceRef = { kind: 'file', path: file, within: folder };
    assert.equal(await text(await openFile(ref)), 'fine');
    fs.rmSync(file);
    await assert.rejects(openFile(ref), { code: 'onnx/external-data-missing' });
    fs.symlinkSync('../secret.bin', file);
    await assert.rejects(openFile(ref), { code: 'onnx/external-data-outside', message: /link/ });
    const elsewhere: SourceRef = { kind: 'file', path: path.join(root, 'secret.bin'), within: folder };
    await assert.rejects(openFile(elsewhere), { code: 'onnx/external-data-outside' });
  },
);

test('nothing beside a model is opened when it stands alone', async () => {
  assert.equal(await siblingOf('weights.bin', { ...model(), alone: true }), 'onnx/external-data-withheld');
  assert.equal(await siblingOf('../secret.bin', { ...model(), alone: true }), 'onnx/external-data-withheld');
});

test('a model that the user reaches through a link is opened, and so is what lies beside the link', async () => {
  const other = path.join(root, 'linked');
  fs.symlinkSync(folder, other, 'dir');
  assert.equal(
    await siblingOf('weights.bin', { kind: 'file', path: path.join(other, 'net.onnx') }),
    'opened',
  );
});

test('no file stays open after a refusal', { skip: !fs.existsSync('/proc/self/fd') }, async () => {
  const openBefore = fs.readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 20; i += 1) {
    await siblingOf('hard.bin');
    await siblingOf('weights.bin');
    await openFile({ kind: 'file', path: folder }).catch(() => null);
  }
  assert.ok(fs.readdirSync('/proc/self/fd').length <= openBefore + 2);
});

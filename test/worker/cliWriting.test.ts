import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { presets } from '../../analyzers/report/presets.ts';
import type { Report } from '../../analyzers/report/report.ts';
import type { Written } from '../../analyzers/rpc/contracts.ts';
import { writeFiles } from '../../analyzers/node/writeFiles.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { assertRefused, builtCli, slimscope, threeAtATime } from '../support/commandLine.ts';
import { denseModel } from '../support/denseModel.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { withFolder } from '../support/folder.ts';
import { small, withModel, withWeightsBeside } from '../support/modelFolders.ts';
import { countedThreads } from '../support/threads.ts';

test('export leaves out dead units when it is asked to, and says how many of which layers', () =>
  withModel(async (folder) => {
    const rows = ['--prune', 'filters=0.5', '--share', 'none'];
    const args = ['export', 'm.onnx', '--out', 'new.onnx', '--remove-dead-units', '--format', 'json'];
    const { code, stdout, stderr } = await slimscope([...args, ...rows], { cwd: folder });
    assert.equal(code, 0, stderr);
    const { bytes, modelBytes, notes } = JSON.parse(stdout) as Written;
    assert.ok(bytes < 0.6 * modelBytes, `${bytes} of ${modelBytes}`);
    // Of fc3 the model gives every output.
    assert.deepEqual(notes, ['27 dead units left out: 15 of fc1, 12 of fc2.']);
    assert.equal((await stat(path.join(folder, 'new.onnx'))).size, bytes);
    const again = await slimscope(['analyze', 'new.onnx', '--preset', 'as-is', '--format', 'json'], {
      cwd: folder,
    });
    const { layers } = JSON.parse(again.stdout) as Report;
    assert.deepEqual(
      layers.map(({ rows: outputs, cols }) => [outputs, cols]),
      [
        [15, 20],
        [13, 15],
        [10, 13],
      ],
    );
  }));

test('compress, decompress and export end in the same model, and one line tells the sizes', () =>
  withModel(async (folder) => {
    const recipe = ['--prune', 'density=0.2', '--share=3'];
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    const compressed = await run('compress', 'm.onnx', '--out', 'm.slim', ...recipe);
    const { size } = await stat(path.join(folder, 'm.slim'));
    assert.deepEqual([compressed.code, compressed.stderr], [0, '']);
    const plainly = compressed.stdout.replaceAll(/(?<=\d)\s(?=\d)/gu, '');
    assert.equal(
      plainly.trim(),
      `m.slim: ${size.toString()} of ${small.length.toString()} bytes (${(small.length / size).toPrecision(3)}x)`,
    );
    const [out, exported, report] = await Promise.all([
      run('decompress', 'm.slim', '--out', 'back.onnx'),
      run('export', 'm.onnx', '--out', 'new.onnx', '--format', 'json', ...recipe),
      run('analyze', 'm.onnx', '--format', 'json', ...recipe),
    ]);
    assert.deepEqual([out.code, exported.code, report.code], [0, 0, 0], out.stderr + exported.stderr);
    assert.match(out.stdout, /^back\.onnx: [\d\s]+ bytes out of [\d\s]+\n$/u);
    const written = JSON.parse(exported.stdout) as Written;
    assert.deepEqual(written, {
      files: [{ name: 'new.onnx', bytes: small.length }],
      bytes: small.length,
      modelBytes: small.length,
      notes: [],
    });
    const back = await readFile(path.join(folder, 'back.onnx'));
    assert.deepEqual(back, await readFile(path.join(folder, 'new.onnx')));
    assert.notDeepEqual(back, Buffer.from(small));
    assert.equal((JSON.parse(report.stdout) as Report).totals.slimBytes, size);
    assert.deepEqual((await readdir(folder)).toSorted(), ['back.onnx', 'm.onnx', 'm.slim', 'new.onnx']);
  }));

test('a model without weights that can be read is carried whole, and a note says that nothing was there', () =>
  withModel(
    async (folder) => {
      for (const call of [
        ['compress', 'm.onnx', '--out', 'm.slim'],
        ['export', 'm.onnx', '--out', 'n.onnx'],
      ]) {
        const { code, stderr } = await slimscope(call, { cwd: folder });
        assert.equal(code, 0);
        assert.match(stderr, /^slimscope: note: There were no weights to compress: [^\n]*\n$/);
      }
    },
    onnxModel({ initializers: [], nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }] }),
  ));

test('a container is analysed like the model that it gives back', () =>
  withModel(async (folder) => {
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    await run('compress', 'm.onnx', '--out', 'm.slim');
    await run('decompress', 'm.slim', '--out', 'back.onnx');
    const recipe = ['--format', 'json', '--preset', 'eie'];
    const [slim, back] = await Promise.all(
      ['m.slim', 'back.onnx'].map(
        async (name) => JSON.parse((await run('analyze', name, ...recipe)).stdout) as Report,
      ),
    );
    assert.deepEqual(slim?.layers, back?.layers);
    assert.equal(slim?.model.format, 'slim');
    assert.equal(slim?.totals.slimBytes, null);
  }));

test('a model without any change goes through a container byte for byte, with the files beside it', () =>
  withFolder(async (folder) => {
    await withWeightsBeside(folder);
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    assert.equal((await run('compress', 'm.onnx', '--out', 'm.slim', '--lossless')).code, 0);
    await mkdir(path.join(folder, 'back'));
    const { code, stdout, stderr } = await run('decompress', 'm.slim', '--out', 'back/n.onnx');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^n\.onnx and 1 more: .*\nweights\/w\.bin: 2.400 bytes\n$/u);
    for (const [own, back] of [
      ['m.onnx', 'n.onnx'],
      ['weights/w.bin', 'weights/w.bin'],
    ] as const)
      assert.deepEqual(
        await readFile(path.join(folder, own)),
        await readFile(path.join(folder, 'back', back)),
      );
    const analysed = await run('analyze', 'back/n.onnx', '--format', 'json');
    assert.equal((JSON.parse(analysed.stdout) as Report).totals.weights, 600);
  }));

test('the files of a model are never written, not by other names and not with --force', () =>
  withFolder(async (folder) => {
    const model = await withWeightsBeside(folder);
    const data = path.join(folder, 'weights', 'w.bin');
    const before = [await readFile(model), await readFile(data)];
    await link(model, path.join(folder, 'same.slim'));
    await symlink(model, path.join(folder, 'link.slim'));
    await writeFile(path.join(folder, 'fine.slim'), 'mine');
    await mkdir(path.join(folder, 'folder.slim'));
    const cases: [string[], RegExp][] = [
      [['export', model, '--out', model, '--force'], /is the model itself/],
      [['compress', model, '--out', path.join(folder, 'same.slim'), '--force'], /is the model itself/],
      [['compress', model, '--out', path.join(folder, 'link.slim'), '--force'], /is a link/],
      [['compress', model, '--out', path.join(folder, 'folder.slim'), '--force'], /no plain file/],
      [['decompress', model, '--out', folder], /is a folder, no plain file: name a file in it\n$/],
      [['compress', model, '--out', path.join(folder, 'none', 'a.slim')], /there is no folder/],
      [['compress', model, '--out', path.join(folder, 'fine.slim')], /is there already; --force replaces it/],
      // Its weights would take the place of the model's own.
      [
        ['export', model, '--out', path.join(folder, 'b.onnx'), '--force'],
        /w\.bin.*never overwritten.*\[file\/unwritable\]/,
      ],
      [['compress', model], /--out is needed: slimscope compress MODEL --out FILE\.slim/],
      [['compress', model, '--out', path.join(folder, 'a.onnx')], /ends with \.slim/],
      [['export', model, '--out', path.join(folder, 'a.slim')], /ends with \.onnx/],
      [
        ['decompress', model, '--out', path.join(folder, 'c.onnx')],
        /m\.onnx is no \.slim file.*\[file\/not-a-model at byte 0\]/,
      ],
      [['decompress', model, '--out', 'c.onnx', '--prune', 'none'], /decompress has no option --prune/],
      [['analyze', model, '--force'], /analyze has no option --force/],
      [['compress', model, '--out', 'a.slim', '--format', 'html'], /prints text or json, not "html"/],
    ];
    await threeAtATime(cases, async ([args, why]) =>
      assertRefused(await slimscope(args, { cwd: folder }), why),
    );
    assert.deepEqual([await readFile(model), await readFile(data)], before);
    assert.equal(await readFile(path.join(folder, 'fine.slim'), 'utf8'), 'mine');
    assert.deepEqual(
      (await readdir(folder)).toSorted(),
      ['fine.slim', 'folder.slim', 'link.slim', 'm.onnx', 'same.slim', 'weights'],
      'nothing is left',
    );
    const forced = await slimscope(['compress', model, '--out', path.join(folder, 'fine.slim'), '--force']);
    assert.equal(forced.code, 0, forced.stderr);
    assert.equal((await readFile(path.join(folder, 'fine.slim')))[0], 0x93);
  }));

test('what cannot be written is told in one line: a container, missing weights, damage', () =>
  withFolder(async (folder) => {
    const model = await withWeightsBeside(folder);
    const run = (...args: string[]) => slimscope(args, { cwd: folder });
    assert.equal((await run('compress', model, '--out', 'm.slim', '--share', '4')).code, 0);
    const whole = await readFile(path.join(folder, 'm.slim'));
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 9]! ^= 4;
    await writeFile(path.join(folder, 'flipped.slim'), flipped);
    for (const [name, length] of [
      ['cut', whole.length - 1],
      ['head', 100],
      ['short', 10],
    ] as const)
      await writeFile(path.join(folder, `${name}.slim`), whole.subarray(0, length));
    await mkdir(path.join(folder, 'alone'));
    await mkdir(path.join(folder, 'out'));
    await writeFile(path.join(folder, 'alone', 'm.onnx'), await readFile(model));
    const before = (await readdir(folder)).toSorted();
    const cases: [string[], RegExp][] = [
      [['compress', 'm.slim', '--out', 'again.slim'], /compressed already.*\[slim\/twice\]/],
      [['export', 'm.slim', '--out', 'again.onnx'], /compressed already.*\[slim\/twice\]/],
      [
        ['compress', 'alone/m.onnx', '--out', 'a.slim'],
        /weights\/w\.bin is not beside.*\[onnx\/external-data-missing\]/,
      ],
      [
        ['decompress', 'flipped.slim', '--out', 'out/a.onnx'],
        /stream "\w+".*of fc\.weight.*\[slim\/damaged at byte \d+\]/,
      ],
      [
        ['decompress', 'cut.slim', '--out', 'out/a.onnx'],
        /before the end of the stream "\w+" of fc.*\[slim\/truncated/,
      ],
      [
        ['decompress', 'head.slim', '--out', 'out/a.onnx'],
        /before the end of the header.*\[slim\/truncated at byte 100\]/,
      ],
      [
        ['decompress', 'short.slim', '--out', 'out/a.onnx'],
        /before the end of the header.*\[slim\/truncated at byte 10\]/,
      ],
      [['analyze', 'cut.slim'], /\[slim\/truncated/],
      [['decompress', 'none.slim', '--out', 'out/a.onnx'], /no such file/],
    ];
    await threeAtATime(cases, async ([args, why]) => assertRefused(await run(...args), why));
    assert.deepEqual((await readdir(folder)).toSorted(), before, 'nothing is left');
    assert.deepEqual(await readdir(path.join(folder, 'out')), []);
  }));

const large = denseModel([400, 600, 400]);

test('an interrupt while a model is written ends with 130 and leaves nothing', () =>
  withModel(async (folder, model) => {
    for (const command of ['compress', 'export']) {
      const out = path.join(folder, command === 'compress' ? 'm.slim' : 'n.onnx');
      const ended = await slimscope([command, model, '--out', out], {
        started: (child) => {
          const wait = setInterval(() => {
            void readdir(folder).then((names) => {
              if (!names.some((name) => name.endsWith('.part'))) return;
              clearInterval(wait);
              child.kill('SIGINT');
            });
          }, 5);
          child.on('close', () => clearInterval(wait));
        },
      });
      assert.deepEqual(ended, { code: 130, stdout: '', stderr: '' });
      assert.deepEqual(await readdir(folder), ['m.onnx'], command);
    }
  }, large));

test('a cancel at any share leaves nothing of the files, and the threads go on', () =>
  withModel(async (folder, model) => {
    const workers = countedThreads();
    const pool = new Pool(workers.spawn, 1);
    try {
      const order = {
        what: 'compress' as const,
        out: path.join(folder, 'm.slim'),
        overwrite: false,
        removeDeadUnits: false,
      };
      const source = { kind: 'file' as const, path: model };
      for (const share of [0, 0.3, 0.7, 0.95]) {
        const stop = new AbortController();
        const progress = (now: number) => {
          if (now >= share) stop.abort();
        };
        const run = writeFiles(pool, source, presets.eie, order, { signal: stop.signal, progress });
        await assert.rejects(run, { name: 'AbortError' });
        await new Promise((resolve) => setTimeout(resolve, 450));
        assert.deepEqual(await readdir(folder), ['m.onnx'], share.toString());
      }
      const shares: number[] = [];
      const { signal } = new AbortController();
      await writeFiles(pool, source, presets.eie, order, { signal, progress: (share) => shares.push(share) });
      assert.ok(shares.length > 3 && shares.at(-1)! <= 1);
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => a - b),
      );
      assert.deepEqual((await readdir(folder)).toSorted(), ['m.onnx', 'm.slim']);
    } finally {
      await pool.close();
    }
    assert.equal(workers.living.size, 0);
  }, large));

test(
  'a disk that takes no more is told in one line, and what was there stays',
  { skip: process.platform !== 'linux' },
  () =>
    withModel(async (folder, model) => {
      const out = path.join(folder, 'n.onnx');
      await writeFile(out, 'before');
      // A limit on the size of a file, in blocks of 512 or 1024 bytes.
      const { status, stdout, stderr } = spawnSync(
        'sh',
        [
          '-c',
          `ulimit -f 20; exec "$0" "$@"`,
          process.execPath,
          builtCli,
          'export',
          model,
          '--out',
          out,
          '--force',
        ],
        { encoding: 'utf8' },
      );
      assertRefused(
        { code: status, stdout, stderr },
        /n\.onnx cannot be written: .*too large \[file\/unwritable\]/,
      );
      assert.equal(await readFile(out, 'utf8'), 'before');
      assert.deepEqual((await readdir(folder)).toSorted(), ['m.onnx', 'n.onnx']);
    }, large),
);

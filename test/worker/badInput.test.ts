import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ReadError } from '../../analyzers/bytes/errors.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { Pool } from '../../analyzers/run/pool.ts';
import { assertRefused, reportOf, slimscope, threeAtATime } from '../support/commandLine.ts';
import { denseModel, weightTensor } from '../support/denseModel.ts';
import { withFolder } from '../support/folder.ts';
import { hostileModels } from '../support/hostileModels.ts';
import { onnxModel, type TensorSpec } from '../support/onnxFixture.ts';
import { countedThreads } from '../support/threads.ts';

const recipe = presets['deep-compression'];
const calm = () => new AbortController().signal;

/** A layer 'bad' that is made as the case wants, and a layer 'good' behind it. */
const twoLayers = (bad: Omit<TensorSpec, 'name'>) =>
  onnxModel({
    nodes: [
      { op: 'MatMul', inputs: ['x', 'bad.weight'], outputs: ['h'] },
      { op: 'MatMul', inputs: ['h', 'good.weight'], outputs: ['y'] },
    ],
    initializers: [{ name: 'bad.weight', ...bad }, weightTensor('good.weight', [20, 10], 3)],
    inputs: [{ name: 'x', shape: [1, 10] }],
    outputs: [{ name: 'y', shape: [1, 10] }],
  });

const codesOf = (report: Report): readonly string[] =>
  [...report.problems, ...report.layers.flatMap(({ problems }) => problems)].map(({ code }) => code);

test('the command line answers every kind of broken file in one line', () =>
  withFolder(async (folder) => {
    const wanted = [
      'an empty file',
      'an HTML page',
      'a tensor longer than the file',
      '10^6 empty initializers',
      '3,000 nested subgraphs',
    ];
    const cases = hostileModels
      .filter(({ name }) => wanted.includes(name))
      .map((hostile) => ({ name: hostile.name, code: hostile.code, bytes: hostile.make() }));
    assert.equal(cases.length, wanted.length);
    const whole = denseModel([20, 30, 10]);
    cases.push({ name: 'cut off early', code: 'file/truncated', bytes: whole.subarray(0, 700) });
    await threeAtATime(cases, async ({ name, code, bytes }) => {
      const file = path.join(folder, `${name.replaceAll(/\W/g, '-')}.onnx`);
      await writeFile(file, bytes);
      const ended = await slimscope(['analyze', file, '--format', 'json']);
      assertRefused(ended, new RegExp(`${path.basename(file)}.*\\[${code} at byte \\d+\\]`));
    });
  }));

test('a model that is cut off within a weight is told first as cut, and the other layer has its figures', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'cut.onnx');
    const whole = denseModel([20, 30, 10]);
    await writeFile(file, whole.subarray(0, whole.length - 700));
    const { layers, problems, totals } = await reportOf(file);
    assert.deepEqual([problems[0]?.code, problems[0]?.severity], ['file/truncated', 'error']);
    const [whole1, cut] = layers;
    assert.deepEqual([whole1?.name, whole1?.profile?.zeros], ['fc1', 0]);
    assert.deepEqual(
      [cut?.name, cut?.rows, cut?.profile, cut?.problems[0]?.code],
      ['fc2', 10, null, 'file/truncated'],
    );
    assert.equal(totals.weightsUnread, 300);
  }));

test('a weight that cannot be read is told with its code, and the other layer has its figures', () =>
  withFolder(async (outer) => {
    const folder = path.join(outer, 'models');
    await mkdir(folder);
    await writeFile(path.join(outer, 'secret.bin'), Buffer.alloc(800, 1));
    await writeFile(path.join(folder, 'short.bin'), Buffer.alloc(100, 1));
    await symlink(path.join(outer, 'secret.bin'), path.join(folder, 'link.bin'));
    const shape = [10, 20];
    const cases: Record<string, [bad: Omit<TensorSpec, 'name'>, code: string]> = {
      missing: [{ shape, external: { location: 'none.bin' } }, 'onnx/external-data-missing'],
      outside: [{ shape, external: { location: '../secret.bin' } }, 'onnx/external-data-outside'],
      absolute: [
        { shape, external: { location: path.join(outer, 'secret.bin') } },
        'onnx/external-data-outside',
      ],
      link: [{ shape, external: { location: 'link.bin' } }, 'onnx/external-data-outside'],
      short: [{ shape, external: { location: 'short.bin', length: 800 } }, 'onnx/external-data-short'],
      unknown: [{ shape, dtype: 99, raw: new Uint8Array(800) }, 'onnx/unknown-dtype'],
    };
    await threeAtATime(Object.entries(cases), async ([name, [bad, code]]) => {
      const file = path.join(folder, `${name}.onnx`);
      await writeFile(file, twoLayers(bad));
      const report = await reportOf(file);
      assert.ok(codesOf(report).includes(code), `${name}: ${codesOf(report).join(', ')}`);
      const good = report.layers.find((layer) => layer.name === 'good');
      assert.equal(good?.profile?.zeros, 0, name);
      const unread = report.layers.find((layer) => layer.name === 'bad');
      if (unread === undefined) return;
      assert.deepEqual([unread.profile, unread.encode, unread.problems[0]?.code], [null, null, code], name);
      assert.equal(unread.dtype, name === 'unknown' ? 'unknown' : 'f32');
      assert.equal(report.totals.weightsUnread, 200);
    });
  }));

test('dims whose product is beyond 2^53 are told, and the other layer has its figures', () =>
  withFolder(async (folder) => {
    const file = path.join(folder, 'm.onnx');
    await writeFile(file, twoLayers({ shape: [2 ** 30, 2 ** 30], raw: new Uint8Array(16) }));
    const report = await reportOf(file);
    assert.ok(codesOf(report).includes('limits/shape-overflow'), codesOf(report).join(', '));
    assert.ok(report.layers.some(({ name, encode }) => name === 'good' && encode !== null));
  }));

test('every hostile file is answered by one pool that goes on, without losing a worker', () =>
  withFolder(async (folder) => {
    const workers = countedThreads();
    const pool = new Pool(workers.spawn, 2);
    const fine = path.join(folder, 'fine.onnx');
    await writeFile(fine, denseModel([4, 3]));
    for (const [i, hostile] of hostileModels.entries()) {
      const { name, code, as } = hostile;
      const file = path.join(folder, `${i}.onnx`);
      await writeFile(file, hostile.make());
      const run = pool.analyze({ kind: 'file', path: file }, recipe, { signal: calm() });
      if (as === 'error') await assert.rejects(run, { name: 'ReadError', code }, name);
      else assert.ok(codesOf((await run).report).includes(code), name);
    }
    const { report } = await pool.analyze({ kind: 'file', path: fine }, recipe, { signal: calm() });
    assert.equal(report.totals.weights, 12);
    await pool.close();
    assert.ok(workers.started() <= 2, `${workers.started()} workers were needed`);
  }));

test('a model that is cut off after any of its bytes is an error with a place, or a report that says so', () =>
  withFolder(async (folder) => {
    const whole = denseModel([3, 4, 2]);
    const workers = countedThreads();
    const pool = new Pool(workers.spawn, 2);
    const outcomes = { refused: 0, told: 0 };
    for (let length = 0; length < whole.length; length += 1) {
      const file = path.join(folder, 'cut.onnx');
      await writeFile(file, whole.subarray(0, length));
      try {
        const { report } = await pool.analyze({ kind: 'file', path: file }, recipe, { signal: calm() });
        assert.equal(report.model.bytes, length);
        outcomes.told += 1;
      } catch (error) {
        assert.ok(error instanceof ReadError, String(error));
        assert.ok(error.code.startsWith('file/'), error.code);
        assert.ok(error.offset !== undefined && error.offset <= length);
        outcomes.refused += 1;
      }
    }
    await pool.close();
    assert.ok(outcomes.refused > whole.length / 2);
    assert.ok(workers.started() <= 2);
  }));

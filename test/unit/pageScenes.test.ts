import assert from 'node:assert/strict';
import test from 'node:test';
import { piecesOf } from '../../webview/bands/strip.ts';
import {
  countTicks,
  curveLimit,
  densityCurve,
  heightOf,
  histogramScene,
  placeOf,
} from '../../webview/charts/histogramScene.ts';
import { gapScene, streamParts, widthRows, widthSign } from '../../webview/charts/streamsScene.ts';
import { niceStep, ticksBetween } from '../../webview/charts/ticks.ts';
import { codesOf } from '../../webview/views/codebook.ts';
import { smallWindow } from '../../webview/views/keptPictures.ts';
import { ladderOf } from '../../analyzers/report/ladder.ts';
import { reportFixture } from '../support/reportFixture.ts';

const report = reportFixture;
const read = report.layers.filter(({ encode }) => encode !== null);

test('the pieces of a strip are the whole of its bytes, and the selected layer is never put together with others', () => {
  for (const step of ladderOf(report.layers, report.totals).steps)
    for (const selected of [null, ...read.map(({ index }) => index)])
      for (const least of [0, 0.01, 0.2, 0.9]) {
        const pieces = piecesOf(step, selected, least);
        const share = pieces.reduce((sum, piece) => sum + piece.share, 0);
        assert.ok(Math.abs(share - 1) < 1e-9);
        assert.equal(
          pieces.reduce((sum, { count }) => sum + count, 0),
          step.parts.length,
        );
        if (selected !== null) assert.equal(pieces.filter(({ layer }) => layer === selected).length, 1);
      }
});

test('bars below the threshold are pruned, on both sides alike', () => {
  for (const layer of read) {
    const scene = histogramScene(layer.profile!, layer.prune, layer.share, layer.weights);
    if (scene === null) continue;
    assert.deepEqual(scene.pruned, scene.pruned.toReversed());
    if (scene.threshold === null) assert.ok(!scene.pruned.includes(true));
    for (const { at, use } of scene.centroids) assert.ok(at >= 0 && at <= 1 && use >= 0 && use <= 1);
  }
});

test('the density falls as the threshold rises, from all that is counted to what lies outermost', () => {
  const counts = [1, 4, 10, 20, 10, 4, 1];
  const curve = densityCurve(counts, 7, 50);
  assert.deepEqual(
    curve.map(({ density }) => density),
    [0.04, 0.2, 0.6].toReversed(),
  );
  assert.deepEqual(
    curve.map(({ threshold }) => threshold),
    [1, 3, 5],
  );
});

test('a count on a logarithmic axis is 0 at 0, and its lines stand at powers of ten', () => {
  assert.equal(heightOf(0, true), 0);
  assert.equal(heightOf(9, true), 1);
  assert.deepEqual(countTicks(5_200, true), [1, 10, 100, 1000]);
  for (const most of [1, 3, 9, 10, 47, 99, 12_345])
    for (const tick of countTicks(most, false)) assert.ok(tick <= most && Number.isInteger(tick));
  assert.equal(placeOf(0, 3), 0.5);
});

test('ticks are round and inside', () => {
  assert.equal(niceStep(0.2, 4), 0.05);
  assert.equal(niceStep(800, 4), 200);
  assert.equal(niceStep(0, 4), 1);
  assert.deepEqual(ticksBetween(-100, 250, 100), [-100, 0, 100, 200]);
});

test('the parts of the streams sum to the coded size', () => {
  for (const layer of read) {
    const parts = streamParts(layer)!;
    assert.equal(
      parts.parts.reduce((sum, { bits }) => sum + bits, 0),
      parts.coded,
    );
  }
});

test('of the index widths one is best, and the one in use is marked', () => {
  for (const layer of read) {
    const rows = widthRows(layer);
    if (rows.length === 0) continue;
    const best = rows.filter((row) => row.best);
    assert.equal(best.length, 1);
    assert.ok(rows.every(({ total }) => total >= best[0]!.total));
    assert.equal(widthSign({ ...best[0]!, now: false, unused: true }), 'would be best');
    assert.equal(best[0]!.unused, layer.encode!.form === 'dense');
    assert.equal(rows.filter(({ now }) => now).length, layer.encode!.form === 'relative' ? 1 : 0);
  }
});

test('gaps are drawn only where the report lists them', () => {
  for (const layer of read) assert.equal(gapScene(layer) === null, layer.encode!.indexCounts === null);
});

test('code 0 leads the codebook when it is kept for padding', () => {
  for (const { share, encode } of read) {
    if (share === null) continue;
    const codes = codesOf(share, encode!.padding);
    assert.equal(codes.length, share.k + (share.zeroReserved || encode!.padding > 0 ? 1 : 0));
    assert.deepEqual(
      codes.map(({ code }) => code),
      codes.map((_, i) => i),
    );
  }
});

test('a small picture has whole cells and fits its place', () => {
  for (const [rows, cols] of [
    [1, 1],
    [10, 500],
    [500, 800],
    [4096, 9216],
    [64, 27],
  ] as const) {
    const { width, height, px } = smallWindow(rows, cols);
    assert.ok(width <= cols && height <= rows);
    assert.ok(width * px[0] <= 252 && height * px[1] <= 76);
  }
});

test('the axis of thresholds ends where next to nothing is left, and never before the threshold', () => {
  const curve = [1, 0.4, 0.02, 0.004, 0].map((density, i) => ({ threshold: i / 10, density }));
  assert.equal(curveLimit(curve, 0.5, 0), 0.3);
  assert.ok(Math.abs(curveLimit(curve, 0.5, 0.4) - 0.46) < 1e-9);
  assert.equal(curveLimit(curve, 0.5, 0.49), 0.5);
  assert.equal(curveLimit([], 0.5, 0), 0.5);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { readEnergyRows } from '../../analyzers/report/readEnergy.ts';
import { totalsOf } from '../../analyzers/report/totals.ts';
import { reportFixture } from '../support/reportFixture.ts';

const { model, layers } = reportFixture;
const totals = totalsOf(model, layers);
const rows = readEnergyRows(totals);

const near = (value: number, wanted: number, within: number): void =>
  assert.ok(Math.abs(value - wanted) <= within, `${value.toString()} is not ${wanted.toString()}`);

test("68 million weights at 640 pJ, 30 times a second, take the lecture's 1.3 W", () => {
  const lecture = rows[2] ?? assert.fail();
  assert.equal(lecture.weights, 68e6);
  assert.equal(lecture.printedWatts, 1.3);
  near(lecture.dramWatts, 68e6 * 640e-12 * 30, 1e-12);
  near(lecture.dramWatts, lecture.printedWatts, 0.05);
});

test("the papers' 61 million take 1.17 W", () => {
  const papers = rows[3] ?? assert.fail();
  assert.equal(papers.weights, 61e6);
  near(papers.dramWatts, 1.17, 0.005);
});

test('the opened model is told dense and coded, from DRAM and from SRAM at a 128th', () => {
  const [dense, coded] = rows;
  assert.equal(dense?.bits, totals.bits.dense);
  assert.equal(coded?.bits, totals.bits.coded);
  for (const row of rows) near(row.dramUj / row.sramUj, 128, 1e-9);
  assert.equal(dense?.dramUj, totals.dramReadUj.dense);
  assert.equal(coded?.sramUj, totals.sramReadUj.coded);
});

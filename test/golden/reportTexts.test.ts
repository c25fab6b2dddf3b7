import assert from 'node:assert/strict';
import test from 'node:test';
import { reportCsv } from '../../analyzers/report/csv.ts';
import { reportHtml } from '../../analyzers/report/html.ts';
import { reportJson } from '../../analyzers/report/json.ts';
import { reportMarkdown } from '../../analyzers/report/markdown.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { assertGolden } from '../support/golden.ts';
import { reportFixture } from '../support/reportFixture.ts';

test('a report reads as expected in a wide terminal', () => {
  assertGolden('report/wide.txt', reportText(reportFixture, { color: false, width: 120 }));
});

test('a report fits a terminal of 80 columns with colour, and one of 40 without', () => {
  assertGolden('report/color80.txt', reportText(reportFixture, { color: true, width: 80 }));
  assertGolden('report/narrow40.txt', reportText(reportFixture, { color: false, width: 40 }));
});

test('a report reads as expected as Markdown', () => {
  assertGolden('report/markdown.txt', reportMarkdown(reportFixture));
});

test('a report reads as expected as CSV', () => {
  const csv = reportCsv(reportFixture);
  assert.doesNotMatch(csv, /(?<!\r)\n/, 'lines end as RFC 4180 says');
  assertGolden('report/csv.txt', csv.replaceAll('\r\n', '\n'));
});

test('a report reads as expected as HTML', () => {
  assertGolden('report/html.txt', reportHtml(reportFixture));
});

test('two layers, one of them unread, read as expected as JSON', () => {
  assertGolden('report/json.txt', reportJson({ ...reportFixture, layers: reportFixture.layers.slice(3) }));
});

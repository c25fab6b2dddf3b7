import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import { reportCsv } from '../../analyzers/report/csv.ts';
import { reportHtml } from '../../analyzers/report/html.ts';
import { reportJson } from '../../analyzers/report/json.ts';
import { codeText, markdownText, reportMarkdown } from '../../analyzers/report/markdown.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { widthOf } from '../../analyzers/report/terminal.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { reportFixture } from '../support/reportFixture.ts';

const nasty = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; --",
  '=HYPERLINK("http://x")',
  '+1+1',
  '-2',
  '@SUM(A1)',
  '\t=1',
  'a|b',
  '`a`',
  'a\\|b',
  '[x](javascript:alert(1))',
  '![x](y)',
  '@octocat #12',
  'a\r\nb,"c"',
  '\u202egnp.exe',
  '\u001b[31mred\u0007',
  '&amp;',
  '重み'.repeat(40),
  'https://evil.example',
  'www.evil.example',
  'x'.repeat(5000),
  '\ud800',
  '',
];
const hostile = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...nasty, 'a', ' '), { maxLength: 4 }).map((parts) => parts.join('')),
);

/** The report of a model in which every text that a file can choose is this one. */
const withText = (text: string): Report => ({
  ...reportFixture,
  model: { ...reportFixture.model, name: text, files: [text], detail: [text] },
  recipe: { ...reportFixture.recipe, layers: [{ match: text, share: '5' }] },
  layers: reportFixture.layers.map((layer) => ({
    ...layer,
    name: text,
    tensor: text,
    usedBy: [text],
    operator: text,
  })),
  problems: reportFixture.problems.map((problem) => ({
    ...problem,
    message: text,
    at: { ...problem.at, tensor: text },
  })),
});

/** Control, format, line separator or lone surrogate; the escape sequences of colour are taken out before. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

test('the JSON of any report is read back as it was, and shows no hidden character', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const report = withText(text);
      const json = reportJson(report);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(report)));
      assert.doesNotMatch(json.replaceAll('\n', ''), hidden);
    }),
    { numRuns: 60 },
  );
});

const tags = (html: string): string[] => html.match(/<[^>]*>/g) ?? [];

test('no text from a file can add markup to the HTML report', () => {
  const expected = tags(reportHtml(withText('a')));
  fc.assert(
    fc.property(hostile, (text) => {
      const html = reportHtml(withText(text));
      assert.deepEqual(tags(html), expected);
      assert.doesNotMatch(html.replaceAll('\n', ''), hidden);
      const shown = /<h1>(.*)<\/h1>/.exec(html)?.[1] ?? '';
      const read = shown.replaceAll(
        /&(lt|gt|quot|#39|amp);/g,
        (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name] ?? '?',
      );
      assert.equal(read, plain(text));
    }),
    { numRuns: 60 },
  );
});

const lines = (text: string): string[] => text.split('\n');

test('no text from a file breaks a Markdown table or becomes markup in it', () => {
  const expected = lines(reportMarkdown(withText('a'))).length;
  fc.assert(
    fc.property(hostile, (text) => {
      const markdown = reportMarkdown(withText(text));
      assert.equal(lines(markdown).length, expected);
      for (const line of lines(markdown).filter((one) => one.startsWith('|')))
        assert.ok([6, 12, 14].includes(line.split('|').length - 1), line);
      assert.doesNotMatch(markdown.replaceAll('\n', ''), hidden);
    }),
    { numRuns: 60 },
  );
});

test('code in Markdown shows the text as it is, and prose has no sign that Markdown obeys', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const code = codeText(text);
      if (code.startsWith('`')) assert.equal(code, `\`${plain(text)}\``);
      else if (code !== '') {
        const inner = code.slice('<code>'.length, -'</code>'.length);
        assert.doesNotMatch(inner.replaceAll(/&#\d+;/g, ''), /[^\p{L}\p{N} ]/u);
        const read = inner.replaceAll(/&#(\d+);/g, (_, digits: string) =>
          String.fromCodePoint(Number(digits)),
        );
        assert.equal(read, plain(text));
      }
      const prose = markdownText(text);
      const bare = prose.replaceAll(/&#\d+;/g, '').replaceAll(/[@#]<!-- -->/g, '');
      assert.doesNotMatch(bare, /[<>|`*_[\]\\~]|:\/\/|@\w|#\w|\w\.[a-z]/i);
    }),
    { numRuns: 300 },
  );
});

/** RFC 4180, independently of the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('any report is read back from its CSV, and no cell is a formula', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [heads = [], ...rows] = parseCsv(reportCsv(withText(text)));
      assert.equal(rows.length, reportFixture.layers.length);
      for (const [i, row] of rows.entries()) {
        assert.equal(row.length, heads.length);
        const cell = (head: string): string => row[heads.indexOf(head)] ?? '';
        assert.equal(cell('name').replace(/^'/, ''), plain(text, 4096).replace(/^'/, ''));
        assert.equal(Number(cell('weights')), reportFixture.layers[i]?.weights);
        for (const value of row)
          assert.ok(!/^\s*[=+@-]/.test(value) || Number.isFinite(Number(value)), JSON.stringify(value));
      }
    }),
    { numRuns: 60 },
  );
});

/** The escape sequences that colour uses. */
const painted = new RegExp(`${String.fromCodePoint(27)}\\[(0|1|2|34)m`, 'g');

test('the terminal text keeps to its width, and obeys nothing that a file holds', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 40, max: 160 }), fc.boolean(), (text, width, color) => {
      const bare = reportText(withText(text), { color, width }).replaceAll(painted, '');
      for (const line of bare.split('\n')) {
        assert.ok(widthOf(line) <= width, `${widthOf(line).toString()} > ${width.toString()}: ${line}`);
        assert.doesNotMatch(line, hidden);
      }
    }),
    { numRuns: 60 },
  );
});

test('a cleaned text is bounded, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = plain(text);
      assert.ok(Array.from(once).length <= 200);
      assert.equal(plain(once), once);
      assert.ok(Array.from(plainMessage(text)).length <= 600);
    }),
  );
});

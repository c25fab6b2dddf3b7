import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const files = fs
  .readdirSync('webview', { recursive: true })
  .map((file) => path.join('webview', String(file)))
  .filter((file) => /\.(ts|css)$/.test(file))
  .map((file) => ({ file, text: fs.readFileSync(file, 'utf8') }));
const sources = files.filter(({ file }) => file.endsWith('.ts'));
const sheets = files.filter(({ file }) => file.endsWith('.css'));

const importers = (name: string): string[] =>
  sources.filter(({ text }) => new RegExp(`from '${name}`).test(text)).map(({ file }) => file);

test('one file of the page names the toolkit, and one the chart library', () => {
  assert.deepEqual(importers('@vscode/webview-ui-toolkit'), ['webview/ui/toolkit.ts']);
  assert.deepEqual(importers('chart.js'), ['webview/charts/chart.ts']);
});

test('no text of a model can become markup, and no style attribute is written', () => {
  for (const { file, text } of sources) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/, file);
    assert.doesNotMatch(text, /setAttribute\(\s*'style'|cssText/, file);
  }
});

test('every colour of the page comes from the theme', () => {
  for (const { file, text } of sheets) {
    const rules = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
    assert.doesNotMatch(rules, /#[0-9a-f]{3,8}\b(?![^{]*\{)/i, file);
    assert.doesNotMatch(rules, /\b(rgba?|hsla?|oklch|oklab|lab|lch)\(/i, file);
    assert.doesNotMatch(rules, /:\s*(white|black|red|green|blue|gr[ae]y|yellow|orange|purple)\b/i, file);
  }
});

test('sizes of letters follow the editor', () => {
  for (const { file, text } of sheets)
    assert.doesNotMatch(
      text.replaceAll(/--size: var\(--vscode-font-size, 13px\)/g, ''),
      /font-size:\s*\d/,
      file,
    );
});

test('nothing on the page moves by itself', () => {
  for (const { file, text } of sheets)
    assert.doesNotMatch(text, /@keyframes|(transition|animation)(-[a-z]+)?:(?!\s*none)/, file);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { contentSecurityPolicy, pageHtml } from '../../extension/editor/page.ts';

const parts = {
  cspSource: 'https://*.example.test',
  nonce: 'bm9uY2U',
  script: 'https://x.example.test/dist/webview.js',
  styles: 'https://x.example.test/dist/webview.css',
  title: 'lenet.onnx',
};

test('the policy allows nothing by default, nothing inline and no evaluation', () => {
  const policy = contentSecurityPolicy(parts);
  const directives = new Map(
    policy.split('; ').map((text) => [text.slice(0, text.indexOf(' ')), text.slice(text.indexOf(' ') + 1)]),
  );
  assert.equal(directives.get('default-src'), "'none'");
  assert.equal(directives.get('script-src'), "'nonce-bm9uY2U'");
  assert.doesNotMatch(policy, /unsafe|\*(?!\.example)|connect-src|frame-src/);
});

test('every script of the page carries the nonce and comes from a file', () => {
  const scripts = pageHtml(parts).match(/<script[^>]*>[^<]*<\/script>/g) ?? [];
  assert.deepEqual(scripts, [
    '<script nonce="bm9uY2U" src="https://x.example.test/dist/webview.js"></script>',
  ]);
});

test('the page has no inline style or handler and a main element for the report', () => {
  const html = pageHtml(parts);
  assert.doesNotMatch(html, /\sstyle=|\son[a-z]+=|<style/);
  assert.match(html, /<main id="app"><\/main>/);
});

test('a file name cannot end the title or open a tag', () => {
  const html = pageHtml({ ...parts, title: `</title><script>alert("x")</script>&'` });
  assert.equal(html.match(/<script/g)?.length, 1);
  assert.equal(html.match(/<\/title>/g)?.length, 1);
});

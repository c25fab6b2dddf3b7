import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { reportCsv } from '../../analyzers/report/csv.ts';
import { reportHtml } from '../../analyzers/report/html.ts';
import { reportJson } from '../../analyzers/report/json.ts';
import { ladderOf } from '../../analyzers/report/ladder.ts';
import { reportMarkdown } from '../../analyzers/report/markdown.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { parseRecipe } from '../../analyzers/report/recipeFile.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { schemaErrors } from '../support/jsonSchema.ts';
import { reportFaults } from '../support/reportFaults.ts';

const schema = JSON.parse(fs.readFileSync('docs/report.schema.json', 'utf8')) as object;
const samples = fs.readdirSync('samples').filter((name) => name.endsWith('.onnx'));
const { signal } = new AbortController();

const made = new Map<string, Promise<Report>>();

/** One run a sample and recipe, whichever test asks first. */
function reportOf(name: string, recipe: Report['recipe']): Promise<Report> {
  const key = JSON.stringify([name, recipe]);
  const source = { kind: 'file', path: path.resolve('samples', name) } as const;
  const report = made.get(key) ?? analyze(source, recipe, { open: openFile, digest: sha256, signal });
  made.set(key, report);
  return report;
}

test('the report of every sample fits the published schema under every preset, and nothing is undocumented', async () => {
  assert.ok(samples.length >= 2);
  for (const name of samples)
    for (const recipe of Object.values(presets)) {
      const report = await reportOf(name, recipe);
      const json: unknown = JSON.parse(reportJson(report));
      assert.deepEqual(schemaErrors(schema, json, true), [], `${name} ${recipe.preset}`);
      assert.deepEqual(reportFaults(report), [], `${name} ${recipe.preset}`);
      assert.ok(report.layers.length > 0);
    }
});

test('no text of a real report prints what is not a number', async () => {
  for (const name of samples)
    for (const recipe of [
      presets['as-is'],
      presets['deep-compression'],
      { ...presets.eie, lossless: true },
    ]) {
      const report = await reportOf(name, recipe);
      const texts = [
        reportText(report, { color: false, width: 100 }),
        reportMarkdown(report),
        reportHtml(report),
        reportCsv(report),
      ];
      for (const text of texts)
        assert.doesNotMatch(text, /\b(NaN|undefined|null|infinity|not a number)\b/, name);
    }
});

test('the factor of every bar of a real report is dense divided by it', async () => {
  for (const name of samples) {
    const report = await reportOf(name, presets['deep-compression']);
    for (const { factor, bits } of ladderOf(report.layers, report.totals).steps)
      assert.equal(factor, report.totals.bits.dense / bits, name);
  }
});

test('the recipe that lies with the samples is read', () => {
  const file = 'samples/lenet.slimscope.yaml';
  const recipe = parseRecipe(fs.readFileSync(file, 'utf8'), file);
  assert.ok(recipe.layers.length > presets[recipe.preset].layers.length);
});

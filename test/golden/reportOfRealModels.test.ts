import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { sha256 } from '../../analyzers/node/digest.ts';
import { openFile } from '../../analyzers/node/fileSource.ts';
import { reportCsv } from '../../analyzers/report/csv.ts';
import { reportHtml } from '../../analyzers/report/html.ts';
import { reportJson } from '../../analyzers/report/json.ts';
import { reportMarkdown } from '../../analyzers/report/markdown.ts';
import { presets } from '../../analyzers/report/presets.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { reportText } from '../../analyzers/report/text.ts';
import { analyze } from '../../analyzers/run/analyze.ts';
import { schemaErrors } from '../support/jsonSchema.ts';
import { reportFaults } from '../support/reportFaults.ts';

const folder = path.resolve('../shared/models/onnx');
const there = fs.existsSync(folder);
const models = there ? fs.readdirSync(folder).filter((name) => name.endsWith('.onnx')) : [];
/** Bytes of a model that is analysed under every preset: the others take seconds each. */
const smallModel = 400_000;
const schema = JSON.parse(fs.readFileSync('docs/report.schema.json', 'utf8')) as object;

const check = (report: Report): void => {
  const what = `${report.model.name} ${report.recipe.preset}`;
  assert.deepEqual(reportFaults(report), [], what);
  assert.deepEqual(schemaErrors(schema, JSON.parse(reportJson(report)), true), [], what);
  const texts = [
    reportText(report, { color: false, width: 100 }),
    reportMarkdown(report),
    reportHtml(report),
    reportCsv(report),
  ];
  for (const text of texts) assert.doesNotMatch(text, /\b(NaN|undefined|null|infinity|not a number)\b/, what);
};

if (!there) test('reports of real models agree', { skip: 'the folder of real models is not here' }, () => {});

for (const name of models)
  test(`the report of ${name} agrees with itself, with the schema, and with its texts`, async () => {
    const small = fs.statSync(path.join(folder, name)).size < smallModel;
    for (const recipe of small ? Object.values(presets) : [presets['deep-compression']])
      check(
        await analyze({ kind: 'file', path: path.join(folder, name) }, recipe, {
          open: openFile,
          digest: sha256,
          signal: new AbortController().signal,
        }),
      );
  });

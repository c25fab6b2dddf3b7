import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import test from 'node:test';
import { style, styleHash } from '../../analyzers/report/htmlStyle.ts';
import { presetNames, presets } from '../../analyzers/report/presets.ts';
import { budgetKeys, layerOps, ruleConditions } from '../../analyzers/report/recipe.ts';
import { parseRecipe } from '../../analyzers/report/recipeFile.ts';
import { shareMethods } from '../../analyzers/report/rules.ts';
import { dtypeBits } from '../../analyzers/model/dtype.ts';
import { projectFiles } from '../support/projectFiles.ts';

interface Fields {
  readonly properties: Readonly<Record<string, { readonly description: string }>>;
}

const page = fs.readFileSync('docs/report-schema.md', 'utf8');
const schemaText = fs.readFileSync('docs/report.schema.json', 'utf8');
const schema = JSON.parse(schemaText) as Fields & { readonly definitions: Readonly<Record<string, Fields>> };

const typeFiles = [
  'analyzers/model/problem.ts',
  'analyzers/model/dtype.ts',
  'analyzers/report/eie.ts',
  'analyzers/report/layerReport.ts',
  'analyzers/report/recipe.ts',
  'analyzers/report/report.ts',
];

/** The types without their comments and spaces: a comment may be reworded without touching the page. */
const typesHash = (): string => {
  const bare = typeFiles.map((file) =>
    fs
      .readFileSync(file, 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replaceAll(/\s+/g, ''),
  );
  return crypto.createHash('sha256').update(bare.join('\n')).digest('hex').slice(0, 16);
};

test('the page about the report was looked at since its types last changed', () => {
  assert.ok(
    page.includes(`<!-- types: ${typesHash()} -->`),
    `compare docs/report-schema.md and docs/report.schema.json with the types, then write <!-- types: ${typesHash()} -->`,
  );
});

test('the page and the schema describe the same fields in the same words', () => {
  const rows = new Map<string, number>();
  for (const [, name, unit, meaning] of page.matchAll(
    /^\| `(\w+)`\s*\|[^|]*\| ([^|]*?)\s*\| ((?:\\\||[^|])*?)\s*\|$/gm,
  )) {
    const key = `${name ?? ''}: ${meaning ?? ''}${unit === '' ? '' : ` Unit: ${unit ?? ''}.`}`;
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  const fields = [schema, ...Object.values(schema.definitions)].flatMap(({ properties }) =>
    Object.entries(properties).map(([name, { description }]) => `${name}: ${description}`),
  );
  assert.ok(fields.length > 100);
  for (const field of fields) {
    const written = field.replaceAll('*', '\\*');
    assert.ok(rows.has(field) || rows.has(written), `docs/report-schema.md lacks: ${field}`);
  }
  assert.equal(
    [...rows.values()].reduce((a, b) => a + b, 0),
    fields.length,
  );
});

test('the schemas know every element type, op, condition, method, preset and budget', () => {
  const recipeSchema = fs.readFileSync('docs/recipe.schema.json', 'utf8');
  for (const dtype of Object.keys(dtypeBits)) assert.ok(schemaText.includes(`"${dtype}"`), dtype);
  for (const name of [...layerOps, ...ruleConditions, ...presetNames])
    for (const text of [schemaText, recipeSchema]) assert.ok(text.includes(`"${name}"`), name);
  for (const name of budgetKeys) assert.ok(recipeSchema.includes(`"${name}"`), name);
  for (const name of shareMethods) assert.match(recipeSchema, new RegExp(`\\b${name}\\b`));
});

test('every problem code in the sources has a section that explains it, and every section a code', () => {
  const sections = [...fs.readFileSync('docs/problems.md', 'utf8').matchAll(/^## (\S+)$/gm)].map(
    (match) => match[1] ?? '',
  );
  assert.deepEqual(sections, [...new Set(sections)], 'no section twice');
  const spaces = new Set(sections.map((code) => code.split('/')[0]));
  const found = new Map<string, string>();
  const sources = projectFiles().filter((file) => /^(analyzers|extension|webview)\/.*\.ts$/.test(file));
  for (const file of sources) {
    const text = fs.readFileSync(file, 'utf8');
    for (const [, code = ''] of text.matchAll(/['"`]([a-z]+\/[a-z]+(?:-[a-z]+)*)['"`]/g))
      if (spaces.has(code.split('/')[0])) found.set(code, file);
    for (const [, code = ''] of text.matchAll(/\bcode(?: = |: )'([a-z]+\/[a-z-]+)'/g)) found.set(code, file);
  }
  for (const [code, file] of found) assert.ok(sections.includes(code), `${code} of ${file} has no section`);
  for (const code of sections) assert.ok(found.has(code), `${code} is in no source`);
});

test('every recipe that the pages show is one that can be read', () => {
  const blocks = ['docs/recipes.md', 'README.md'].flatMap((file) =>
    [...fs.readFileSync(file, 'utf8').matchAll(/```(ya?ml|json)\n([\s\S]*?)```/g)].map((match) => ({
      file,
      text: match[2] ?? '',
    })),
  );
  const recipes = blocks.filter(({ text }) => /^\s*("?preset"?|layers):/m.test(text));
  assert.ok(recipes.length >= 2);
  for (const { file, text } of recipes) parseRecipe(text, file);
});

test('the page about recipes spells out each preset as it is', () => {
  const text = fs.readFileSync('docs/recipes.md', 'utf8');
  for (const name of presetNames) {
    const block = new RegExp(`## ${name}\\n[\\s\\S]*?\`\`\`yaml\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
    assert.ok(block !== undefined, name);
    const { layers } = parseRecipe(block, name, 'as-is');
    assert.deepEqual(
      layers.slice(presets['as-is'].layers.length).map((rule) => ({ ...rule })),
      presets[name].layers.map((rule) => ({ ...rule })),
      name,
    );
  }
});

test('the policy of the HTML report allows exactly the style that it carries', () => {
  assert.equal(styleHash, crypto.createHash('sha256').update(style).digest('base64'));
});

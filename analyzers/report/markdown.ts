import { budgetSheet } from './budgetText.ts';
import { plain, plainMessage } from './clean.ts';
import { ladderOf, type Ladder } from './ladder.ts';
import { columns, type Column } from './layerTable.ts';
import { paperColumns, paperNote, paperSizes } from './paperTable.ts';
import { allProblems } from './problems.ts';
import type { Report } from './report.ts';
import { asIsHead, stepNote, whatIfHead } from './sizes.ts';
import { accuracyText, asIsLine, conditions, fileLine, recipeLine, whatIfLine } from './summary.ts';
import { bytesText, factorText } from './units.ts';

/** Sizes, layers and problems as GitHub's Markdown. Texts from the file stand as code, or with their signs encoded. */
export function reportMarkdown(report: Report): string {
  const whatIf = whatIfLine(report);
  const parts = [
    `## ${codeText(report.model.name)}`,
    fileLine(report.model, report.totals).split(' · ').map(markdownText).join(' · '),
    [`As it is: ${asIsLine(report)}.`, ...(whatIf === null ? [] : [`${whatIf}.`])].join('  \n'),
  ];
  if (report.totals.weights > 0) parts.push('### Sizes', sizes(ladderOf(report.layers, report.totals)));
  if (report.layers.length > 0) parts.push('### Layers', layerTable(report, columns));
  if (report.totals.weights > 0)
    parts.push(
      '### As Deep Compression counts',
      layerTable(report, paperColumns),
      `${paperSizes(report.totals)}. ${paperNote}`,
    );
  parts.push(budget(report));
  if (allProblems(report).length > 0) parts.push('### Problems', problemList(report));
  parts.push(
    conditions(report)
      .map((line) => `- ${line}`)
      .join('\n'),
  );
  parts.push(`Recipe: ${recipeLine(report.recipe)}. Made by ${codeText(report.tool)}.`);
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function sizes(ladder: Ladder): string {
  const rows = ladder.steps.map((step) => [
    step.label,
    bytesText(step.bytes),
    step.factor === null ? '' : factorText(step.factor),
    step.whatIf ? accuracyText : 'as the file',
    [step.whatIf ? whatIfHead : asIsHead, stepNote(step)].filter((note) => note !== '').join('; '),
  ]);
  return markdownTable(
    ['', 'size', 'factor', 'accuracy', ''],
    ['left', 'right', 'right', 'left', 'left'],
    rows,
  );
}

function layerTable({ layers, totals }: Report, heads: readonly Column[]): string {
  const rows = layers.map((layer) =>
    heads.map(({ cell, fromFile }) => {
      const text = cell(layer, totals);
      return fromFile ? codeText(text) : text;
    }),
  );
  const total = heads.map((column) => column.total(totals)).map((text) => (text === '' ? '' : `**${text}**`));
  return markdownTable(
    heads.map(({ head }) => head),
    heads.map(({ align }) => align),
    [...rows, total],
  );
}

function budget(report: Report): string {
  const sheet = budgetSheet(report);
  if (sheet === null) return '';
  const { lines, columns: of, choices, notes } = sheet;
  const rows = choices.map((choice) =>
    of.map(({ cell, fromFile }) => (fromFile ? codeText(cell(choice)) : cell(choice))),
  );
  const parts = ['### Budget', lines.join('  \n')];
  if (rows.length > 0)
    parts.push(
      markdownTable(
        of.map(({ head }) => head),
        of.map(({ align }) => align),
        rows,
      ),
      ...notes,
    );
  return parts.join('\n\n');
}

const problemList = (report: Report): string =>
  allProblems(report)
    .map(({ severity, code, message }) => `- ${severity} ${codeText(code)}: ${markdownText(message)}`)
    .join('\n');

export function markdownTable(
  heads: readonly string[],
  aligns: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): string {
  const rule = aligns.map((align) => (align === 'right' ? '---:' : '---'));
  return [heads, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A text from the file as code. A code span cannot hold a backtick, a bar or a backslash in a table: then as HTML. */
export function codeText(text: string): string {
  const clean = plain(text);
  if (clean.trim() === '') return '';
  return /[`|\\]/.test(clean) ? `<code>${encoded(clean)}</code>` : `\`${clean}\``;
}

/** A text from the file as prose: no markup, no link, no mention of a person or an issue. */
export const markdownText = (text: string): string =>
  plainMessage(text).replaceAll(
    /[&<>|`*_[\]\\~$]|:(?=\/\/)|(?<=[\p{L}\p{N}])\.(?=\p{L})|[@#](?=\w)/gu,
    (sign) => (sign === '@' || sign === '#' ? `${sign}<!-- -->` : entity(sign)),
  );

const encoded = (text: string): string => text.replaceAll(/[^\p{L}\p{N} ]/gu, entity);
const entity = (sign: string): string => `&#${(sign.codePointAt(0) ?? 0).toString()};`;

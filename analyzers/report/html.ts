import type { Problem } from '../model/problem.ts';
import { budgetSheet } from './budgetText.ts';
import { plain, plainMessage } from './clean.ts';
import { style, styleHash } from './htmlStyle.ts';
import { ladderOf, type Ladder, type LadderStep } from './ladder.ts';
import { columns, type Column } from './layerTable.ts';
import { paperColumns, paperNote, paperSizes } from './paperTable.ts';
import { allProblems } from './problems.ts';
import type { Report } from './report.ts';
import { asIsHead, stepNote, whatIfHead } from './sizes.ts';
import { accuracyText, asIsLine, conditions, fileLine, recipeLine, whatIfLine } from './summary.ts';
import { bytesText, counted, factorText } from './units.ts';

/** Nothing but the page's own style: no script, no request, no form, no frame. */
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** One self-contained page for reading and printing; light or dark as the reader prefers. */
export function reportHtml(report: Report): string {
  const { model, totals, layers } = report;
  const problems = allProblems(report);
  const name = escaped(plain(model.name));
  const whatIf = whatIfLine(report);
  const body = [
    `<h1>${name}</h1>`,
    `<p class="quiet">${escaped(fileLine(model, totals))}</p>`,
    `<p>As it is: ${escaped(asIsLine(report))}.</p>`,
    whatIf === null ? '' : `<p>${escaped(whatIf)}.</p>`,
    totals.weights > 0 ? sizes(ladderOf(layers, totals)) : '',
    layers.length > 0
      ? layerTable(report, columns, 'Layers', `${counted(layers.length, 'layer')} in order of first use`)
      : '',
    totals.weights > 0
      ? layerTable(report, paperColumns, 'As Deep Compression counts', `${paperSizes(totals)}. ${paperNote}`)
      : '',
    budget(report),
    problems.length > 0 ? problemList(problems) : '',
    `<h2>What these figures say</h2>\n<ul>${conditions(report)
      .map((line) => `<li>${escaped(line)}</li>`)
      .join('')}</ul>`,
    recipeList(report),
    `<p class="quiet">${escaped(plain(report.tool))}</p>`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${name}: compression report</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    ...body.filter((part) => part !== ''),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sizes(ladder: Ladder): string {
  const part = (head: string, steps: readonly LadderStep[]): string =>
    steps.length === 0
      ? ''
      : `<tbody class="part"><tr><td class="note" colspan="6">${head}</td></tr>${steps
          .map((step) => sizeRow(step, ladder.longestBits))
          .join('')}</tbody>`;
  return [
    '<h2>Sizes</h2>',
    '<p class="quiet">Bars are to one scale; what the file holds beside the weights is grey; the upright line is the limit for independent positions.</p>',
    '<div class="scroll"><table class="sizes">',
    '<thead><tr><th>step</th><th class="right">size</th><th></th><th class="right">factor</th><th>accuracy</th><th></th></tr></thead>',
    part(
      asIsHead,
      ladder.steps.filter(({ whatIf }) => !whatIf),
    ),
    part(
      whatIfHead,
      ladder.steps.filter(({ whatIf }) => whatIf),
    ),
    '</table></div>',
  ].join('\n');
}

function sizeRow(step: LadderStep, longestBits: number): string {
  const cells = [
    `<th scope="row">${step.label}</th>`,
    `<td class="right">${bytesText(step.bytes)}</td>`,
    `<td class="bar">${bar(step, longestBits)}</td>`,
    `<td class="right">${step.factor === null ? '' : factorText(step.factor)}</td>`,
    `<td class="note">${step.whatIf ? accuracyText : 'as the file'}</td>`,
    `<td class="note">${escaped(stepNote(step))}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

/** The weights from the left, then the rest, then the limit as a line. Hidden from readers of the text: it says the same. */
function bar({ bits, restBits, limitBits }: LadderStep, longestBits: number): string {
  const at = (x: number): string => (longestBits > 0 ? ((1000 * x) / longestBits).toFixed(1) : '0');
  const limit =
    limitBits === null
      ? ''
      : `<rect class="limit" x="${at(limitBits + restBits)}" y="0" width="2" height="14"/>`;
  return (
    '<svg viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">' +
    `<rect class="weights" x="0" y="1" width="${at(bits)}" height="12"/>` +
    `<rect class="rest" x="${at(bits)}" y="1" width="${at(restBits)}" height="12"/>${limit}</svg>`
  );
}

const side = (align: 'left' | 'right'): string => (align === 'right' ? ' class="right"' : '');

const tableRow = (texts: readonly string[], heads: readonly Column[]): string => {
  const [name = '', ...rest] = texts.map(escaped);
  const cells = rest.map((text, i) => `<td${side(heads[i + 1]?.align ?? 'left')}>${text}</td>`);
  return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`;
};

function layerTable(
  { layers, totals }: Report,
  heads: readonly Column[],
  title: string,
  note: string,
): string {
  const body = layers.map((layer) =>
    tableRow(
      heads.map(({ cell }) => cell(layer, totals)),
      heads,
    ),
  );
  const foot = tableRow(
    heads.map(({ total }) => total(totals)),
    heads,
  );
  return [
    `<h2>${title}</h2>`,
    `<p class="quiet">${escaped(note)}</p>`,
    '<div class="scroll"><table>',
    `<thead><tr>${heads.map(({ head, align }) => `<th scope="col"${side(align)}>${escaped(head)}</th>`).join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    `<tfoot>${foot}</tfoot>`,
    '</table></div>',
  ].join('\n');
}

function budget(report: Report): string {
  const sheet = budgetSheet(report);
  if (sheet === null) return '';
  const { lines, columns: of, choices, notes } = sheet;
  const heads = of.map(({ head, align }) => `<th scope="col"${side(align)}>${head}</th>`);
  const rows = choices.map((choice) => {
    const [name = '', ...rest] = of.map(({ cell }) => escaped(cell(choice)));
    const cells = rest.map((text, i) => `<td${side(of[i + 1]?.align ?? 'left')}>${text}</td>`);
    return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`;
  });
  return [
    '<h2>Budget</h2>',
    ...lines.map((line) => `<p>${escaped(line)}</p>`),
    ...(rows.length === 0
      ? []
      : [
          `<div class="scroll"><table><thead><tr>${heads.join('')}</tr></thead>`,
          `<tbody>${rows.join('\n')}</tbody></table></div>`,
          ...notes.map((note) => `<p>${escaped(note)}</p>`),
        ]),
  ].join('\n');
}

function problemList(problems: readonly Problem[]): string {
  const items = problems.map(
    ({ severity, code, message }) =>
      `<li>${severity} <code>${escaped(plain(code))}</code> ${escaped(plainMessage(message))}</li>`,
  );
  return `<h2>${counted(problems.length, 'problem')}</h2>\n<ul>${items.join('\n')}</ul>`;
}

function recipeList({ recipe }: Report): string {
  const rules = recipe.layers.map(
    (rule) =>
      `<li><code>${escaped(
        Object.entries(rule)
          .map(([key, value]) => `${key}: ${plain(String(value))}`)
          .join(', '),
      )}</code></li>`,
  );
  return `<h2>Recipe: ${escaped(recipeLine(recipe))}</h2>\n<p class="quiet">Later rules win.</p>\n<ul>${rules.join('')}</ul>`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

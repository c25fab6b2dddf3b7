import type { Report } from './report.ts';

/** Keys in the order in which they are printed; any other key follows them by name. */
const order = new Map(
  (
    'schema tool model recipe layers totals problems ' +
    'index name tensor usedBy operator op first dtype shape rows cols positions weights macs ' +
    'format bytes files weightBytes fingerprint tensors detail ' +
    'count elements byPlace initializer constant subgraphInitializer subgraphConstant sparse function ' +
    'preset lossless match when prune share batchNorm inputs budgets ' +
    'parameters symbolicBatch weightsUnread zeros nonFinite min max mean std stdNonZero ' +
    'profile kept density macsUnknown rule threshold ties deadRows deadCols nm violations groups axis remainder ' +
    'histogram limit counts bits k zeroReserved method centroids codeLengths paddingLength mse sqnrDb exact ' +
    'encode form indexBits indexBitsPruned entries padding codeBitsMean indexBitsMean ' +
    'rest dense survivors pruned csr shared coded codedPaper order0 factor dramReadUj slimBytes fileFactor ' +
    'indexCounts indexLengths indexWidths fixedBits codedBits activation eie ' +
    'severity code message at file offset'
  )
    .split(' ')
    .map((key, place) => [key, place]),
);

/** The whole report as JSON in UTF-8: numbers finite or null, keys in a fixed order, lists of numbers on one line. */
export const reportJson = (report: Report): string => `${printed(report, '')}\n`;

function printed(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>, (item) => printed(item, inner));
    const flat = items.every((item) => !item.startsWith('{') && !item.startsWith('['));
    return wrapped('[', items, ']', indent, flat);
  }
  const entries = Object.entries(value)
    .toSorted(byPlace)
    .map(([key, item]) => `${quoted(key)}: ${printed(item, inner)}`);
  return wrapped('{', entries, '}', indent, entries.length === 0);
}

function wrapped(
  open: string,
  items: readonly string[],
  close: string,
  indent: string,
  flat: boolean,
): string {
  if (flat) return open + items.join(', ') + close;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

function byPlace([a]: [string, unknown], [b]: [string, unknown]): number {
  const places = (order.get(a) ?? order.size) - (order.get(b) ?? order.size);
  if (places !== 0) return places;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** As JSON, with the characters that a terminal or an editor would obey or hide written as escapes. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

import path from 'node:path';
import { reportCsv } from '../../report/csv.ts';
import { reportHtml } from '../../report/html.ts';
import { reportJson } from '../../report/json.ts';
import { reportMarkdown } from '../../report/markdown.ts';
import type { Report } from '../../report/report.ts';
import { reportText } from '../../report/text.ts';
import { quoted } from './args.ts';
import { UsageError } from './exitCode.ts';
import { nearest } from './suggest.ts';

/** How a report is put into characters; only `text` looks at where it goes. */
export interface Sheet {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
}

export const formats = {
  text: (report: Report, sheet: Sheet): string => reportText(report, sheet),
  json: reportJson,
  csv: reportCsv,
  md: reportMarkdown,
  html: reportHtml,
} as const satisfies Readonly<Record<string, (report: Report, sheet: Sheet) => string>>;

export type FormatName = keyof typeof formats;

/** As formatFrom, of the formats of a report. */
export const formatOf = (asked: string | undefined, out: string | undefined): FormatName =>
  formatFrom(formats, asked, out);

/**
 * As asked for; else as the name of the file says that is written: text without an ending, and with .txt. Without a
 * file it is text. Throws UsageError for a format and for an ending that are not known.
 */
export function formatFrom<F extends { readonly text: unknown }>(
  known: F,
  asked: string | undefined,
  out: string | undefined,
): keyof F & string {
  const names = Object.keys(known) as (keyof F & string)[];
  if (asked === undefined) {
    const ending = out === undefined ? '' : path.extname(out).toLowerCase();
    if (ending === '' || ending === '.' || ending === '.txt') return 'text';
    const meant = names.find((name) => ending === `.${name}`);
    if (meant !== undefined) return meant;
    const endings = ['.txt', ...names.filter((name) => name !== 'text').map((name) => `.${name}`)];
    throw new UsageError(
      `the ending of ${quoted(path.basename(out!))} chooses no format: the endings are ${endings.join(', ')}; or name one with --format`,
    );
  }
  const found = names.find((name) => name === asked);
  if (found !== undefined) return found;
  const near = nearest(asked, names);
  const hint = near === null ? `the formats are ${names.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`there is no format ${quoted(asked)}; ${hint}`);
}

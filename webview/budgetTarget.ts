import type { Totals } from '../analyzers/report/report.ts';
import { bytesText, counted, countText, factorText } from '../analyzers/report/units.ts';

/** 'the .slim file: 127 920 bytes (2.48x)'; null when it is not known. */
export const slimFileText = ({
  slimBytes,
  fileFactor,
}: Pick<Totals, 'slimBytes' | 'fileFactor'>): string | null =>
  slimBytes === null
    ? null
    : `the .slim file: ${countText(slimBytes)} bytes${fileFactor === null ? '' : ` (${factorText(fileFactor)})`}`;

/** What was typed as a target, as the recipe says it, and how it was understood; or why it is none. */
export type TypedTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly words: string }
  | { readonly kind: 'right'; readonly rule: string; readonly words: string };

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Spaces group digits; a comma or a point stands before the fraction. */
const written = /^(\d+(?:[.,]\d+)?(?:e\d+)?)([a-z×]*)$/;

/** '70 kB', '70000', '0.5 MiB': at most so many bytes. '30x': at least so many times smaller. */
export function typedTarget(text: string): TypedTarget {
  const bare = text.replaceAll(/[\s\u202f\u00a0]/g, '').toLowerCase();
  if (bare === '') return { kind: 'none' };
  const [, digits = '', unit = ''] = written.exec(bare) ?? [];
  const value = Number(digits.replace(',', '.'));
  if (digits === '' || !Number.isFinite(value) || value <= 0)
    return { kind: 'wrong', words: 'give bytes, as 70 kB, or a factor, as 30x' };
  if (unit === 'x' || unit === '×')
    return {
      kind: 'right',
      rule: `factor=${value.toString()}`,
      words: `at least ${factorText(value)} smaller`,
    };
  const size = units[unit];
  if (size === undefined) return { kind: 'wrong', words: 'the units are B, kB, MB, GB, KiB, MiB, GiB and x' };
  const bytes = Math.floor(value * size);
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    return { kind: 'wrong', words: 'that is no number of bytes' };
  return {
    kind: 'right',
    rule: `bytes=${bytes.toString()}`,
    words: `at most ${bytesText(bytes)} (${counted(bytes, 'byte')})`,
  };
}

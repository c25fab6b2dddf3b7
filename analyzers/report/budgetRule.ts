import { RecipeError } from './recipeError.ts';

/** What the coded weights are to come down to: so many bytes, or so many times smaller than as they are stored. */
export type BudgetTarget =
  { readonly kind: 'bytes'; readonly bytes: number } | { readonly kind: 'factor'; readonly factor: number };

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);

const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['byte', 1],
  ['bytes', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
]);

/** Spaces group digits; a comma or a point stands before the fraction. */
const written = /^(?:(bytes|factor)=)?(\d+(?:[.,]\d+)?(?:e[-+]?\d+)?)([a-z×]*)$/;

/** '70 kB', '70000', 'bytes=70kB', '30x' or 'factor=30'; words that say why it is none of these. */
export function readTarget(text: string): BudgetTarget | string {
  const bare = text.replaceAll(/\s/g, '').toLowerCase();
  const [, kind, digits = '', unit = ''] = written.exec(bare) ?? [];
  if (digits === '') return 'give bytes, as 70 kB, or a factor, as 30x';
  const amount = quoted(`${digits}${unit}`);
  const value = Number(digits.replace(',', '.'));
  const times = unit === 'x' || unit === '×';
  if (kind === 'factor' || (kind === undefined && times)) {
    if (unit !== '' && !times) return `${amount} is no factor: give a number, as 30x`;
    return value > 0 && value < Infinity
      ? { kind: 'factor', factor: value }
      : `${amount} is no number above 0`;
  }
  const size = units.get(unit);
  if (size === undefined)
    return times
      ? `${amount} is no number of bytes: give a size, as 70 kB`
      : 'the units are B, kB, MB, GB, KiB, MiB, GiB and x';
  // 15 digits take back what the product was rounded by, so that 1.001 kB are 1001 bytes.
  const bytes = size === 1 ? value : Math.floor(Number((value * size).toPrecision(15)));
  return Number.isSafeInteger(bytes) && bytes > 0
    ? { kind: 'bytes', bytes }
    : `${amount} is no whole number of bytes above 0`;
}

/** As readTarget. Throws RecipeError. */
export function parseBudget(text: string): BudgetTarget {
  const target = readTarget(text);
  if (typeof target === 'string') throw new RecipeError(`budget ${quoted(text)}: ${target}`);
  return target;
}

/** In one spelling. */
export const budgetRuleText = (target: BudgetTarget): string =>
  target.kind === 'bytes' ? `bytes=${target.bytes.toString()}` : `factor=${target.factor.toString()}`;

/** The most bytes that the coded weights may take; `denseBits` as they are stored. */
export const targetBytes = (target: BudgetTarget, denseBits: number): number =>
  target.kind === 'bytes' ? target.bytes : Math.floor(denseBits / target.factor / 8);

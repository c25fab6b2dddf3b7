/**
 * Figures as people read them: three significant figures, units always, decimal prefixes (1 MB = 10^6 bytes).
 * The only place that rounds; JSON and CSV carry the numbers as they are.
 */

/** Thin no-break space: groups thousands and stands before units. */
export const thin = '\u202f';
/** True minus sign. */
export const minus = '\u2212';

/** Whole numbers in groups of three: '430 500'. */
export function countText(n: number): string {
  if (!Number.isFinite(n)) return notANumber(n);
  const digits = Math.abs(Math.round(n)).toFixed(0);
  return (n < 0 && digits !== '0' ? minus : '') + grouped(digits);
}

/** Any number to three significant figures: '0.0424', '13.6', '8 190', '1.23 × 10⁻⁵'. */
export function numberText(x: number): string {
  if (!Number.isFinite(x)) return notANumber(x);
  if (x === 0) return '0';
  const sign = x < 0 ? minus : '';
  const [mantissa = '', power = '0'] = Math.abs(x).toExponential(2).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent > 14) return `${sign}${mantissa}${thin}×${thin}10${raised(exponent)}`;
  return sign + plainDigits(Number(`${mantissa}e${power}`), exponent);
}

/** '512 B', '6.11 kB', '1.73 MB'. A started byte is a byte. */
export function bytesText(bytes: number): string {
  if (Math.abs(bytes) < 1000) return `${countText(Math.ceil(bytes))}${thin}B`;
  return prefixed(bytes, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** A size in bits, written as the bytes that it fills. */
export const bitsAsBytesText = (bits: number): string => bytesText(Math.ceil(bits / 8));

/** '5 bits', '1 bit', '4.13 bits'. */
export const bitsText = (bits: number): string =>
  `${Number.isInteger(bits) ? countText(bits) : numberText(bits)}${thin}${bits === 1 ? 'bit' : 'bits'}`;

/** '500', '5 000', '25.0 k', '431 k', '61.0 M': a count where room is short. */
export const shortCountText = (n: number): string =>
  Math.abs(n) < 10_000 ? countText(n) : prefixed(n, ['', 'k', 'M', 'G', 'T', 'P']);

/** '400 kMAC', '2.29 MMAC': multiply-accumulates. */
export const macsText = (macs: number): string =>
  Math.abs(macs) < 1000
    ? `${countText(macs)}${thin}MAC`
    : prefixed(macs, ['MAC', 'kMAC', 'MMAC', 'GMAC', 'TMAC', 'PMAC']);

/** '24 %', '8.37 %'. A share that is not 0 or 1 never reads as 0 or 100. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return notANumber(share);
  const percent = 100 * share;
  if (percent > 0 && percent < 0.01) return `<0.01${thin}%`;
  if (percent < 100 && percent > 99.9) return `>99.9${thin}%`;
  return `${trimmed(numberText(percent))}${thin}%`;
}

/** '66 %', '8.4 %', '0.1 %': a share in a column, where three figures would be noise. */
export function shortPercentText(share: number): string {
  const percent = 100 * share;
  if (!(percent >= 0 && percent <= 100)) return percentText(share);
  if (percent > 0 && percent < 0.1) return `<0.1${thin}%`;
  if (percent < 100 && percent >= 99.5) return `>99${thin}%`;
  return `${percent < 9.95 ? trimmed(percent.toFixed(1)) : percent.toFixed(0)}${thin}%`;
}

/** A number on an axis whose ticks are `step` apart: as many decimals as the step has. */
export function tickText(value: number, step: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (!Number.isFinite(decimals) || decimals > 5) return numberText(value);
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.');
  return (value < 0 ? minus : '') + grouped(whole) + (fraction === undefined ? '' : `.${fraction}`);
}

/** '7.60x': dense divided by this. Never hidden when below 1. */
export const factorText = (factor: number): string => `${numberText(factor)}x`;

/** '13.6 dB'. */
export const decibelText = (db: number): string => `${numberText(db)}${thin}dB`;

/** From microjoules: '8.35 µJ', '39.0 mJ'. */
export function energyText(microjoules: number): string {
  const nanojoules = microjoules * 1000;
  if (Math.abs(nanojoules) < 1000) return `${numberText(nanojoules)}${thin}nJ`;
  return prefixed(nanojoules, ['nJ', 'µJ', 'mJ', 'J', 'kJ', 'MJ']);
}

/** '1.31 W', '551 µW'. */
export const wattsText = (watts: number): string =>
  prefixed(watts * 1e9, ['nW', 'µW', 'mW', 'W', 'kW', 'MW']);

/** '500 × 800'. */
export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0 ? 'scalar' : shape.map((n) => countText(n)).join(`${thin}×${thin}`);

/** '1 layer', '4 layers': a count with its noun. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${countText(n)} ${n === 1 ? one : many}`;

/** The largest prefix under which three significant figures are at least 1: 999 600 is '1.00 M', not '1 000 k'. */
function prefixed(value: number, units: readonly string[]): string {
  if (!Number.isFinite(value)) return notANumber(value);
  let scaled = value;
  let step = 0;
  while (step < units.length - 1 && Number(Math.abs(scaled).toPrecision(3)) >= 1000) {
    scaled /= 1000;
    step += 1;
  }
  return `${numberText(scaled)}${thin}${units[step] ?? ''}`.trimEnd();
}

/** A positive number that is already rounded, written without an exponent. */
function plainDigits(rounded: number, exponent: number): string {
  if (exponent >= 2) return grouped(rounded.toFixed(0));
  return rounded.toFixed(2 - exponent);
}

const grouped = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, thin);
const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
const raised = (power: number): string =>
  power.toString().replaceAll(/[-\d]/g, (sign) => (sign === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)] ?? '')));
const notANumber = (x: number): string =>
  Number.isNaN(x) ? 'not a number' : `${x < 0 ? minus : ''}infinity`;

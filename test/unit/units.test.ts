import assert from 'node:assert/strict';
import test from 'node:test';
import {
  bitsAsBytesText,
  bitsText,
  bytesText,
  counted,
  countText,
  decibelText,
  energyText,
  factorText,
  macsText,
  numberText,
  percentText,
  shapeText,
  shortCountText,
} from '../../analyzers/report/units.ts';

/** Shown with ordinary spaces and minus, so that the expectations can be read. */
const read = (text: string): string => text.replaceAll('\u202f', ' ').replaceAll('\u2212', '-');

test('numbers have three significant figures and thin grouping', () => {
  const given = [0, 1, 13.64, 0.04239, 8194, 431080, 0.0001234, 0.00001234, -0.5, 1e20, 999.6];
  assert.deepEqual(given.map(numberText).map(read), [
    '0',
    '1.00',
    '13.6',
    '0.0424',
    '8 190',
    '431 000',
    '0.000123',
    '1.23 × 10⁻⁵',
    '-0.500',
    '1.00 × 10²⁰',
    '1 000',
  ]);
});

test('groups and units are set with the thin no-break space, and minus is the true one', () => {
  assert.equal(countText(431080), '431\u202f080');
  assert.equal(bytesText(1_725_079), '1.73\u202fMB');
  assert.equal(countText(-1), '\u22121');
});

test('counts are exact to the last digit', () => {
  assert.deepEqual([0, 7, 999, 1000, 430500, 2 ** 53 - 1, -12345].map(countText).map(read), [
    '0',
    '7',
    '999',
    '1 000',
    '430 500',
    '9 007 199 254 740 991',
    '-12 345',
  ]);
});

test('bytes move to the next prefix before they would read 1 000', () => {
  const given = [0, 0.5, 999, 1000, 6110, 172_400, 999_499, 999_500, 1_725_079, 244e6, 5.5e18];
  assert.deepEqual(given.map(bytesText).map(read), [
    '0 B',
    '1 B',
    '999 B',
    '1.00 kB',
    '6.11 kB',
    '172 kB',
    '999 kB',
    '1.00 MB',
    '1.73 MB',
    '244 MB',
    '5 500 PB',
  ]);
  assert.equal(read(bitsAsBytesText(9)), '2 B');
});

test('a share that is neither nothing nor all never reads as 0 or 100 percent', () => {
  const given = [0, 1e-9, 0.0012, 0.0837, 0.24, 0.2449, 0.9989, 0.99999, 1];
  assert.deepEqual(given.map(percentText).map(read), [
    '0 %',
    '<0.01 %',
    '0.12 %',
    '8.37 %',
    '24 %',
    '24.5 %',
    '99.9 %',
    '>99.9 %',
    '100 %',
  ]);
});

test('factors, decibels, energies, MACs, bits and shapes carry their signs and units', () => {
  assert.deepEqual([1, 7.6, 34.98, 0.931].map(factorText), ['1.00x', '7.60x', '35.0x', '0.931x']);
  assert.deepEqual([13.64, -3].map(decibelText).map(read), ['13.6 dB', '-3.00 dB']);
  assert.deepEqual([0.0005, 8.351, 275.52, 39040].map(energyText).map(read), [
    '0.500 nJ',
    '8.35 µJ',
    '276 µJ',
    '39.0 mJ',
  ]);
  assert.deepEqual([0, 500, 400000, 2_293_000, 724e6].map(macsText).map(read), [
    '0 MAC',
    '500 MAC',
    '400 kMAC',
    '2.29 MMAC',
    '724 MMAC',
  ]);
  assert.deepEqual([1, 5, 4.128].map(bitsText).map(read), ['1 bit', '5 bits', '4.13 bits']);
  assert.deepEqual([[], [10], [500, 800]].map(shapeText).map(read), ['scalar', '10', '500 × 800']);
  assert.deepEqual([500, 25000, 431080].map(shortCountText).map(read), ['500', '25.0 k', '431 k']);
  assert.deepEqual([counted(1, 'layer'), counted(4, 'layer')], ['1 layer', '4 layers']);
});

test('what is not a number says so', () => {
  assert.equal(numberText(Number.NaN), 'not a number');
  assert.equal(bytesText(Number.NaN), `not a number`);
  assert.equal(countText(Number.NEGATIVE_INFINITY), '\u2212infinity');
});

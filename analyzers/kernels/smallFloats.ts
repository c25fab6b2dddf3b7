/** How the codes at the top of the range, and negative zero, are used. */
interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * ieee    exponent all ones: infinity, or NaN with any mantissa bit
   * fn      finite: only the code of all ones is NaN, there is no infinity
   * fnuz    finite, unsigned zero: only the code of negative zero is NaN
   * finite  every code is a number
   */
  readonly top: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

const formats = {
  f8e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, top: 'fn' },
  f8e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, top: 'fnuz' },
  f8e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, top: 'ieee' },
  f8e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, top: 'fnuz' },
  f4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, top: 'finite' },
} as const satisfies Record<string, FloatFormat>;

/** Value of one code: sign, exponent, mantissa from the top; subnormals where the exponent is 0. */
function valueOf(code: number, format: FloatFormat): number {
  const { exponentBits, mantissaBits, bias, top } = format;
  const magnitudes = 1 << (exponentBits + mantissaBits);
  const magnitude = code % magnitudes;
  const sign = code < magnitudes ? 1 : -1;
  const exponent = magnitude >> mantissaBits;
  const mantissa = magnitude % (1 << mantissaBits);
  if (top === 'fnuz' && magnitude === 0 && sign < 0) return Number.NaN;
  if (top === 'fn' && magnitude === magnitudes - 1) return Number.NaN;
  if (top === 'ieee' && exponent === (1 << exponentBits) - 1)
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const fraction = mantissa / (1 << mantissaBits);
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

const table = (format: FloatFormat): Float32Array =>
  Float32Array.from({ length: 1 << (1 + format.exponentBits + format.mantissaBits) }, (_, code) =>
    valueOf(code, format),
  );

/**
 * Values by code of the small floats. Sources: the 8-bit floats of Micikevicius et al. 2022 (FP8 Formats for Deep
 * Learning) and, with `fnuz`, of Noune et al. 2022; e8m0 and e2m1 of OCP Microscaling Formats 1.0, section 5.
 */
export const smallFloats = {
  f8e4m3fn: table(formats.f8e4m3fn),
  f8e4m3fnuz: table(formats.f8e4m3fnuz),
  f8e5m2: table(formats.f8e5m2),
  f8e5m2fnuz: table(formats.f8e5m2fnuz),
  f4e2m1: table(formats.f4e2m1),
  /** A power of two without a sign: 2^(code - 127); 255 is NaN. */
  f8e8m0: Float32Array.from({ length: 256 }, (_, code) => (code === 255 ? Number.NaN : 2 ** (code - 127))),
};

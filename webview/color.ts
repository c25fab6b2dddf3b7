/** 8-bit sRGB channels. */
export type Rgb = readonly [number, number, number];
/** OKLab (Ottosson 2020): lightness 0 to 1, green to red, blue to yellow. */
export type Lab = readonly [number, number, number];

const toLinear = (channel: number): number => {
  const v = channel / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

const fromLinear = (v: number): number => {
  const bounded = Math.min(1, Math.max(0, v));
  return 255 * (bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055);
};

export function labOf(rgb: Rgb): Lab {
  const [r, g, b] = [toLinear(rgb[0]), toLinear(rgb[1]), toLinear(rgb[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function rgbOf([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    Math.round(fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
    Math.round(fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
    Math.round(fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)),
  ];
}

/** Relative luminance (WCAG 2). */
const luminance = (rgb: Rgb): number =>
  0.2126 * toLinear(rgb[0]) + 0.7152 * toLinear(rgb[1]) + 0.0722 * toLinear(rgb[2]);

/** Contrast ratio (WCAG 2), 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [la, lb] = [luminance(a), luminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

/** A sequential scale for densities from 0 to 1, in one hue. */
export interface Ramp {
  /** Where the first density above 0 begins, as a share of the whole way. */
  readonly first: number;
  /** [256] from the background to the strongest ink. */
  readonly steps: readonly Rgb[];
}

const stepCount = 256;
/** Below this chroma an ink is grey, and so is its scale. */
const grey = 0.03;
/** A block with 1 kept weight of 16 must be told from the background: contrast of graphics (WCAG 2, 1.4.11). */
const seen = { density: 1 / 16, contrast: 3 } as const;

/**
 * From the theme's background through its ink to the far end of lightness: monotone and even in OKLab lightness;
 * chroma rises to the ink and falls again. The first step is as low as a block of 1 in 16 still stands out.
 */
export function rampOf(background: Rgb, ink: Rgb): Ramp {
  const from = labOf(background);
  const middle = labOf(ink);
  const end = from[0] < 0.5 ? 0.97 : 0.2;
  const inkAt = Math.min(0.98, Math.max(0.02, (middle[0] - from[0]) / (end - from[0])));
  const isGrey = Math.hypot(middle[1], middle[2]) < grey;
  const steps = Array.from({ length: stepCount }, (_, i): Rgb => {
    if (i === 0) return background;
    const t = i / (stepCount - 1);
    const weight = isGrey ? 0 : t < inkAt ? t / inkAt : (1 - t) / (1 - inkAt);
    return rgbOf([from[0] + (end - from[0]) * t, middle[1] * weight, middle[2] * weight]);
  });
  let first = 0.16;
  while (
    first < 0.5 &&
    contrast(background, steps[stepAt(first, seen.density)] ?? background) < seen.contrast
  )
    first += 0.01;
  return { first, steps };
}

/** Place of a density on the ramp, 0 to 1: exact zero is the background, the rest a square root from the first step. */
export const rampPlace = (first: number, density: number): number =>
  density > 0 ? first + (1 - first) * Math.sqrt(Math.min(1, density)) : 0;

const stepAt = (first: number, density: number): number =>
  Math.round((stepCount - 1) * rampPlace(first, density));

/** Index into `steps`. */
export const rampStep = (ramp: Ramp, density: number): number => stepAt(ramp.first, density);

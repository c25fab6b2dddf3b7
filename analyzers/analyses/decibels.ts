/** Signal to noise in dB; null where there is no noise (exact) or no finite ratio. */
export function decibels(signal: number, noise: number): number | null {
  const ratio = 10 * Math.log10(signal / noise);
  return Number.isFinite(ratio) ? ratio : null;
}

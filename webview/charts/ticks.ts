/** Steps of 1, 2 or 5 times a power of ten, such that at most `most` of them fit into `span`. */
export function niceStep(span: number, most: number): number {
  if (!(span > 0) || most < 1) return 1;
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  const times = [1, 2, 5].find((n) => ratio <= n + 1e-6) ?? 10;
  return power * times;
}

/** The multiples of `step` from `from` to `to`. */
export function ticksBetween(from: number, to: number, step: number): readonly number[] {
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

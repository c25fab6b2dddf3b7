/** Zeros before the next non-zero, where each weight is one with probability `density`; `random` is uniform in [0, 1). */
export function geometricGaps(density: number, random: () => number): () => number {
  if (density === 0) return () => Infinity;
  if (density === 1) return () => 0;
  const perZero = Math.log1p(-density);
  return () => Math.floor(Math.log(1 - random()) / perZero);
}

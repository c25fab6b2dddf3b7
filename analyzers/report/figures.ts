import data from './benchmarks.json';

export type RunKind = 'denseBatch1' | 'sparseBatch1' | 'denseBatch64' | 'sparseBatch64';

/** One bar of the paper's figures for one layer: how many times faster, and how many times less energy, than the CPU. */
export interface FigureBar {
  readonly platform: string;
  readonly run: RunKind | 'eie';
  readonly speedup: number;
  /** Null where no power was published. */
  readonly energyEfficiency: number | null;
}

/** The nine layers that EIE was measured on (Table III). */
export const benchmarkLayers = data.benchmarks;

/**
 * Figures 6 and 7 of EIE, recomputed from times (Table IV) and powers (Deep Compression, Table 9): against the CPU on
 * the dense layer at batch 1. `timeUs` and `powerW` may be those of a simulation in place of the published ones.
 */
export function figureBars(
  layer: string,
  eie: { readonly timeUs: number; readonly powerW: number } | null = null,
): readonly FigureBar[] {
  const at = data.layers.indexOf(layer);
  const cpu = data.platforms[0];
  if (at < 0 || cpu === undefined) throw new RangeError(`${layer} is none of ${data.layers.join(', ')}`);
  const base = cpu.timeUs.denseBatch1[at] ?? Number.NaN;
  const basePower = cpu.powerW.denseBatch1[at];
  const bar = (
    platform: string,
    run: FigureBar['run'],
    us: number,
    watts: number | undefined,
  ): FigureBar => ({
    platform,
    run,
    speedup: base / us,
    energyEfficiency:
      basePower === undefined || watts === undefined ? null : (base * basePower) / (us * watts),
  });
  const bars = data.platforms.flatMap(({ id, timeUs, powerW }) =>
    (['denseBatch1', 'sparseBatch1'] as const).map((run) =>
      bar(id, run, timeUs[run][at] ?? Number.NaN, powerW[run][at]),
    ),
  );
  const published = { timeUs: data.eie.actualUs[at] ?? Number.NaN, powerW: data.eie.powerW };
  const { timeUs, powerW } = eie ?? published;
  return [...bars, bar('EIE', 'eie', timeUs, powerW)];
}

/** Times of EIE itself for one of the nine layers (Table IV), in microseconds: by its work alone, and as simulated by its authors. */
export function benchmarkTimes(layer: string): { readonly theoreticalUs: number; readonly actualUs: number } {
  const at = data.layers.indexOf(layer);
  const [theoreticalUs, actualUs] = [data.eie.theoreticalUs[at], data.eie.actualUs[at]];
  if (theoreticalUs === undefined || actualUs === undefined)
    throw new RangeError(`${layer} is none of ${data.layers.join(', ')}`);
  return { theoreticalUs, actualUs };
}

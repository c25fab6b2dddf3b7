import data from './benchmarks.json';
import type { LayerEie } from './eie.ts';
import type { RunKind } from './figures.ts';
import pe from './processingElement.json';
import published from './platforms.json';
import { factorText, numberText, thin } from './units.ts';

/** One platform computing one layer for one input vector. */
export interface PlatformTime {
  /** 'CPU', 'GPU', 'mGPU' or 'EIE'. */
  readonly platform: string;
  readonly name: string;
  readonly run: RunKind | 'eie';
  /** 'paper': of the benchmark layer; 'simulated': of the opened layer itself. */
  readonly basis: 'paper' | 'simulated';
  readonly timeUs: number;
  /** Null where no power was published. */
  readonly powerW: number | null;
  readonly energyUj: number | null;
  /** CPU, dense, batch 1 / this; null where the opened layer has no such benchmark. */
  readonly speedup: number | null;
  readonly energyEfficiency: number | null;
}

export interface PlatformTimes {
  /** The layer of EIE's Table III of the same shape, the nearest density where there are two; null when there is none. */
  readonly benchmark: string | null;
  readonly rows: readonly PlatformTime[];
  /** Whole sentences. */
  readonly notes: readonly string[];
}

/** What is known of the opened layer. `density`: non-zeros / weights. */
export interface SimulatedLayer {
  readonly rows: number;
  readonly cols: number;
  readonly density: number | null;
  readonly eie: Pick<LayerEie, 'pes' | 'timeUs' | 'energyUj' | 'projection' | 'activationSource'>;
}

const runs = ['denseBatch1', 'sparseBatch1', 'denseBatch64', 'sparseBatch64'] as const;

/** The benchmark layer with so many outputs and inputs whose density is nearest. */
export function benchmarkOf({
  rows,
  cols,
  density,
}: Omit<SimulatedLayer, 'eie'>): (typeof data.benchmarks)[number] | null {
  const off = (percent: number): number =>
    density === null ? 0 : Math.abs(Math.log(Math.max(density, 1e-6) / (percent / 100)));
  return (
    data.benchmarks
      .filter(({ inputs, outputs }) => inputs === cols && outputs === rows)
      .toSorted((a, b) => off(a.weightPercent) - off(b.weightPercent))[0] ?? null
  );
}

/**
 * The published times (Table IV) and powers (Deep Compression, Table 9) of the benchmark layer like this one, beside the
 * opened layer's own simulated time and energy. Times are for one input: at batch 64, a 64th of the batch.
 */
export function platformTimes(layer: SimulatedLayer): PlatformTimes {
  const { eie } = layer;
  const benchmark = eie.projection ? null : benchmarkOf(layer);
  const at = benchmark === null ? -1 : data.layers.indexOf(benchmark.layer);
  const own = {
    platform: 'EIE',
    name: `EIE, ${eie.pes.toString()} PEs, this layer`,
    run: 'eie',
    basis: 'simulated',
    timeUs: eie.timeUs,
    powerW: eie.timeUs === 0 ? null : eie.energyUj / eie.timeUs,
    energyUj: eie.energyUj,
  } as const;
  if (benchmark === null)
    return {
      benchmark: null,
      rows: [{ ...own, speedup: null, energyEfficiency: null }],
      notes: [
        eie.projection
          ? 'A projected convolution has no published time to stand beside.'
          : 'No benchmark layer of the paper has this shape, so no published time stands beside it.',
      ],
    };
  const times = data.platforms.flatMap(({ id, name, timeUs, powerW }) =>
    runs.map((run) => ({
      platform: id,
      name,
      run,
      basis: 'paper' as const,
      ...energyOf(timeUs[run][at] ?? Number.NaN, powerW[run][at]),
    })),
  );
  const eieTime = energyOf(data.eie.actualUs[at] ?? Number.NaN, data.eie.powerW);
  const all = [
    ...times,
    { platform: 'EIE', name: 'EIE, 64 PEs', run: 'eie' as const, basis: 'paper' as const, ...eieTime },
    own,
  ];
  const [base] = all;
  return {
    benchmark: benchmark.layer,
    rows: all.map((row) => ({
      ...row,
      speedup: base === undefined || row.timeUs === 0 ? null : base.timeUs / row.timeUs,
      energyEfficiency:
        typeof base?.energyUj === 'number' && typeof row.energyUj === 'number' && row.energyUj > 0
          ? base.energyUj / row.energyUj
          : null,
    })),
    notes: notesOf(
      benchmark,
      layer,
      times.some(({ powerW }) => powerW === null),
    ),
  };
}

const us = (time: number): string => `${numberText(time)}${thin}µs`;

/** Whole sentences; none where no benchmark has the layer's shape. */
export function platformLines({ benchmark, rows }: PlatformTimes): readonly string[] {
  const own = rows.find(({ basis }) => basis === 'simulated');
  const eie = rows.find(({ run, basis }) => run === 'eie' && basis === 'paper');
  if (benchmark === null || own === undefined || eie === undefined) return [];
  const dense = rows.filter(({ run }) => run === 'denseBatch1');
  return [
    `Beside ${benchmark} of the paper, dense and one vector at a time: ${dense
      .map(({ platform, timeUs }) => `${platform} ${us(timeUs)}`)
      .join(', ')}, and EIE ${us(eie.timeUs)}. This layer in ${us(own.timeUs)}: ${
      own.timeUs === 0
        ? 'it has nothing to compute'
        : `${dense.map(({ timeUs }) => factorText(timeUs / own.timeUs)).join(', ')} as fast`
    }.`,
  ];
}

const energyOf = (
  timeUs: number,
  powerW: number | undefined,
): Pick<PlatformTime, 'timeUs' | 'powerW' | 'energyUj'> => ({
  timeUs,
  powerW: powerW ?? null,
  energyUj: powerW === undefined ? null : powerW * timeUs,
});

function notesOf(
  { layer, weightPercent, activationPercent }: (typeof data.benchmarks)[number],
  { density, eie }: SimulatedLayer,
  powerless: boolean,
): string[] {
  const at = data.layers.indexOf(layer);
  const cpu = data.platforms[0]?.timeUs;
  const ratio = (sparse: RunKind, dense: RunKind): number =>
    (cpu?.[sparse][at] ?? Number.NaN) / (cpu?.[dense][at] ?? Number.NaN);
  const slower = ratio('sparseBatch64', 'denseBatch64');
  const alone = ratio('sparseBatch1', 'denseBatch1');
  const own = density === null ? '' : `; this layer's is ${numberText(100 * density)} %`;
  return [
    `Published times are of ${layer}, whose density is ${weightPercent.toString()} %${own}; its activations are non-zero to ${activationPercent.toString()} %, here: ${eie.activationSource}.`,
    `At batch 64 the sparse product of ${layer} takes ${factorText(slower)} as long as the dense one on the CPU, at batch 1 ${factorText(alone)}; the accelerator takes one vector at a time.`,
    ...(powerless ? ['No power was published for this layer on the other platforms.'] : []),
  ];
}

/** A row of EIE's Table V, and the opened layer's after them. */
export interface PlatformSummary {
  readonly name: string;
  readonly year: number | null;
  readonly type: string;
  readonly technologyNm: number;
  /** Null: asynchronous. */
  readonly clockMhz: number | null;
  readonly memory: string;
  readonly quantisation: string;
  readonly areaMm2: number | null;
  readonly powerW: number | null;
  readonly vectorsPerSecond: number | null;
  readonly perSecondPerMm2: number | null;
  readonly perJoule: number | null;
  readonly basis: 'paper' | 'simulated';
}

/** Square millimetres of so many processing elements with their detection nodes, by Table II: 40.8 for 64. */
export const eieAreaMm2 = (pes: number): number =>
  (pes * pe.total.areaUm2 + Math.ceil((pes - 1) / 3) * pe.detectionNode.areaUm2) / 1e6;

/** Table V (fc7 of AlexNet; TrueNorth: an LSTM), and the opened layer under the same columns. */
export function platformSummaries(
  layer: { readonly eie: Pick<LayerEie, 'pes' | 'clockMhz' | 'timeUs' | 'energyUj'> } | null,
): readonly PlatformSummary[] {
  const rows = published.platforms.map(({ clockMhz, ...row }): PlatformSummary => ({
    ...row,
    clockMhz: typeof clockMhz === 'number' ? clockMhz : null,
    basis: 'paper',
  }));
  if (layer === null) return rows;
  const { pes, clockMhz, timeUs, energyUj } = layer.eie;
  const areaMm2 = eieAreaMm2(pes);
  const perSecond = timeUs === 0 ? null : 1e6 / timeUs;
  return [
    ...rows,
    {
      name: `EIE, ${pes.toString()} PEs, this layer`,
      year: null,
      type: 'ASIC',
      technologyNm: 45,
      clockMhz,
      memory: 'SRAM',
      quantisation: '4b fixed',
      areaMm2,
      powerW: timeUs === 0 ? null : energyUj / timeUs,
      vectorsPerSecond: perSecond,
      perSecondPerMm2: perSecond === null ? null : perSecond / areaMm2,
      perJoule: energyUj === 0 ? null : 1e6 / energyUj,
      basis: 'simulated',
    },
  ];
}

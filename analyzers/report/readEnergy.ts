import reads from './alexnetReads.json';
import { denseRead, publishedEnergy, type EnergyPrices } from './energyTable.ts';
import type { Totals } from './report.ts';

/** What reading weights once for each inference takes. Basis: assumed, Horowitz's prices at 45 nm; nothing is cached. */
export interface ReadEnergy {
  readonly what: string;
  readonly weights: number;
  readonly bits: number;
  /** Microjoules an inference, in words of 32 bits. */
  readonly dramUj: number;
  readonly sramUj: number;
  /** Watts for so many inferences a second, from DRAM and from SRAM. */
  readonly dramWatts: number;
  readonly sramWatts: number;
  /** What the source prints, where it prints a figure. */
  readonly printedWatts: number | null;
  /** Where the row is from; null for the opened model. */
  readonly source: string | null;
}

/** Inferences a second of the last columns: a video's. */
export const framesPerSecond = 30;

/** Microjoules to read so many bits once, in words of 32 bits. */
export const dramReadUj = (bits: number): number => denseRead(bits).dramUj;
export const sramReadUj = (bits: number): number => denseRead(bits).sramUj;

/**
 * The opened model, dense and coded, beside the lecture's statement on AlexNet (68 million weights x 640 pJ x 30 a
 * second = 1.3 W) and the papers' count of the same network (61 million: 1.17 W).
 */
export function readEnergyRows(
  { weights, bits }: Pick<Totals, 'weights' | 'bits'>,
  energy: EnergyPrices = publishedEnergy,
): readonly ReadEnergy[] {
  return [
    rowOf('this model, dense', weights, bits.dense, energy),
    rowOf('this model, coded', weights, bits.coded, energy),
    ...reads.map((row) => ({
      ...rowOf(row.who, row.weights, 32 * row.weights),
      printedWatts: row.printedWatts,
      source: row.source,
    })),
  ];
}

function rowOf(
  what: string,
  weights: number,
  bits: number,
  energy: EnergyPrices = publishedEnergy,
): ReadEnergy {
  const { dramUj, sramUj } = denseRead(bits, energy);
  return {
    what,
    weights,
    bits,
    dramUj,
    sramUj,
    dramWatts: (dramUj * framesPerSecond) / 1e6,
    sramWatts: (sramUj * framesPerSecond) / 1e6,
    printedWatts: null,
    source: null,
  };
}

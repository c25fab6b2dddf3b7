import { publishedEie, type EieMachine, type LayerEie } from './eie.ts';
import { publishedEnergy, type EnergyPrices } from './energyTable.ts';
import type { LayerReport } from './layerReport.ts';
import { countText, energyText, factorText } from './units.ts';

export type SavingId = 'memory' | 'density' | 'width' | 'places' | 'activations' | 'words';

/** One source of saving, or of cost, in what reading a layer's weights takes. */
export interface Saving {
  readonly id: SavingId;
  readonly label: string;
  /** How many times less energy than the step before; below 1 a cost. Null when nothing is left to read. */
  readonly factor: number | null;
  /** What the paper gives for it; null where it gives none. */
  readonly paper: number | null;
  /** Microjoules to read the weights once, with this step and those before. */
  readonly uj: number;
  /** exact: the layer's results stay the same. */
  readonly result: 'exact' | 'approximate';
  /** static: the same for every input. */
  readonly when: 'static' | 'dynamic';
  /** One sentence: what was counted. */
  readonly text: string;
}

export interface Waterfall {
  /** Every weight in 32 bits, read once from DRAM. */
  readonly denseUj: number;
  readonly steps: readonly Saving[];
  /** denseUj / that of the last step; null when nothing is read. */
  readonly factor: number | null;
  /** Product of the paper's factors. */
  readonly paper: number;
}

export interface WaterfallInput {
  readonly weights: number;
  /** Of the matrix as the accelerator holds it. */
  readonly nonZeros: number;
  /** Whether the recipe removed weights that were not 0, and whether shared values differ from the stored ones. */
  readonly pruned: boolean;
  readonly rounded: boolean;
  readonly eie: Pick<LayerEie, 'entries' | 'activeEntries' | 'pointerReads' | 'spmatReads' | 'fits'>;
  readonly machine: Pick<EieMachine, 'codeBits' | 'indexBits' | 'sramBits'>;
}

/** EIE, abstract: from DRAM to SRAM 120, sparsity 10, weight sharing 8, zero activations 3. */
const paper = { memory: 120, density: 10, width: 8, activations: 3 } as const;
const wordBits = 32;

/**
 * The lecture's sources of saving, each counted on this layer: what reading its weights takes as one after the other is
 * applied. Arithmetic is not in it.
 */
export function waterfall(
  { weights, nonZeros, pruned, rounded, eie, machine }: WaterfallInput,
  energy: EnergyPrices = publishedEnergy,
): Waterfall {
  const { codeBits, indexBits, sramBits } = machine;
  const entryBits = codeBits + indexBits;
  const sram = (bits: number): number => ((bits / wordBits) * energy.sramRead32Pj) / 1e6;
  const denseUj = (weights * energy.dramRead32Pj) / 1e6;
  const fits = eie.fits.spmat && eie.fits.pointers;
  const rows: readonly Omit<Saving, 'factor'>[] = [
    {
      id: 'memory',
      label: 'SRAM instead of DRAM',
      paper: paper.memory,
      uj: sram(weights * wordBits),
      result: 'exact',
      when: 'static',
      text: `A 32-bit word costs ${energy.sramRead32Pj.toString()} pJ from SRAM and ${energy.dramRead32Pj.toString()} pJ from DRAM; ${
        fits
          ? 'the compressed layer fits'
          : 'this layer does not fit the published memories and would be split'
      }.`,
    },
    {
      id: 'density',
      label: 'zero weights are not stored',
      paper: paper.density,
      uj: sram(nonZeros * wordBits),
      result: pruned ? 'approximate' : 'exact',
      when: 'static',
      text: pruned
        ? 'Pruned weights are left out: results change.'
        : 'Only weights that were 0 in the file are left out.',
    },
    {
      id: 'width',
      label: 'narrower weights',
      paper: paper.width,
      uj: sram(nonZeros * codeBits),
      result: rounded ? 'approximate' : 'exact',
      when: 'static',
      text: `${codeBits.toString()} bits of code instead of ${wordBits.toString()}${
        rounded ? ': a weight becomes the nearest shared value' : ', and no value changes'
      }.`,
    },
    {
      id: 'places',
      label: 'their places, and padding',
      paper: null,
      uj: sram(eie.entries * entryBits),
      result: 'exact',
      when: 'static',
      text: `${indexBits.toString()} bits for the place of each weight, and padding where more zeros lie between two than they can say: a cost.`,
    },
    {
      id: 'activations',
      label: 'zero activations are skipped',
      paper: paper.activations,
      uj: sram(eie.activeEntries * entryBits),
      result: 'exact',
      when: 'dynamic',
      text: 'Columns whose activation is 0 are not read: that changes no result, and depends on the input.',
    },
    {
      id: 'words',
      label: 'whole words, and pointers',
      paper: null,
      uj: sram(eie.spmatReads * sramBits + eie.pointerReads * wordBits),
      result: 'exact',
      when: 'dynamic',
      text: `Reads bring ${sramBits.toString()} bits whatever is needed of them, and every column of every element a pair of pointers: a cost.`,
    },
  ];
  const steps = rows.map((row, at): Saving => {
    const before = rows[at - 1]?.uj ?? denseUj;
    return { ...row, factor: row.uj === 0 ? null : before / row.uj };
  });
  const last = steps.at(-1)?.uj ?? 0;
  return {
    denseUj,
    steps,
    factor: last === 0 ? null : denseUj / last,
    paper: Object.values(paper).reduce((product, factor) => product * factor, 1),
  };
}

/** Of a layer of the report; null where the accelerator does not compute it, or it is a projection. */
export function waterfallOf(
  layer: Pick<LayerReport, 'weights' | 'prune' | 'share' | 'profile' | 'eie'>,
  eie: LayerEie | null = layer.eie,
  machine: EieMachine = publishedEie,
  energy: EnergyPrices = publishedEnergy,
): Waterfall | null {
  const { prune, share, profile, weights } = layer;
  if (eie === null || eie.projection || prune === null || profile === null) return null;
  const codes = 2 ** machine.codeBits - 1;
  return waterfall(
    {
      weights,
      nonZeros: prune.kept,
      pruned: prune.kept < weights - profile.zeros,
      // Values that are not shared, or by more codes than there are, have still to be.
      rounded: share === null || share.k > codes || share.mse > 0,
      eie,
      machine,
    },
    energy,
  );
}

/** Whole sentences: every step beside the paper's, and the product. */
export function waterfallLines({ denseUj, steps, factor, paper: product }: Waterfall): readonly string[] {
  const told = steps.map(
    ({ label, factor: own, paper: printed, result, when }) =>
      `${label} ${own === null ? 'nothing' : factorText(own)} (${printed === null ? 'a cost' : `paper ${countText(printed)}x`}; ${result}, ${when})`,
  );
  return [
    `Reading the weights, from ${energyText(denseUj)} for all of them at 32 bits from DRAM: ${told.join(', ')}.`,
    factor === null
      ? 'Nothing is left to read.'
      : `Together ${factorText(factor)}, ${energyText(denseUj / factor)}; the paper's factors multiply to ${countText(product)}x.`,
  ];
}

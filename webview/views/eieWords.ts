import { plain } from '../../analyzers/report/clean.ts';
import type { LayerEie } from '../../analyzers/report/eie.ts';
import type { EieLoss, EieStudy } from '../../analyzers/report/eieStudy.ts';
import { denseRead, energyModels } from '../../analyzers/report/energyTable.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { platformTimes, type PlatformTimes } from '../../analyzers/report/platforms.ts';
import {
  bitsAsBytesText,
  countText,
  energyText,
  numberText,
  percentText,
} from '../../analyzers/report/units.ts';
import { waterfallOf, type Waterfall } from '../../analyzers/report/waterfall.ts';
import { microseconds } from '../charts/eieScene.ts';

/** A study of a layer that is modelled. */
export type Modelled = EieStudy & { readonly estimate: LayerEie };

export const isModelled = (study: EieStudy): study is Modelled => study.estimate !== null;

/** One figure: what it is, the figure, and what it stands on. */
export interface Fact {
  readonly what: string;
  readonly value: string;
  readonly terms: string;
}

const held = { spmat: 'entries', pointers: 'pointers', activations: 'activations' } as const;

/** What one product takes; every figure says what it is of. */
export function eieFacts(
  { rows, cols }: LayerReport,
  { estimate: eie, activations, ask, usefulShare }: Modelled,
): Fact[] {
  const dense = denseRead(32 * rows * cols, ask.energy);
  const prices = ask.energy === undefined ? '' : `, ${plain(ask.energy.name)}`;
  const misfit = Object.entries(held).filter(([key]) => !eie.fits[key as keyof typeof held]);
  const share = eie.entries === 0 ? 0 : eie.padding / eie.entries;
  return [
    {
      what: 'cycles',
      value: countText(eie.cycles),
      terms: `simulated; by the work alone ${numberText(eie.theoreticalCycles)}`,
    },
    {
      what: 'time',
      value: microseconds(eie.timeUs),
      terms: `simulated, ${countText(eie.clockMhz)} MHz; theoretical ${microseconds(eie.theoreticalUs)}`,
    },
    {
      what: 'load balance',
      value: percentText(eie.loadBalance),
      terms: `theoretical / actual cycles; ${percentText(usefulShare)} of the PE cycles on non-zeros`,
    },
    {
      what: 'entries',
      value: countText(eie.entries),
      terms: `${countText(eie.entries - eie.padding)} non-zeros + ${countText(eie.padding)} padding (${percentText(share)})`,
    },
    {
      what: 'active inputs',
      value: `${countText(activations.active)} of ${countText(activations.columns)}`,
      terms: `${plain(eie.activationSource)}; they save ${percentText(activations.savedWork)} of the work, exactly`,
    },
    {
      what: 'reads',
      value: countText(eie.spmatReads),
      terms: `words of ${countText(ask.machine.sramBits)} bits, simulated; ${countText(eie.pointerReads)} pairs of pointers`,
    },
    {
      what: 'energy, published power',
      value: energyText(eie.energyUj),
      terms: `simulated time × power of Table II (paper)${prices}`,
    },
    {
      what: 'energy, counted events',
      value: energyText(eie.energyBottomUpUj),
      terms: `simulated reads and arithmetic × Table I (paper)${prices}`,
    },
    {
      what: 'dense read once',
      value: energyText(dense.dramUj),
      terms: `32 bits a weight from DRAM; ${energyText(dense.sramUj)} from SRAM`,
    },
    {
      what: 'memory',
      value: bitsAsBytesText(eie.bits.entries + eie.bits.pointers + eie.bits.codebook),
      terms: `entries ${bitsAsBytesText(eie.bits.entries)}, pointers ${bitsAsBytesText(eie.bits.pointers)}, codebook ${bitsAsBytesText(eie.bits.codebook)}`,
    },
    {
      what: 'fits',
      value: misfit.length === 0 ? 'yes' : 'no',
      terms:
        misfit.length === 0
          ? 'entries, pointers and activations in the memories of a PE'
          : `${misfit.map(([, name]) => name).join(' and ')} must be split: see the notes`,
    },
  ];
}

export const energyWords: readonly string[] = [energyModels['eie-table-2'], energyModels.events];

/** Causes that take cycles, the largest first. */
export const lossesOf = ({ losses }: EieStudy): readonly EieLoss[] =>
  losses.filter(({ cycles }) => cycles > 0).toSorted((a, b) => b.cycles - a.cycles);

/** What keeps the layer from its theoretical time, in one sentence. */
export function whySlow({ estimate: eie, losses }: Modelled): string {
  const [worst] = losses
    .filter(({ cause, cycles }) => cause !== 'work' && cycles > 0)
    .toSorted((a, b) => b.cycles - a.cycles);
  const actual = `${countText(eie.cycles)} cycles instead of ${numberText(eie.theoreticalCycles)} by the work alone`;
  return worst === undefined
    ? `${actual}: nothing is lost.`
    : `${actual}, most of all by ${causeNames[worst.cause]}: ${percentText(worst.cycles / Math.max(1, eie.cycles))} of the cycles.`;
}

export const causeNames = {
  work: 'work on non-zeros',
  padding: 'padding',
  empty: 'empty slices',
  imbalance: 'imbalance',
  starvation: 'waiting for activations',
  pipeline: 'the pipeline',
} as const satisfies Readonly<Record<EieLoss['cause'], string>>;

/** As the study counted it; else from the layer's report. */
export const savingsOf = (layer: LayerReport, { estimate, ask, waterfall }: Modelled): Waterfall | null =>
  waterfall ?? waterfallOf(layer, estimate, ask.machine, ask.energy);

export const platformsOf = ({ rows, cols }: LayerReport, { estimate: eie }: Modelled): PlatformTimes =>
  platformTimes({
    rows,
    cols,
    density: rows * cols === 0 ? null : (eie.entries - eie.padding) / (rows * cols),
    eie,
  });

/** Why the accelerator has no figures for a layer, or null. */
export function whyMissing({ eie, op, operator, encode, profile }: LayerReport): string | null {
  if (encode === null || profile === null) return 'This layer’s weights could not be read.';
  if (eie !== null) return null;
  if (op === 'conv')
    return 'EIE multiplies a matrix by a vector, and this is a convolution. `slimscope eie --convolutions` projects it, one product for each output position.';
  if (op === 'depthwise')
    return 'A depthwise convolution is not modelled: a row has one input channel of its own.';
  if (op === 'recurrent')
    return 'Both directions of this layer have a state of their own: it is not one product of a matrix and a vector.';
  if (profile.nonFinite > 0) return 'The layer has weights that are NaN or infinite.';
  return op === 'dense'
    ? 'The layer has more slices than are counted.'
    : `${plain(operator, 40)} is not one product of a matrix and a vector, so EIE does not compute it.`;
}
